import Foundation
import Kinematics
import LiberoTasks

/// Carries things to where the goal wants them, knowing where everything is: a teacher for policies.
///
/// A feedback law, not a script in time: every action follows from what the scene is like now, so that it goes on
/// sensibly after a push. It comes down on the object through a funnel, closes, lifts, carries, lowers, opens and
/// retreats; when it finds its hand empty it begins again.
public struct ScriptedExpert: Sendable {
    /// An action as it should be, and as it is carried out.
    public struct Decision: Equatable, Sendable {
        /// What the expert would do: the label.
        public var label: [Double]
        /// The label with the episode's noise and pushes.
        public var executed: [Double]
    }

    /// What varies from episode to episode.
    public struct Style: Equatable, Sendable {
        /// Of the largest motion in one step.
        public var speed = 1.0
        /// The standard deviation of the noise in executed motions.
        public var noise = 0.0
        /// The probability that a push begins in a step.
        public var pushProbability = 0.0
        /// Added to the height above obstacles, metres.
        public var extraHeight = 0.0
        /// Added to where the object is held across the fingers, metres.
        public var graspShift = 0.0

        /// Calm: full speed, no noise.
        public init() {}

        /// A style drawn for an episode whose demonstrations shall vary.
        public static func random(using generator: inout some RandomNumberGenerator) -> Style {
            var style = Style()
            style.speed = .random(in: 0.7...1, using: &generator)
            style.noise = .random(in: 0...0.25, using: &generator)
            style.pushProbability = 0.04
            style.extraHeight = .random(in: 0...0.04, using: &generator)
            style.graspShift = .random(in: -0.004...0.004, using: &generator)
            return style
        }
    }

    /// What it is doing.
    public enum Phase: Equatable, Sendable {
        case approach, close, lift, carry, lower, open, retreat, done
    }

    public let style: Style
    public private(set) var phase = Phase.approach
    /// The object under way; nil before the first and when nothing is left to do.
    public private(set) var object: String?

    private var grasp: ObjectGrasp?
    private var stepsInPhase = 0
    private var attempts = 0
    private var push: (remaining: Int, direction: Vector3) = (0, .zero)
    /// The grip point's heights while it travels and where it lets go.
    private var travelHeight = 0.0
    private var releaseHeight = 0.0
    /// Where the object was in the hand when the fingers had closed.
    private var heldOffset = Vector3.zero
    private var lastFingers = SIMD2<Double>.zero
    private var startHeight = 0.0

    public init(style: Style = Style()) { self.style = style }

    /// Whether every predicate of a goal is of a kind it can bring about: something on or in something.
    public static func supports(_ goal: [GoalPredicate]) -> Bool {
        goal.allSatisfy {
            switch $0 {
            case .on, .in: true
            case .open, .close, .turnOn, .turnOff: false
            }
        }
    }

    /// The next action, in LIBERO's action space.
    public mutating func action(
        for view: SceneView, using generator: inout some RandomNumberGenerator
    ) -> Decision {
        let label = decide(view)
        var executed = label

        // noise on the motion, and now and then a push of some steps
        if push.remaining > 0 {
            push.remaining -= 1
        } else if style.pushProbability > 0, Double.random(in: 0..<1, using: &generator) < style.pushProbability {
            func component() -> Double { .random(in: -1...1, using: &generator) }
            push = (Int.random(in: 2...5, using: &generator), Vector3(component(), component(), component()))
        }
        let isHolding = phase == .close || phase == .open
        for i in 0..<3 where style.noise > 0 || push.remaining > 0 {
            let noise = style.noise * generator.normal() + (push.remaining > 0 ? push.direction[i] : 0)
            executed[i] = min(max(executed[i] + (isHolding ? 0.3 : 1) * noise, -1), 1)
        }
        return Decision(label: label, executed: executed)
    }

    // MARK: - Phases

    private mutating func enter(_ next: Phase) {
        phase = next
        stepsInPhase = 0
    }

    /// Goes from phase to phase until one of them acts.
    private mutating func decide(_ view: SceneView) -> [Double] {
        stepsInPhase += 1
        for _ in 0..<8 {
            if let action = act(view) { return action }
        }
        return Self.action(.zero, .zero, grip: -1)
    }

