import Foundation
import Kinematics

/// Closes a drawer or a door by pushing it with closed fingers until its predicate holds.
struct ShutSkill: Skill {
    enum Phase: String, Equatable, Sendable { case reach, push, retreat, finished }

    let joint: String
    let style: ScriptedExpert.Style
    let attempt: Int
    /// Of the fingers from pointing straight down when they push a drawer, radians: upright while it stands out, so that
    /// the hand needs little room before it; then leaning back, clear of the bars above.
    private static func tilt(_ position: Double) -> Double {
        min(max(0.2 + (position + 0.11) / 0.05 * 0.7, 0.2), 0.9)
    }
    /// How far before a drawer or door the hand comes down.
    private var standOff: Double { [0.05, 0.02, 0.035][attempt % 3] }

    private(set) var phase = Phase.reach
    private var stepsInPhase = 0
    private var hasFailed = false
    private var approachHeight: Double?
    private var retreatStart: Vector3?

    init(joint: String, style: ScriptedExpert.Style, attempt: Int) {
        (self.joint, self.style, self.attempt) = (joint, style, attempt)
    }

    var activity: String { "\(phase.rawValue) \(joint)" }
    var isDelicate: Bool { false }

    /// Where the grip point touches the moving part, how the hand stands then, and which way opens.
    private func contact(_ facts: JointFacts) -> (grip: Vector3, orientation: Matrix3, out: Vector3)? {
        switch facts.joint.kind {
        case .slide:
            guard let handle = facts.handle else { return nil }
            let out = facts.openingDirection(at: handle.center)
            let tilt = Self.tilt(facts.position)
            let approach = -out * sin(tilt) - Vector3(0, 0, cos(tilt))
            let tip = handle.center + out * (handle.reach + 0.009 * cos(tilt))
            return (
                tip - approach * 0.010,
                HandMotion.orientation(approach: approach, closing: handle.direction), out
            )
        case .hinge:
            guard let edge = facts.doorEdge(fraction: [0.8, 0.65, 0.9][attempt % 3]) else { return nil }
            let out = facts.openingDirection(at: edge)
            // the closed fingers are about 2 cm thick each way
            return (edge + out * 0.021 - Vector3(0, 0, 0.012), HandMotion.upright(yaw: 0), out)
        }
    }

    private func isShut(_ facts: JointFacts) -> Bool {
        facts.joint.mechanism?.isClosed(facts.position) ?? (facts.position >= facts.joint.range.upperBound)
    }

    mutating func step(_ view: SceneView) -> SkillStep {
        stepsInPhase += 1
        guard let facts = JointFacts(view, joint: joint) else { return .failed }
        for _ in 0..<6 {
            if let command = act(view, facts) { return .move(command) }
            if phase == .finished { break }
        }
        return hasFailed ? .failed : .done
    }

    private mutating func enter(_ next: Phase) {
        phase = next
        stepsInPhase = 0
    }

    private mutating func act(_ view: SceneView, _ facts: JointFacts) -> HandCommand? {
        guard let (grip, orientation, out) = contact(facts) else {
            hasFailed = true
            enter(.finished)
            return nil
        }
        switch phase {
        case .reach:
            if isShut(facts) {
                enter(.finished)
                return nil
            }
            let before = grip + out * standOff
            let gap = before - view.gripPosition
            let turn = HandMotion.turn(view, to: orientation).length
            if gap.length < 0.025, turn < 0.15 {
                enter(.push)
                return nil
            }
            if stepsInPhase > 140 { return fail() }
            if approachHeight == nil {
                approachHeight =
                    max(HandMotion.travelHeight(view, to: before, object: facts.joint.object), before.z + 0.08)
                    + style.extraHeight
            }
            let away = max(hypot(gap.x, gap.y), 0.1 * max(turn - 0.25, 0))
            let height = HandMotion.funnel(before.z, approachHeight ?? before.z, distance: away)
            return HandCommand(
                position: Vector3(before.x, before.y, height), orientation: orientation, grip: 1, speed: style.speed)
        case .push:
            if isShut(facts) {
                retreatStart = view.gripPosition
                enter(.retreat)
                return nil
            }
            let error = grip - view.gripPosition
            let aside = error - out * error.dot(out)
            if aside.length > 0.06 || stepsInPhase > 120 { return fail() }
            return HandCommand(
                position: grip - out * 0.04, orientation: orientation, grip: 1, speed: style.speed, risesFirst: false)
        case .retreat:
            let start = retreatStart ?? view.gripPosition
            retreatStart = start
            if (view.gripPosition - start).dot(out) > 0.05 || stepsInPhase > 15 {
                if stepsInPhase > 30 || view.gripPosition.z > start.z + 0.1 {
                    enter(.finished)
                    return nil
                }
                return HandCommand(
                    position: view.gripPosition + Vector3(0, 0, 0.06), orientation: HandMotion.upright(yaw: 0),
                    grip: -1, speed: style.speed)
            }
            return HandCommand(
                position: view.gripPosition + out * 0.05, orientation: nil, grip: 1, speed: style.speed,
                risesFirst: false)
        case .finished:
            return nil
        }
    }

    private mutating func fail() -> HandCommand? {
        hasFailed = true
        enter(.retreat)
        return nil
    }
}
