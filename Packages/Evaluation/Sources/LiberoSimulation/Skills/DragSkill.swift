import Foundation
import Kinematics

/// Pushes a flat dish over the table: takes its rim between the fingers and moves it without lifting it.
struct DragSkill: Skill {
    enum Phase: String, Equatable, Sendable { case reach, close, push, open, retreat, finished }

    let object: String
    let destination: String
    let style: ScriptedExpert.Style
    let attempt: Int

    private(set) var phase = Phase.reach
    private var stepsInPhase = 0
    private var hasFailed = false
    private var grasp: ObjectGrasp?
    private var approachHeight = 0.0
    private var startHeight = 0.0
    private var lastFingers = SIMD2<Double>.zero
    /// The least distance so far, and the step in which it was reached.
    private var nearest: (distance: Double, step: Int) = (.infinity, 0)

    init(object: String, destination: String, style: ScriptedExpert.Style, attempt: Int) {
        (self.object, self.destination) = (object, destination)
        (self.style, self.attempt) = (style, attempt)
    }

    var activity: String { "\(phase.rawValue) \(object)" }
    var isDelicate: Bool { phase == .close || phase == .push || phase == .open }

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

    private mutating func enter(_ next: Phase) {
        phase = next
        stepsInPhase = 0
    }

    private mutating func act(_ view: SceneView) -> HandCommand? {
        let placement = PlacementPlanner.plan(view, object: object, destination: .named(destination))
        guard let root = view.position(of: object), let place = placement?.position else {
            hasFailed = true
            enter(.finished)
            return nil
        }
        var way = place - root
        way.z = 0

        switch phase {
        case .reach:
            if grasp == nil {
                grasp = ObjectGrasp(view, object: object, attempt: attempt)
                guard let planned = grasp?.now(view) else { return fail() }
                approachHeight =
                    HandMotion.travelHeight(view, to: planned.position, object: object) + style.extraHeight
            }
            guard let planned = grasp?.now(view), stepsInPhase < 120 else { return fail() }
            let hand = HandMotion.upright(yaw: planned.yaw)
            let turn = HandMotion.turn(view, to: hand).length
            let gap = planned.position - view.gripPosition
            let away = hypot(gap.x, gap.y)
            if away < 0.007, abs(gap.z) < 0.007, turn < (abs(planned.yaw) < 0.03 ? 0.2 : 0.08) {
                lastFingers = view.fingerPositions
                enter(.close)
                return nil
            }
            let height = HandMotion.funnel(
                planned.position.z, approachHeight, distance: max(away, 0.1 * (turn - 0.1)))
            return HandCommand(
                position: Vector3(planned.position.x, planned.position.y, height), orientation: hand,
                grip: -1,
                speed: style.speed)
        case .close:
            let moved = view.fingerPositions - lastFingers
            lastFingers = view.fingerPositions
            if stepsInPhase > 14 || (stepsInPhase > 5 && abs(moved.x) < 0.0006 && abs(moved.y) < 0.0006) {
                startHeight = view.gripPosition.z
                enter(.push)
                return nil
            }
            return HandCommand(position: view.gripPosition, orientation: nil, grip: 1)
        case .push:
            if way.length < 0.010 {
                enter(.open)
                return nil
            }
            // the dish has stayed behind, or is stuck
            if way.length < nearest.distance - 0.002 { nearest = (way.length, stepsInPhase) }
            if stepsInPhase > nearest.step + 25 { return fail() }
            let p = view.gripPosition
            return HandCommand(
                position: Vector3(p.x + way.x, p.y + way.y, startHeight + 0.003), orientation: nil, grip: 1,
                speed: 0.6 * style.speed, risesFirst: false)
        case .open:
            if stepsInPhase > 5 {
                startHeight = view.gripPosition.z
                enter(.retreat)
                return nil
            }
            return HandCommand(position: view.gripPosition, orientation: nil, grip: -1)
        case .retreat:
            if stepsInPhase > 12 || view.gripPosition.z > startHeight + 0.08 {
                enter(.finished)
                return nil
            }
            let p = view.gripPosition
            return HandCommand(
                position: Vector3(p.x, p.y, startHeight + 0.12), orientation: nil, grip: -1,
                speed: style.speed)
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
