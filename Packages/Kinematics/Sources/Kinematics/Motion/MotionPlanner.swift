import Parallel

/// Motions to a pose that keep clear of the world and the robot itself.
///
/// Inverse kinematics finds postures for the goal that are free; from the straight line in joint space to the nearest of
/// them, and lines with a bend, paths are optimized until one is free; the path is then timed within the limits. The
/// same problem gives the same plan on any number of threads.
public struct MotionPlanner: Sendable {
    public let collision: CollisionModel
    public var limits: MotionLimits
    /// Metres that the robot keeps from obstacles where it can; a plan is free at any distance above 0.
    public var margin = 0.02
    /// Waypoints between start and goal.
    public var waypointCount = 24
    /// Postures of the goal that are tried.
    public var goalCount = 3
    /// Lines with a bend, for each posture of the goal.
    public var bendCount = 4
    /// Metres that no sphere moves farther between two checks of the plan.
    public var sweepResolution = 0.01

    public init(_ collision: CollisionModel, limits: MotionLimits? = nil) {
        self.collision = collision
        self.limits = limits ?? MotionLimits(of: collision.model)
    }

    public enum Outcome: Equatable, Sendable {
        case found
        /// The start is in collision or beyond the limits.
        case startNotFree
        /// No free posture has the goal's pose.
        case goal(InverseKinematics.Outcome)
        /// No line led to a free path.
        case noPath
    }

    public struct Plan: Sendable {
        public var outcome: Outcome
        /// The path that is free, or the one nearest to it.
        public var path: JointPath?
        public var motion: PathMotion?
        /// The least distance along it, in metres, to the robot itself and to the world.
        public var clearance: Double
        /// Lines that were optimized.
        public var attemptCount: Int
    }

    /// A motion that brings a frame to a pose.
    public func plan(from start: [Double], to target: PoseTarget) -> Plan {
        guard isFree(start) else { return Plan(outcome: .startNotFree, clearance: 0, attemptCount: 0) }
        var solver = InverseKinematics(collision.model, avoiding: collision)
        var goals: [[Double]] = []
        for count in 1...goalCount {
            // the nearest posture first, others by other sequences
            solver.options.choice = count == 1 ? .closest(count: 6) : .first
            solver.options.seed = UInt64(count)
            let solution = solver.solve(target, startingAt: count == 1 ? start : nil)
            guard solution.isConverged else {
                if goals.isEmpty { return Plan(outcome: .goal(solution.outcome), clearance: 0, attemptCount: 0) }
                break
            }
            if !goals.contains(where: { zip($0, solution.positions).allSatisfy { abs($0 - $1) < 1e-3 } }) {
                goals.append(solution.positions)
            }
        }
        return plan(from: start, toAnyOf: goals)
    }

    /// A motion to joint positions.
    public func plan(from start: [Double], to goal: [Double]) -> Plan {
        guard isFree(start) else { return Plan(outcome: .startNotFree, clearance: 0, attemptCount: 0) }
        guard isFree(goal) else { return Plan(outcome: .goal(.collision), clearance: 0, attemptCount: 0) }
        return plan(from: start, toAnyOf: [goal])
    }

    private func isFree(_ q: [Double]) -> Bool {
        guard collision.model.isWithinLimits(q, margin: 1e-9) else { return false }
        let (state, checker) = (collision.model.makeState(), collision.makeChecker())
        state.update(q)
        checker.update(state)
        return checker.isFree()
    }

