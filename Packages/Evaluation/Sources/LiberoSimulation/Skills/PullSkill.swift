import Foundation
import Kinematics

/// Opens a drawer or door: takes its handle, the fingers on either side of the bar, and draws it out.
///
/// A level bar is taken from the front; an upright one from above, and the hand turns with the door.
struct PullSkill: Skill {
    enum Phase: String, Equatable, Sendable { case reach, engage, close, pull, open, retreat, finished }

    let joint: String
    let style: ScriptedExpert.Style
    let attempt: Int
    /// Of the fingers from pointing straight down, radians.
    var tilt: Double { [1.40, 1.25, 1.52][attempt % 3] }
    /// Beyond what counts as open, so that things fit in, metres or radians.
    static let openSlide = -0.152
    private static let openHinge = -1.36
    /// How far before the handle the hand comes down.
    private static let standOff = 0.07

    private(set) var phase = Phase.reach
    private var stepsInPhase = 0
    private var hasFailed = false
    private var lastFingers = SIMD2<Double>.zero
    private var approachHeight: Double?
    /// The farthest that the joint has come, and the step in which it did.
    private var farthest: (position: Double, step: Int) = (.infinity, 0)

    init(joint: String, style: ScriptedExpert.Style, attempt: Int) {
        (self.joint, self.style, self.attempt) = (joint, style, attempt)
    }

    var activity: String { "\(phase.rawValue) the handle of \(joint)" }
    var isDelicate: Bool { phase == .engage || phase == .close || phase == .open }

    mutating func step(_ view: SceneView) -> SkillStep {
        stepsInPhase += 1
        guard let facts = JointFacts(view, joint: joint), let handle = facts.handle else { return .failed }
        for _ in 0..<8 {
            if let command = act(view, facts, handle) { return .move(command) }
            if phase == .finished { break }
        }
        return hasFailed ? .failed : .done
    }

    private mutating func enter(_ next: Phase) {
        phase = next
        stepsInPhase = 0
    }

    /// Where the bar is held, how the hand stands then, and the direction from there to where it comes down.
    private func hold(
        _ facts: JointFacts, _ handle: JointFacts.Handle
    ) -> (grip: Vector3, orientation: Matrix3, back: Vector3) {
        let out = facts.openingDirection(at: handle.center)
        guard handle.isUpright else {
            let approach = -out * sin(tilt) - Vector3(0, 0, cos(tilt))
            return (
                handle.center + out * 0.004,
                HandMotion.orientation(approach: approach, closing: approach.cross(handle.direction)), out
            )
        }
        // as deep as the palm stays above the door; the fingers close along the door
        let grip = handle.center + Vector3(0, 0, handle.halfLength - [0.011, 0.008, 0.014][attempt % 3])
        var along = Vector3(0, 0, 1).cross(out)
        along /= max(along.length, 1e-9)
        var yaw = atan2(-along.x, along.y)
        while yaw < -1.3 { yaw += .pi }
        while yaw >= .pi - 1.3 { yaw -= .pi }
        return (grip, HandMotion.upright(yaw: yaw), Vector3(0, 0, 1))
    }

    private mutating func act(_ view: SceneView, _ facts: JointFacts, _ handle: JointFacts.Handle) -> HandCommand? {
        let out = facts.openingDirection(at: handle.center)
        let (grip, orientation, back) = hold(facts, handle)
        let turn = HandMotion.turn(view, to: orientation).length
        let error = grip - view.gripPosition
        let isOpen = facts.position < (facts.joint.kind == .slide ? Self.openSlide : Self.openHinge)

        switch phase {
        case .reach:
            if isOpen {
                enter(.finished)
                return nil
            }
            let before = grip + back * Self.standOff
            let gap = before - view.gripPosition
            if gap.length < 0.012, turn < 0.06 {
                enter(.engage)
                return nil
            }
            if stepsInPhase > 90 { return fail() }
            if approachHeight == nil {
                approachHeight =
                    max(HandMotion.travelHeight(view, to: before, object: facts.joint.object), before.z + 0.10)
                    + style.extraHeight
            }
            let distance = hypot(gap.x, gap.y)
            let away = max(distance, 0.1 * max(turn - 0.25, 0))
            let height = HandMotion.funnel(before.z, approachHeight ?? before.z, distance: away)
            // turned where it is needed: far out the arm may be unable to
            return HandCommand(
                position: Vector3(before.x, before.y, height),
                orientation: distance < 0.2 ? orientation : HandMotion.upright(yaw: 0), grip: -1, speed: style.speed)
        case .engage:
            if error.length < 0.009 || (stepsInPhase > 25 && error.length < 0.02) {
                lastFingers = view.fingerPositions
                enter(.close)
                return nil
            }
            if stepsInPhase > 50 { return fail() }
            return HandCommand(
                position: grip, orientation: orientation, grip: -1, speed: 0.5 * style.speed, risesFirst: false)
        case .close:
            let moved = view.fingerPositions - lastFingers
            lastFingers = view.fingerPositions
            if stepsInPhase > 12 || (stepsInPhase > 6 && abs(moved.x) < 0.0006 && abs(moved.y) < 0.0006) {
                enter(.pull)
                return nil
            }
            return HandCommand(position: grip, orientation: nil, grip: 1, speed: 0.2, risesFirst: false)
        case .pull:
            if isOpen {
                enter(.open)
                return nil
            }
            if facts.position < farthest.position - 0.003 { farthest = (facts.position, stepsInPhase) }
            // slipped off, or the hand has met something
            if error.length > 0.035 || stepsInPhase > farthest.step + 20 { return fail() }
            let ahead = grip + out * 0.035
            return HandCommand(
                position: ahead, orientation: turn > (handle.isUpright ? 0.04 : 0.12) ? orientation : nil, grip: 1,
                speed: style.speed,
                risesFirst: false)
        case .open:
            if stepsInPhase > 5 {
                enter(.retreat)
                return nil
            }
            return HandCommand(position: view.gripPosition, orientation: nil, grip: -1)
        case .retreat:
            // straight off the handle, then up
            let distance = (view.gripPosition - handle.center).dot(back)
            if distance > 0.06 + (handle.isUpright ? handle.halfLength : 0) || stepsInPhase > 20 {
                if view.gripPosition.z > handle.center.z + 0.12 || stepsInPhase > 34 {
                    enter(.finished)
                    return nil
                }
                return HandCommand(
                    position: view.gripPosition + Vector3(0, 0, 0.06), orientation: HandMotion.upright(yaw: 0),
                    grip: -1, speed: style.speed)
            }
            return HandCommand(
                position: view.gripPosition + back * 0.05, orientation: nil, grip: -1, speed: style.speed,
                risesFirst: false)
        case .finished:
            return nil
        }
    }

    private mutating func fail() -> HandCommand? {
        hasFailed = true
        enter(.open)
        return nil
    }
}
