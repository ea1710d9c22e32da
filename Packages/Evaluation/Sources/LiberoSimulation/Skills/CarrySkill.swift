import Foundation
import Kinematics

/// Takes an object from above and puts it down on or in its destination.
///
/// It comes down on the object through a funnel, closes, lifts, carries, turns where the destination asks for it, lowers,
/// opens and retreats. With the object already between the fingers it begins by lifting.
struct CarrySkill: Skill {
    enum Phase: String, Equatable, Sendable { case approach, close, lift, carry, lower, open, retreat, finished }

    let object: String
    let destination: Destination
    let style: ScriptedExpert.Style
    let attempt: Int

    private(set) var phase = Phase.approach
    private var hasFailed = false
    private var isFirst = true
    private var grasp: ObjectGrasp?
    private var replans = 0
    private var stepsInPhase = 0
    private var plan = CarryPlan()
    /// Where the object was in the hand when the fingers had closed, in the frame of the hand.
    private var heldOffset = Vector3.zero
    private var lastFingers = SIMD2<Double>.zero
    private var startHeight = 0.0
    private var approachHeight = 0.0

    init(object: String, destination: Destination, style: ScriptedExpert.Style, attempt: Int) {
        (self.object, self.destination) = (object, destination)
        (self.style, self.attempt) = (style, attempt)
    }

    var activity: String { "\(phase.rawValue) \(object)" }
    var isDelicate: Bool { phase == .close || phase == .open }

    mutating func step(_ view: SceneView) -> SkillStep {
        stepsInPhase += 1
        if isFirst {
            isFirst = false
            if Self.isHeld(view, object) { hold(view) }
        }
        for _ in 0..<8 {
            if let command = act(view) { return .move(command) }
            if phase == .finished { break }
        }
        return hasFailed ? .failed : .done
    }

    /// Whether both fingers touch an object and are closed on it.
    static func isHeld(_ view: SceneView, _ object: String) -> Bool {
        view.fingerContacts.allSatisfy { $0.contains(object) }
    }

    private mutating func enter(_ next: Phase) {
        phase = next
        stepsInPhase = 0
    }

    private mutating func fail() -> HandCommand? {
        hasFailed = true
        startHeight = .nan
        enter(.retreat)
        return nil
    }

    /// The command of the present phase; `nil` when it is over.
    private mutating func act(_ view: SceneView) -> HandCommand? {
        switch phase {
        case .approach: approach(view)
        case .close: close(view)
        case .lift: lift(view)
        case .carry, .lower: carry(view)
        case .open: open(view)
        case .retreat: retreat(view)
        case .finished: nil
        }
    }

    private mutating func approach(_ view: SceneView) -> HandCommand? {
        if grasp == nil || grasp?.hasTipped(view) == true || stepsInPhase > 150 {
            if grasp != nil { replans += 1 }
            grasp = ObjectGrasp(view, object: object, attempt: attempt + replans, destination: destination)
            stepsInPhase = 1
            guard let grasp, replans < 4 else { return fail() }
            approachHeight =
                HandMotion.travelHeight(view, to: grasp.now(view).position, object: object) + style.extraHeight
        }
        guard let planned = grasp?.now(view) else { return fail() }
        let across = Vector3(cos(planned.yaw), sin(planned.yaw), 0)
        let goal = planned.position + across * style.graspShift
        let error = goal - view.gripPosition
        let distance = hypot(error.x, error.y)
        let wanted = HandMotion.upright(yaw: planned.yaw)
        let turn = HandMotion.turn(view, to: wanted).length
        if distance < 0.006, abs(error.z) < 0.007, turn < (abs(planned.yaw) < 0.03 ? 0.2 : 0.08) {
            lastFingers = view.fingerPositions
            enter(.close)
            return nil
        }
        let away = max(distance, abs(planned.yaw) < 0.03 ? 0.1 * max(turn - 0.15, 0) : 0.1 * turn)
        let height = HandMotion.funnel(goal.z, approachHeight, distance: away)
        return HandCommand(
            position: Vector3(goal.x, goal.y, height), orientation: wanted, grip: -1, speed: style.speed)
    }