    /// The straight lines first, then rounds of bends; within a round all are tried and the shortest is taken.
    private func plan(from start: [Double], toAnyOf goals: [[Double]]) -> Plan {
        var (attempts, nearest): (Int, Plan?) = (0, nil)
        for round in 0...bendCount {
            let found = [Attempt?](unsafeUninitializedCapacity: goals.count) { buffer, count in
                // each entry is written by the one thread that has its index
                nonisolated(unsafe) let memory = buffer.baseAddress!
                parallelFor(goals.count) { index in
                    (memory + index).initialize(to: attempt(start, goals[index], bend: round, goal: index))
                }
                count = goals.count
            }
            attempts += goals.count
            var best: (Attempt, Double)?
            for attempt in found.compactMap({ $0 }) {
                let plan = Plan(
                    outcome: attempt.clearance > 0 ? .found : .noPath, path: attempt.path, motion: nil,
                    clearance: attempt.clearance, attemptCount: attempts)
                if attempt.clearance <= 0 {
                    if attempt.clearance > nearest?.clearance ?? -.infinity { nearest = plan }
                } else {
                    let duration = PathMotion(attempt.path, limits: limits).duration
                    if duration < best?.1 ?? .infinity { best = (attempt, duration) }
                }
            }
            if let (attempt, _) = best {
                return Plan(
                    outcome: .found, path: attempt.path, motion: PathMotion(attempt.path, limits: limits),
                    clearance: attempt.clearance, attemptCount: attempts)
            }
        }
        var plan = nearest ?? Plan(outcome: .noPath, clearance: 0, attemptCount: attempts)
        plan.attemptCount = attempts
        return plan
    }

    private struct Attempt {
        var path: JointPath
        var clearance: Double
    }

    private func attempt(_ start: [Double], _ goal: [Double], bend: Int, goal index: Int) -> Attempt? {
        let cost = TrajectoryCost(collision, start: start, goal: goal, count: waypointCount, margin: margin)
        let model = collision.model
        var via: [Double]?
        if bend > 0 {
            // a posture of the sequence, drawn half way to the middle of the line
            let sequence = StartSequence(dimension: model.coordinateCount, seed: 17)
            via = model.coordinates.indices.map { i in
                let coordinate = model.coordinates[i]
                let (low, high) =
                    coordinate.isContinuous ? (-Double.pi, Double.pi) : (coordinate.lower, coordinate.upper)
                let point = low + (high - low) * sequence.value(bend * 8 + index, i)
                return 0.5 * point + 0.25 * (start[i] + goal[i])
            }
        }
        var x = cost.line(via: via)
        let n = model.coordinateCount
        _ = LimitedMemoryMinimizer().minimize(
            &x, inverse: cost.inverse,
            project: { x in
                for k in x.indices {
                    let coordinate = model.coordinates[k % n]
                    x[k] = min(max(x[k], coordinate.lower), coordinate.upper)
                }
            }, evaluate: cost.evaluate)
        let path = JointPath(cost.waypoints(x))
        return Attempt(path: path, clearance: clearance(path))
    }

    /// The least distance along a path, looked at so often that no sphere moves farther than the resolution between;
    /// below zero also where a joint is beyond its limits.
    public func clearance(_ path: JointPath) -> Double {
        let (state, checker) = (collision.model.makeState(), collision.makeChecker())
        var (least, previous): (Double, [Vector3]) = (.infinity, [])
        func look(_ parameter: Double) -> [Vector3] {
            let q = path.values(at: parameter).positions
            state.update(q)
            checker.update(state)
            least = min(least, checker.selfDistance().distance, checker.worldDistance().distance)
            if !collision.model.isWithinLimits(q, margin: 1e-6) { least = min(least, -1e-3) }
            return collision.spheres.indices.map { checker.center($0) }
        }
        for (from, to) in zip(path.knots, path.knots.dropFirst()) {
            if previous.isEmpty { previous = look(from) }
            let next = look(to)
            let motion = zip(previous, next).reduce(0) { max($0, ($1.0 - $1.1).length) }
            let pieces = Int(clamping: (motion / sweepResolution).rounded(.up), to: 1...1_000_000)
            for k in 1..<max(pieces, 1) { _ = look(from + (to - from) * Double(k) / Double(pieces)) }
            previous = next
        }
        return least
    }
}