    /// The action of the present phase; nil when it is over.
    private mutating func act(_ view: SceneView) -> [Double]? {
        switch phase {
        case .approach: approach(view)
        case .close: close(view)
        case .lift: lift(view)
        case .carry, .lower: carry(view)
        case .open: open(view)
        case .retreat: retreat(view)
        case .done: done(view)
        }
    }

    private mutating func approach(_ view: SceneView) -> [Double]? {
        guard let name = object ?? Self.nextObject(view) else {
            enter(.done)
            return nil
        }
        object = name
        if grasp == nil || grasp?.hasTipped(view) == true || stepsInPhase > 150 {
            if stepsInPhase > 150 { attempts += 1 }
            grasp = ObjectGrasp(view, object: name, attempt: attempts)
            stepsInPhase = 1
            guard let grasp else { return Self.action(.zero, .zero, grip: -1) }
            travelHeight = Self.travelHeight(view, to: grasp.now(view).position, object: name) + style.extraHeight
        }
        guard let planned = grasp?.now(view) else { return nil }
        let across = Vector3(cos(planned.yaw), sin(planned.yaw), 0)
        let goal = planned.position + across * style.graspShift
        let error = goal - view.gripPosition
        let distance = hypot(error.x, error.y)
        let turn = Self.turn(view, toYaw: planned.yaw)
        if distance < 0.006, abs(error.z) < 0.007, turn.length < 0.08 {
            lastFingers = view.fingerPositions
            enter(.close)
            return nil
        }
        let height = Self.funnel(goal.z, travelHeight, distance: max(distance, 0.1 * turn.length))
        return move(view, to: Vector3(goal.x, goal.y, height), turn: turn, grip: -1)
    }

    private mutating func close(_ view: SceneView) -> [Double]? {
        let moved = view.fingerPositions - lastFingers
        lastFingers = view.fingerPositions
        let hasStopped = abs(moved.x) < 0.0006 && abs(moved.y) < 0.0006
        if stepsInPhase > 14 || (stepsInPhase > 5 && hasStopped) {
            heldOffset = offset(view)
            startHeight = view.gripPosition.z
            planCarry(view)
            enter(.lift)
            return nil
        }
        return Self.action(.zero, .zero, grip: 1)
    }

    private mutating func lift(_ view: SceneView) -> [Double]? {
        if isLost(view) { return nil }
        let height = max(startHeight + 0.06, min(travelHeight, startHeight + 0.15))
        if view.gripPosition.z > height - 0.015 {
            enter(.carry)
            return nil
        }
        if stepsInPhase > 60 { return giveUp() }
        let p = view.gripPosition
        return move(view, to: Vector3(p.x, p.y, height + 0.02), turn: .zero, grip: 1)
    }

    private mutating func carry(_ view: SceneView) -> [Double]? {
        if isLost(view) { return nil }
        guard let object, let place = Self.place(view, for: object) else { return giveUp() }
        let held = offset(view)
        let goal = Vector3(place.x - held.x, place.y - held.y, releaseHeight)
        let error = goal - view.gripPosition
        let distance = hypot(error.x, error.y)
        // when something keeps it away, near is good enough after a while
        let patience = min(max(Double(stepsInPhase - 40) * 0.0006, 0), 0.014)
        if distance < 0.012 + patience, abs(error.z) < 0.010 + 2 * patience {
            enter(.open)
            return nil
        }
        if phase == .carry, distance < 0.03 { enter(.lower) }
        let height = Self.funnel(goal.z, travelHeight, distance: distance)
        return move(view, to: Vector3(goal.x, goal.y, height), turn: .zero, grip: 1)
    }

    private mutating func open(_ view: SceneView) -> [Double]? {
        if stepsInPhase > 5 {
            startHeight = view.gripPosition.z
            enter(.retreat)
            return nil
        }
        return Self.action(.zero, .zero, grip: -1)
    }