    private mutating func close(_ view: SceneView) -> HandCommand? {
        let moved = view.fingerPositions - lastFingers
        lastFingers = view.fingerPositions
        let hasStopped = abs(moved.x) < 0.0006 && abs(moved.y) < 0.0006
        if stepsInPhase > 14 || (stepsInPhase > 5 && hasStopped) {
            hold(view)
            return nil
        }
        return HandCommand(position: view.gripPosition, orientation: nil, grip: 1)
    }

    /// Notes how the object lies in the hand and plans the way.
    private mutating func hold(_ view: SceneView) {
        heldOffset = view.gripRotation.transposed * offset(view)
        startHeight = view.gripPosition.z
        guard let made = CarryPlan(view, object: object, destination: destination, extraHeight: style.extraHeight)
        else {
            _ = fail()
            return
        }
        plan = made
        enter(.lift)
    }

    private mutating func lift(_ view: SceneView) -> HandCommand? {
        if isLost(view) { return fail() }
        let height = max(startHeight + 0.06, min(plan.travelHeight, startHeight + 0.15))
        if view.gripPosition.z > height - 0.015 {
            enter(.carry)
            return nil
        }
        if stepsInPhase > 60 { return fail() }
        let p = view.gripPosition
        return HandCommand(
            position: Vector3(p.x, p.y, height + 0.02), orientation: nil, grip: 1, speed: style.speed)
    }

    private mutating func carry(_ view: SceneView) -> HandCommand? {
        if isLost(view) { return fail() }
        guard let place = PlacementPlanner.plan(view, object: object, destination: destination) else { return fail() }
        let held = offset(view)
        let goal = Vector3(place.position.x - held.x, place.position.y - held.y, plan.releaseHeight)
        let error = goal - view.gripPosition
        let distance = hypot(error.x, error.y)
        let turn = plan.orientation.map { HandMotion.turn(view, to: $0).length } ?? 0
        // when something keeps it away, near is good enough after a while
        let patience = min(max(Double(stepsInPhase - 40) * 0.0006, 0), 0.014)
        let isThere = distance < plan.tolerance + patience && turn < 0.1
        if isThere, abs(error.z) < 0.010 + 2 * patience || (phase == .lower && plan.isInclined && stepsInPhase > 60) {
            enter(.open)
            return nil
        }
        if stepsInPhase > 160 { return fail() }
        if phase == .carry, distance < 0.03, turn < 0.15 { enter(.lower) }
        let away = max(distance, turn < 0.1 ? 0 : 0.05 + 0.1 * turn)
        let height = HandMotion.funnel(goal.z, plan.travelHeight, distance: away)
        return HandCommand(
            position: Vector3(goal.x, goal.y, height), orientation: plan.orientation, grip: 1, speed: style.speed)
    }

    private mutating func open(_ view: SceneView) -> HandCommand? {
        if stepsInPhase > 5 {
            startHeight = view.gripPosition.z
            enter(.retreat)
            return nil
        }
        return HandCommand(position: view.gripPosition, orientation: nil, grip: -1)
    }

    private mutating func retreat(_ view: SceneView) -> HandCommand? {
        if startHeight.isNaN { startHeight = view.gripPosition.z }
        if stepsInPhase > 10 || view.gripPosition.z > startHeight + 0.08 {
            enter(.finished)
            return nil
        }
        let p = view.gripPosition
        return HandCommand(
            position: Vector3(p.x, p.y, startHeight + 0.12), orientation: nil, grip: -1, speed: style.speed)
    }

    /// From the grip point to the object's root, world axes.
    private func offset(_ view: SceneView) -> Vector3 {
        guard let root = view.position(of: object) else { return .zero }
        return root - view.gripPosition
    }

    /// Whether the object was left behind.
    private func isLost(_ view: SceneView) -> Bool {
        (offset(view) - view.gripRotation * heldOffset).length > 0.045
    }
}
