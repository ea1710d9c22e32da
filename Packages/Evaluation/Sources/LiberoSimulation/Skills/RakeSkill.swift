import Foundation
import Kinematics

/// Opens a drawer whose handle leaves no room for a hand: lays the closed fingertips on the bar, presses and draws it out
/// by friction.
struct RakeSkill: Skill {
    enum Phase: String, Equatable, Sendable { case reach, press, draw, release, retreat, finished }

    let joint: String
    let style: ScriptedExpert.Style
    let attempt: Int
    /// Of the fingers from pointing straight down, radians: below the next drawer's bar, above the table; nearly upright
    /// where nothing is above.
    private func tilt(_ isCovered: Bool) -> Double {
        isCovered ? [1.0, 1.15, 0.9][attempt % 3] : [0.3, 0.5, 0.15][attempt % 3]
    }
    /// How far below the bar the fingertips are sent, metres; pressing is what draws the drawer.
    private var pressure: Double { [0.022, 0.030, 0.016][attempt % 3] }
    /// How far ahead of the bar they are sent, metres.
    private static let lead = 0.028
    private static let standOff = 0.06

    private(set) var phase = Phase.reach
    private var stepsInPhase = 0
    private var hasFailed = false
    private var approachHeight: Double?
    private var start = Vector3.zero
    /// Whether another bar sticks out above; decided when the skill begins.
    private var isCovered: Bool?

    init(joint: String, style: ScriptedExpert.Style, attempt: Int) {
        (self.joint, self.style, self.attempt) = (joint, style, attempt)
    }

    var activity: String { "\(phase.rawValue) the bar of \(joint)" }
    var isDelicate: Bool { phase == .press || phase == .draw }

    /// Whether a hand that takes the bar from the front would stand in the table or in what lies before the drawer.
    static func isNeeded(_ view: SceneView, joint name: String) -> Bool {
        guard let facts = JointFacts(view, joint: name), facts.joint.kind == .slide, let handle = facts.handle else {
            return false
        }
        let out = facts.openingDirection(at: handle.center)
        let place = handle.center + out * 0.06
        let below = ScenePoints(
            view, object: facts.joint.object, near: [place], within: 0.03
        ).others.map(\.z).filter { $0 < handle.center.z }.max()
        return handle.center.z - GripperShape().handReach < below ?? -.infinity
    }

    /// Whether something of the fixture is above the bar where the fingers or the palm of an upright hand would be.
    private static func isCovered(_ view: SceneView, _ facts: JointFacts, _ handle: JointFacts.Handle) -> Bool {
        let out = facts.openingDirection(at: handle.center)
        return ScenePoints(view, object: facts.joint.object, near: [handle.center], within: 0.15).own.contains { p in
            let d = p - handle.center
            let (rise, inward) = (d.z - handle.rise, -d.dot(out))
            guard abs(d.dot(handle.direction)) < GripperShape().handReach, rise > 0.008, rise < 0.2 else {
                return false
            }
            return inward < (rise > 0.036 ? 0.034 : 0.014)
        }
    }

    static func isCovered(_ view: SceneView, joint name: String) -> Bool {
        guard let facts = JointFacts(view, joint: name), let handle = facts.handle else { return true }
        return isCovered(view, facts, handle)
    }

    mutating func step(_ view: SceneView) -> SkillStep {
        stepsInPhase += 1
        guard let facts = JointFacts(view, joint: joint), let handle = facts.handle else { return .failed }
        for _ in 0..<8 {
            if let command = act(view, facts, handle) { return .move(command) }
            if phase == .finished { break }
        }
        return hasFailed ? .failed : .done
    }

    private mutating func enter(_ next: Phase, _ view: SceneView) {
        phase = next
        stepsInPhase = 0
        start = view.gripPosition
    }

    private mutating func act(_ view: SceneView, _ facts: JointFacts, _ handle: JointFacts.Handle) -> HandCommand? {
        let out = facts.openingDirection(at: handle.center)
        let covered = isCovered ?? Self.isCovered(view, facts, handle)
        isCovered = covered
        let tilt = tilt(covered)
        let approach = -out * sin(tilt) - Vector3(0, 0, cos(tilt))
        let orientation = HandMotion.orientation(approach: approach, closing: handle.direction)
        // the lower edge of the fingertips on the outer half of the bar
        let drop = 0.0092 * cos(tilt) + 0.0087 * sin(tilt)
        let contact = handle.center + out * 0.004 + Vector3(0, 0, handle.rise + drop)
        let turn = HandMotion.turn(view, to: orientation).length
        let isOpen = facts.position < PullSkill.openSlide

        switch phase {
        case .reach:
            if isOpen {
                enter(.finished, view)
                return nil
            }
            let before = contact - approach * Self.standOff
            let gap = before - view.gripPosition
            if gap.length < 0.012, turn < 0.08 {
                enter(.press, view)
                return nil
            }
            if stepsInPhase > 140 { return fail(view) }
            if approachHeight == nil {
                approachHeight =
                    max(HandMotion.travelHeight(view, to: before, object: facts.joint.object), before.z + 0.08)
                    + style.extraHeight
            }
            let distance = hypot(gap.x, gap.y)
            let away = max(distance, 0.1 * max(turn - 0.25, 0))
            let height = HandMotion.funnel(before.z, approachHeight ?? before.z, distance: away)
            return HandCommand(
                position: Vector3(before.x, before.y, height),
                orientation: distance < 0.2 ? orientation : HandMotion.upright(yaw: 0), grip: 1, speed: style.speed)
        case .press:
            let gap = contact - view.gripPosition
            if stepsInPhase > 4, gap.length < 0.008 || (stepsInPhase > 25 && gap.length < 0.02) {
                enter(.draw, view)
                return nil
            }
            if stepsInPhase > 40 { return fail(view) }
            return HandCommand(
                position: contact - Vector3(0, 0, 0.003), orientation: orientation, grip: 1, speed: 0.6 * style.speed,
                risesFirst: false)
        case .draw:
            if isOpen {
                enter(.release, view)
                return nil
            }
            let gap = contact - view.gripPosition
            if gap.length > 0.03 || stepsInPhase > 110 { return fail(view) }
            return HandCommand(
                position: contact + out * Self.lead - Vector3(0, 0, pressure),
                orientation: turn > 0.15 ? orientation : nil, grip: 1, speed: style.speed, risesFirst: false)
        case .release:
            if stepsInPhase > 12 || view.gripPosition.z > start.z + 0.015 {
                enter(.retreat, view)
                return nil
            }
            return HandCommand(
                position: view.gripPosition + Vector3(0, 0, 0.03), orientation: nil, grip: 1, speed: style.speed)
        case .retreat:
            if stepsInPhase > 30 || (view.gripPosition - start).length > 0.12 {
                enter(.finished, view)
                return nil
            }
            return HandCommand(
                position: view.gripPosition - approach * 0.05 + Vector3(0, 0, 0.03),
                orientation: HandMotion.upright(yaw: 0), grip: -1, speed: style.speed, risesFirst: false)
        case .finished:
            return nil
        }
    }

    private mutating func fail(_ view: SceneView) -> HandCommand? {
        hasFailed = true
        enter(.release, view)
        return nil
    }
}