    private mutating func retreat(_ view: SceneView) -> [Double]? {
        if stepsInPhase > 10 || view.gripPosition.z > startHeight + 0.08 {
            (object, grasp) = (nil, nil)
            enter(.approach)
            return nil
        }
        let p = view.gripPosition
        return move(view, to: Vector3(p.x, p.y, startHeight + 0.12), turn: .zero, grip: -1)
    }

    private mutating func done(_ view: SceneView) -> [Double]? {
        if Self.nextObject(view) != nil, stepsInPhase > 10 {
            enter(.approach)
            return nil
        }
        return Self.action(.zero, .zero, grip: -1)
    }

    /// Opens and begins again.
    private mutating func giveUp() -> [Double]? {
        attempts += 1
        grasp = nil
        enter(.retreat)
        return nil
    }

    // MARK: - What is held

    /// From the grip point to the object's root.
    private func offset(_ view: SceneView) -> Vector3 {
        guard let object, let root = view.position(of: object) else { return .zero }
        return root - view.gripPosition
    }

    /// Whether the object has stayed behind; begins again if so.
    private mutating func isLost(_ view: SceneView) -> Bool {
        let slipped = (offset(view) - heldOffset).length
        guard slipped > 0.045 else { return false }
        startHeight = view.gripPosition.z
        _ = giveUp()
        return true
    }

    // MARK: - Plans

    /// The heights at which to carry the object and to let go of it.
    private mutating func planCarry(_ view: SceneView) {
        guard let object, let place = Self.place(view, for: object) else { return }
        let grip = view.gripPosition
        let goal = Vector3(place.x - heldOffset.x, place.y - heldOffset.y, 0)
        let points = ScenePoints(view, object: object, near: [grip, goal, (grip + goal) / 2], within: 0.25)
        let bottom = points.own.map(\.z).min() ?? grip.z
        let depth = max(grip.z - bottom, 0.014)

        // over everything on the way, the far end's rim included
        let top = points.highest(along: grip, goal, within: 0.07) ?? bottom
        travelHeight = max(top + depth + 0.03, grip.z + 0.06) + style.extraHeight

        // down to just above what lies there, but not with the hand or the open fingers in anything
        let shape = GripperShape()
        let close = view.gripRotation.columns.0
        let across = view.gripRotation.columns.1
        var support = -Double.infinity
        var release = -Double.infinity
        for p in points.others {
            if hypot(p.x - place.x, p.y - place.y) < 0.03 { support = max(support, p.z) }
            let d = p - goal
            let (u, v) = (abs(d.dot(Vector3(across.x, across.y, 0))), abs(d.dot(Vector3(close.x, close.y, 0))))
            if u < shape.handHalfWidth + 0.01, v < shape.handReach + 0.01 {
                release = max(release, p.z - shape.palmHeight + 0.012)
            }
            if u < shape.halfWidth + 0.008, v > 0.02, v < shape.outerReach + 0.012 {
                release = max(release, p.z + shape.tipDepth + 0.006)
            }
        }
        releaseHeight = max(release, support + depth + 0.008)
        travelHeight = max(travelHeight, releaseHeight + 0.03)
    }

    /// The first object that the goal wants elsewhere.
    private static func nextObject(_ view: SceneView) -> String? {
        for (predicate, holds) in zip(view.geometry.goal, view.goalHolds) where !holds {
            switch predicate {
            case .on(let object, _), .in(let object, _): return object
            default: continue
            }
        }
        return nil
    }

    /// Where the goal wants an object: the middle of a region or of another object.
    private static func place(_ view: SceneView, for object: String) -> Vector3? {
        for (predicate, holds) in zip(view.geometry.goal, view.goalHolds) where !holds {
            switch predicate {
            case .on(object, let target), .in(object, let target):
                if let region = view.geometry.regions[target] { return view.world(region).center }
                return view.position(of: target)
            default: continue
            }
        }
        return nil
    }

    /// How high to go so that the open gripper passes over everything on the way.
    private static func travelHeight(_ view: SceneView, to goal: Vector3, object: String) -> Double {
        let grip = view.gripPosition
        let points = ScenePoints(view, object: object, near: [grip, goal, (grip + goal) / 2], within: 0.25)
        var top = points.highest(along: grip, goal, within: 0.09) ?? goal.z
        top = max(top, points.own.map(\.z).max() ?? goal.z)
        return max(top + GripperShape().tipDepth + 0.03, goal.z + 0.06)
    }

