import Foundation
import Kinematics

/// Turns a knob by its ridge, on or off: the fingers close on the ridge's sides and the hand turns with it.
struct TurnSkill: Skill {
    enum Phase: String, Equatable, Sendable { case reach, close, turn, open, retreat, finished }

    let joint: String
    let turnsOn: Bool
    let style: ScriptedExpert.Style
    let attempt: Int
    /// Beyond what counts as on, radians.
    private static let onPosition = 0.65
    /// How far the hand leads the knob.
    private static let lead = 0.4
    /// The hand's yaw stays within this.
    private static let yawLimit = 1.5

    private(set) var phase = Phase.reach
    private var stepsInPhase = 0
    private var hasFailed = false
    private var approachHeight: Double?
    private var startHeight = 0.0
    /// The hand's yaw where the ridge's angle is zero, while it is held.
    private var yawOffset = 0.0

    init(joint: String, turnsOn: Bool, style: ScriptedExpert.Style, attempt: Int) {
        (self.joint, self.turnsOn) = (joint, turnsOn)
        (self.style, self.attempt) = (style, attempt)
    }

    var activity: String { "\(phase.rawValue) \(joint)" }
    var isDelicate: Bool { phase == .close || phase == .open }

    private func isDone(_ facts: JointFacts) -> Bool {
        turnsOn ? facts.position >= Self.onPosition : facts.joint.mechanism?.isOff(facts.position) ?? true
    }

    mutating func step(_ view: SceneView) -> SkillStep {
        stepsInPhase += 1
        guard let facts = JointFacts(view, joint: joint), let ridge = facts.ridge else { return .failed }
        for _ in 0..<6 {
            if let command = act(view, facts, ridge) { return .move(command) }
            if phase == .finished { break }
        }
        return hasFailed ? .failed : .done
    }

    private mutating func enter(_ next: Phase) {
        phase = next
        stepsInPhase = 0
    }

    private mutating func act(
        _ view: SceneView, _ facts: JointFacts, _ ridge: (center: Vector3, direction: Vector3, top: Double)
    ) -> HandCommand? {
        let place = Vector3(facts.anchor.x, facts.anchor.y, ridge.top - 0.010)
        // the ridge has two ends: the yaw with the most room to turn
        var yaw = atan2(ridge.direction.y, ridge.direction.x)
        let low = turnsOn ? -1.3 : -0.6
        while yaw < low { yaw += .pi }
        while yaw >= low + .pi { yaw -= .pi }
        let hand = HandMotion.upright(yaw: yaw)

        switch phase {
        case .reach:
            if isDone(facts) {
                enter(.finished)
                return nil
            }
            let gap = place - view.gripPosition
            let distance = hypot(gap.x, gap.y)
            let turn = HandMotion.turn(view, to: hand).length
            if distance < 0.008, abs(gap.z) < 0.007, turn < (abs(yaw) < 0.03 ? 0.2 : 0.08) {
                yawOffset = yaw - facts.position
                enter(.close)
                return nil
            }
            if stepsInPhase > 140 { return fail() }
            if approachHeight == nil {
                approachHeight =
                    HandMotion.travelHeight(view, to: place, object: facts.joint.object) + style.extraHeight
            }
            let away = max(distance, 0.1 * max(turn - 0.15, 0))
            let height = HandMotion.funnel(place.z, approachHeight ?? place.z, distance: away)
            return HandCommand(
                position: Vector3(place.x, place.y, height), orientation: hand, grip: -1, speed: style.speed)
        case .close:
            if stepsInPhase > 10 {
                enter(.turn)
                return nil
            }
            return HandCommand(position: place, orientation: nil, grip: 1, speed: 0.2, risesFirst: false)
        case .turn:
            let wanted = yawOffset + facts.position + (turnsOn ? Self.lead : -Self.lead)
            // done, or to be taken anew
            if isDone(facts) || abs(wanted) > Self.yawLimit + Self.lead || stepsInPhase > 80 {
                hasFailed = !isDone(facts) && stepsInPhase > 80
                enter(.open)
                return nil
            }
            return HandCommand(
                position: place, orientation: HandMotion.upright(yaw: wanted), grip: 1, speed: 0.3, risesFirst: false)
        case .open:
            if stepsInPhase > 5 {
                startHeight = view.gripPosition.z
                enter(.retreat)
                return nil
            }
            return HandCommand(position: view.gripPosition, orientation: nil, grip: -1)
        case .retreat:
            if stepsInPhase > 12 || view.gripPosition.z > startHeight + 0.08 {
                enter(isDone(facts) || hasFailed ? .finished : .reach)
                return nil
            }
            let p = view.gripPosition
            return HandCommand(
                position: Vector3(p.x, p.y, startHeight + 0.12), orientation: nil, grip: -1, speed: style.speed)
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
