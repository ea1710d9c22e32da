import Foundation
import Kinematics

/// Moves a flat dish over the table: closed fingers come down inside its rim and push against the side that leads.
struct DragSkill: Skill {
    enum Phase: String, Equatable, Sendable { case reach, drag, retreat, finished }

    let object: String
    let destination: String
    let style: ScriptedExpert.Style
    let attempt: Int

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
    var isDelicate: Bool { false }

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
        guard let root = view.position(of: object),
            let place = PlacementPlanner.plan(view, object: object, destination: .named(destination))?.position
        else {
            hasFailed = true
            enter(.finished)
            return nil
        }
        var way = place - root
        way.z = 0
        let distance = way.length
        let direction = way / max(distance, 1e-6)
        // above the dish's floor, near the rim that leads
        let contact = root + direction * 0.040 + Vector3(0, 0, GripperShape().tipDepth + 0.012)

        switch phase {
        case .reach:
            let gap = contact - view.gripPosition
            let away = hypot(gap.x, gap.y)
            if away < 0.012, abs(gap.z) < 0.008 {
                enter(.drag)
                return nil
            }
            if stepsInPhase > 120 { return fail(view) }
            if approachHeight == nil {
                approachHeight = HandMotion.travelHeight(view, to: contact, object: object) + style.extraHeight
            }
            let height = HandMotion.funnel(contact.z, approachHeight ?? contact.z, distance: away)
            return HandCommand(
                position: Vector3(contact.x, contact.y, height), orientation: HandMotion.upright(yaw: 0), grip: 1,
                speed: style.speed)
        case .drag:
            if distance < 0.012 {
                startHeight = view.gripPosition.z
                enter(.retreat)
                return nil
            }
            // the dish has stayed behind, or is stuck
            if distance < nearest.distance - 0.002 { nearest = (distance, stepsInPhase) }
            if (view.gripPosition - contact).length > 0.06 || stepsInPhase > nearest.step + 25 { return fail(view) }
            let lead = contact + direction * min(0.05, 0.02 + distance)
            return HandCommand(position: lead, orientation: nil, grip: 1, speed: 0.8 * style.speed, risesFirst: false)
        case .retreat:
            if stepsInPhase > 12 || view.gripPosition.z > startHeight + 0.08 {
                enter(.finished)
                return nil
            }
            let p = view.gripPosition
            return HandCommand(
                position: Vector3(p.x, p.y, startHeight + 0.12), orientation: nil, grip: 1, speed: style.speed)
        case .finished:
            return nil
        }
    }

    private mutating func fail(_ view: SceneView) -> HandCommand? {
        hasFailed = true
        startHeight = view.gripPosition.z
        enter(.retreat)
        return nil
    }
}
