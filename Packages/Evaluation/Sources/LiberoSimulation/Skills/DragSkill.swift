import Foundation
import Kinematics

/// Moves a flat dish over the table: presses closed fingertips on it and takes it along by friction.
///
/// The pads hold twice as fast as the table, so that a dish follows a hand that presses on it; its rim, 16 mm high, would
/// slip out of the fingers.
struct DragSkill: Skill {
    enum Phase: String, Equatable, Sendable { case reach, press, push, retreat, finished }

    let object: String
    let destination: String
    let style: ScriptedExpert.Style
    let attempt: Int

    /// How far below the dish the fingertips are sent, metres.
    private var pressure: Double { [0.010, 0.014, 0.007][attempt % 3] }
    /// How far ahead of the hand its goal is, at most, metres.
    private static let lead = 0.045

    private(set) var phase = Phase.reach
    private var stepsInPhase = 0
    private var hasFailed = false
    private var approachHeight: Double?
    private var startHeight = 0.0
    /// The least distance so far, and the step in which it was reached.
    private var nearest: (distance: Double, step: Int) = (.infinity, 0)

    init(object: String, destination: String, style: ScriptedExpert.Style, attempt: Int) {
        (self.object, self.destination) = (object, destination)
        (self.style, self.attempt) = (style, attempt)
    }

    var activity: String { "\(phase.rawValue) \(object)" }
    var isDelicate: Bool { phase == .press || phase == .push }

    /// Whether an object is too flat and wide to be carried: a dish with a rim.
    static func suits(_ view: SceneView, object: String) -> Bool {
        guard let root = view.position(of: object) else { return false }
        let own = ScenePoints(view, object: object, near: [root], within: 0.01).own
        guard let first = own.first else { return false }
        let low = own.reduce(first) { pointwiseMin($0, $1) }
        let high = own.reduce(first) { pointwiseMax($0, $1) }
        return high.z - low.z < 0.025 && min(high.x - low.x, high.y - low.y) > 0.09
    }

    mutating func step(_ view: SceneView) -> SkillStep {
        stepsInPhase += 1
        for _ in 0..<6 {
            if let command = act(view) { return .move(command) }
            if phase == .finished { break }
        }
        return hasFailed ? .failed : .done
    }

    private mutating func enter(_ next: Phase, _ view: SceneView) {
        phase = next
        stepsInPhase = 0
        startHeight = view.gripPosition.z
    }

    private mutating func act(_ view: SceneView) -> HandCommand? {
        let placement = PlacementPlanner.plan(view, object: object, destination: .named(destination))
        guard let root = view.position(of: object), let place = placement?.position else {
            hasFailed = true
            enter(.finished, view)
            return nil
        }
        var way = place - root
        way.z = 0
        let hand = HandMotion.upright(yaw: 0)
        let turn = HandMotion.turn(view, to: hand).length

        switch phase {
        case .reach:
            if stepsInPhase > 120 { return fail(view) }
            if approachHeight == nil {
                approachHeight = HandMotion.travelHeight(view, to: root, object: object) + style.extraHeight
            }
            let before = root + Vector3(0, 0, 0.05)
            let gap = before - view.gripPosition
            let distance = hypot(gap.x, gap.y)
            if distance < 0.008, abs(gap.z) < 0.012, turn < 0.2 {
                enter(.press, view)
                return nil
            }
            let height = HandMotion.funnel(
                before.z, approachHeight ?? before.z, distance: max(distance, 0.1 * (turn - 0.1)))
            return HandCommand(
                position: Vector3(before.x, before.y, height), orientation: hand, grip: 1, speed: style.speed)
        case .press:
            if stepsInPhase > 40 { return fail(view) }
            let isTouching = view.fingerContacts.contains { $0.contains(object) }
            if stepsInPhase > 3, isTouching {
                enter(.push, view)
                return nil
            }
            let p = view.gripPosition
            return HandCommand(
                position: Vector3(root.x, root.y, p.z - 0.012), orientation: nil, grip: 1, speed: style.speed,
                risesFirst: false)
        case .push:
            if way.length < 0.008 {
                enter(.retreat, view)
                return nil
            }
            // the dish has stayed behind, or is stuck
            if way.length < nearest.distance - 0.002 { nearest = (way.length, stepsInPhase) }
            if stepsInPhase > nearest.step + 25 { return fail(view) }
            let p = view.gripPosition
            let ahead = way * min(1, Self.lead / way.length)
            return HandCommand(
                position: Vector3(p.x + ahead.x, p.y + ahead.y, startHeight - pressure), orientation: nil, grip: 1,
                speed: style.speed, risesFirst: false)
        case .retreat:
            if stepsInPhase > 12 || view.gripPosition.z > startHeight + 0.08 {
                enter(.finished, view)
                return nil
            }
            let p = view.gripPosition
            return HandCommand(
                position: Vector3(p.x, p.y, startHeight + 0.12), orientation: nil, grip: -1, speed: style.speed)
        case .finished:
            return nil
        }
    }

    private mutating func fail(_ view: SceneView) -> HandCommand? {
        hasFailed = true
        enter(.retreat, view)
        return nil
    }
}
