import Foundation
import Kinematics

/// Puts an object into a fixture with a roof: holds it at its rear with a tilted hand and moves it in from the front.
struct InsertSkill: Skill {
    enum Phase: String, Equatable, Sendable { case approach, close, lift, align, insert, open, retreat, finished }

    let object: String
    let destination: String
    let style: ScriptedExpert.Style
    let attempt: Int
    /// Of the fingers from pointing straight down, radians.
    private var tiltAngle: Double { [0.6, 0.8, 0.45][attempt % 3] }
    /// How far above the floor the object is moved in.
    private static let clearance = 0.010

    private(set) var phase = Phase.approach
    private var stepsInPhase = 0
    private var hasFailed = false
    private var grasp: ObjectGrasp?
    private var approachHeight = 0.0
    private var travelHeight = 0.0
    private var lastFingers = SIMD2<Double>.zero
    private var heldOffset = Vector3.zero
    private var depth = 0.0
    private var start = Vector3.zero

    init(object: String, destination: String, style: ScriptedExpert.Style, attempt: Int) {
        (self.object, self.destination) = (object, destination)
        (self.style, self.attempt) = (style, attempt)
    }

    var activity: String { "\(phase.rawValue) \(object)" }
    var isDelicate: Bool { phase == .close || phase == .open || phase == .insert }

    mutating func step(_ view: SceneView) -> SkillStep {
        stepsInPhase += 1
        guard let enclosure = Enclosure(view, destination: destination) else { return .failed }
        for _ in 0..<8 {
            if let command = act(view, enclosure) { return .move(command) }
            if phase == .finished { break }
        }
        return hasFailed ? .failed : .done
    }

    private mutating func enter(_ next: Phase, _ view: SceneView) {
        phase = next
        stepsInPhase = 0
        start = view.gripPosition
    }

    private mutating func fail(_ view: SceneView) -> HandCommand? {
        hasFailed = true
        enter(.open, view)
        return nil
    }

    /// Plans a grasp at the object's rear; `nil` when the tilted hand fits nowhere.
    private mutating func plan(_ view: SceneView, _ enclosure: Enclosure) -> Bool {
        let inward = enclosure.inward
        let tilt = Rotation(exponential: inward.cross(Vector3(0, 0, 1)) * tiltAngle).matrix
        var yaw = atan2(inward.y, inward.x)
        // of two opposite yaws the one that keeps the last joint from its limit
        while yaw > 2.4 { yaw -= .pi }
        while yaw < -0.7 { yaw += .pi }
        guard
            let planned = GraspPlanner().plan(
                view, object: object, bias: inward * 1.2, tilt: tilt, yaws: [yaw]),
            let made = ObjectGrasp(view, object: object, planned: planned)
        else { return false }
        grasp = made
        approachHeight = HandMotion.travelHeight(view, to: planned.position, object: object) + style.extraHeight
        return true
    }

    /// The orientation of the hand that holds the object.
    private func orientation(_ planned: PlannedGrasp) -> Matrix3 {
        planned.tilt * HandMotion.upright(yaw: planned.yaw)
    }

    private mutating func act(_ view: SceneView, _ enclosure: Enclosure) -> HandCommand? {
        if grasp == nil, !plan(view, enclosure) {
            hasFailed = true
            enter(.finished, view)
            return nil
        }
        guard let planned = grasp?.planned, let root = view.position(of: object) else { return nil }
        let hand = orientation(planned)
        let inward = enclosure.inward
        let held = root - view.gripPosition
        let isHolding = phase == .lift || phase == .align || phase == .insert
        if isHolding, (held - view.gripRotation * heldOffset).length > 0.045 { return fail(view) }

        switch phase {
        case .approach:
            guard let now = grasp?.now(view), grasp?.hasTipped(view) == false, stepsInPhase < 160 else {
                return fail(view)
            }
            let gap = now.position - view.gripPosition
            let distance = hypot(gap.x, gap.y)
            let turn = HandMotion.turn(view, to: hand).length
            if distance < 0.006, abs(gap.z) < 0.008, turn < 0.08 {
                lastFingers = view.fingerPositions
                enter(.close, view)
                return nil
            }
            let height = HandMotion.funnel(now.position.z, approachHeight, distance: max(distance, 0.1 * turn))
            return HandCommand(
                position: Vector3(now.position.x, now.position.y, height), orientation: hand, grip: -1,
                speed: style.speed)
        case .close:
            let moved = view.fingerPositions - lastFingers
            lastFingers = view.fingerPositions
            if stepsInPhase > 14 || (stepsInPhase > 5 && abs(moved.x) < 0.0006 && abs(moved.y) < 0.0006) {
                heldOffset = view.gripRotation.transposed * held
                let own = ScenePoints(view, object: object, near: [root], within: 0.01).own
                depth = root.z - (own.map(\.z).min() ?? root.z)
                enter(.lift, view)
                return nil
            }
            return HandCommand(position: view.gripPosition, orientation: nil, grip: 1)
        case .lift, .align:
            // before the entrance, the object's bottom above the floor
            let place = enclosure.entrance - inward * 0.10 + Vector3(0, 0, depth + Self.clearance)
            let goal = place - held
            let gap = goal - view.gripPosition
            if hypot(gap.x, gap.y) < 0.012, abs(gap.z) < 0.007 {
                enter(.insert, view)
                return nil
            }
            if stepsInPhase > 140 { return fail(view) }
            let height = HandMotion.funnel(goal.z, max(goal.z, start.z) + 0.05, distance: hypot(gap.x, gap.y))
            return HandCommand(
                position: Vector3(goal.x, goal.y, height), orientation: hand, grip: 1, speed: style.speed)
        case .insert:
            let goal = enclosure.target + Vector3(0, 0, depth + Self.clearance) - held
            let gap = goal - view.gripPosition
            if gap.dot(inward) < 0.006 || stepsInPhase > 60 {
                enter(.open, view)
                return nil
            }
            return HandCommand(
                position: goal, orientation: hand, grip: 1, speed: 0.5 * style.speed, risesFirst: false)
        case .open:
            if stepsInPhase > 6 {
                enter(.retreat, view)
                return nil
            }
            return HandCommand(position: view.gripPosition, orientation: nil, grip: -1)
        case .retreat:
            let back = (start - view.gripPosition).dot(inward)
            if back > 0.10 || stepsInPhase > 24 {
                if view.gripPosition.z > start.z + 0.1 || stepsInPhase > 40 {
                    enter(.finished, view)
                    return nil
                }
                return HandCommand(
                    position: view.gripPosition + Vector3(0, 0, 0.06), orientation: HandMotion.upright(yaw: 0),
                    grip: -1, speed: style.speed)
            }
            return HandCommand(
                position: view.gripPosition - inward * 0.05, orientation: nil, grip: -1, speed: style.speed,
                risesFirst: false)
        case .finished:
            return nil
        }
    }
}