    // MARK: - Motion

    /// The height at a horizontal distance from the goal: down only when above it.
    private static func funnel(_ low: Double, _ high: Double, distance: Double) -> Double {
        low + min(max(4 * (distance - 0.010), 0), max(high - low, 0))
    }

    private func move(_ view: SceneView, to place: Vector3, turn: Vector3, grip: Double) -> [Double] {
        var error = place - view.gripPosition
        // up first, then sideways
        if error.z > 0.02 {
            let slow = max(0, 1 - (error.z - 0.02) / 0.06)
            error.x *= slow
            error.y *= slow
        }
        let step = error * (1.3 / 0.05)
        let limit = style.speed
        return Self.action(
            pointwiseMin(pointwiseMax(step, -Vector3(repeating: limit)), Vector3(repeating: limit)), turn, grip: grip)
    }

    /// The rotation vector that brings the hand upright with a yaw; zero for small ones and for hands that never turn.
    private static func turn(_ view: SceneView, toYaw yaw: Double) -> Vector3 {
        let R = view.gripRotation
        let (s, c) = (sin(yaw), cos(yaw))
        let wanted = Matrix3(columns: Vector3(-s, c, 0), Vector3(c, s, 0), Vector3(0, 0, -1))
        let difference = wanted * R.transposed
        guard let rotation = try? Rotation(matrix: difference, tolerance: 1e-3) else { return .zero }
        let vector = rotation.logarithm
        return abs(yaw) < 0.03 || vector.length < 0.03 ? .zero : vector
    }

    private static func action(_ step: Vector3, _ turn: Vector3, grip: Double) -> [Double] {
        // half a radian is a full deflection; slowly, so that the arm follows
        let r = turn / 0.5
        func clipped(_ x: Double) -> Double { min(max(x, -0.4), 0.4) }
        return [step.x, step.y, step.z, clipped(r.x), clipped(r.y), clipped(r.z), grip]
    }
}

/// A grasp that moves with its object.
private struct ObjectGrasp: Sendable {
    let object: String
    let planned: PlannedGrasp
    let root: Vector3
    let rotation: Matrix3

    /// Plans; later attempts hold a little elsewhere, and where nothing fits the middle is tried.
    init?(_ view: SceneView, object: String, attempt: Int) {
        guard let body = view.geometry.rootBodies[object] else { return nil }
        self.object = object
        root = view.position(ofBody: body)
        rotation = view.rotation(ofBody: body)
        let bias = [0, 0.15, -0.15][attempt % 3]
        if let found = GraspPlanner().plan(view, object: object, bias: bias) {
            planned = found
        } else {
            planned = PlannedGrasp(position: root + [0, 0, 0.02], yaw: 0, width: 0.05)
        }
    }

    /// How far the object has turned since: about the vertical, and otherwise.
    private func turned(_ view: SceneView) -> (change: Matrix3, yaw: Double, tilt: Double) {
        guard let body = view.geometry.rootBodies[object] else { return (.identity, 0, 0) }
        let change = view.rotation(ofBody: body) * rotation.transposed
        return (change, atan2(change[1, 0], change[0, 0]), acos(min(max(change[2, 2], -1), 1)))
    }

    func hasTipped(_ view: SceneView) -> Bool { turned(view).tilt > 0.4 }

    /// The grasp where the object is now.
    func now(_ view: SceneView) -> PlannedGrasp {
        guard let body = view.geometry.rootBodies[object] else { return planned }
        let (change, yaw, _) = turned(view)
        var grasp = planned
        grasp.position = view.position(ofBody: body) + change * (planned.position - root)
        if abs(yaw) > 0.1 { grasp.yaw += yaw }
        // the fingers are alike: the nearer of two opposite yaws
        while grasp.yaw > .pi / 2 { grasp.yaw -= .pi }
        while grasp.yaw < -.pi / 2 { grasp.yaw += .pi }
        return grasp
    }
}
