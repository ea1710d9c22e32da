import Foundation
import Kinematics
import Testing

@Suite struct MotionTests {
    private let limits = MotionLimits(velocities: [1, 2], accelerations: [3, 4], jerks: [20, 30])

    /// Positions, velocities and accelerations are derivatives of each other, and the limits hold.
    private func expectConsistent(_ motion: some JointMotion, within limits: MotionLimits? = nil) {
        let h = 1e-5
        for k in 1..<40 {
            let t = motion.duration * (Double(k) + 0.37) / 41
            let (before, here, after) = (motion.state(at: t - h), motion.state(at: t), motion.state(at: t + h))
            for i in here.positions.indices {
                #expect(abs((after.positions[i] - before.positions[i]) / (2 * h) - here.velocities[i]) < 1e-4)
                let slope = (after.velocities[i] - before.velocities[i]) / (2 * h)
                #expect(abs(slope - here.accelerations[i]) < 1e-2 * max(1, abs(slope)))
            }
        }
        guard let limits else { return }
        let usage = motion.sampled(rate: 500).usage(of: limits)
        #expect(usage.velocity <= 1 + 1e-9 && usage.acceleration <= 1 + 1e-9)
    }

    @Test(arguments: [PointToPointMotion.Law.minimumJerk, .trapezoid(ramp: 0.25), .trapezoid(ramp: 0.5)])
    func pointToPointUsesItsLimits(law: PointToPointMotion.Law) {
        let motion = PointToPointMotion(from: [0, 1], to: [1, -0.5], limits: limits, law: law)
        expectConsistent(motion, within: limits)
        let usage = motion.sampled(rate: 2000).usage(of: limits)
        let largest =
            law == .minimumJerk
            ? max(usage.velocity, usage.acceleration, usage.jerk) : max(usage.velocity, usage.acceleration)
        #expect(largest > 0.97)
        #expect(motion.state(at: -1).positions == [0, 1] && motion.state(at: 99).positions == [1, -0.5])
    }

    /// Peaks of `10 t³ − 15 t⁴ + 6 t⁵` at ½ and at ½ ± √3/6.
    @Test func minimumJerkPeaksOnPaper() {
        let motion = PointToPointMotion(from: [0], to: [1], duration: 1)
        #expect(abs(motion.state(at: 0.5).velocities[0] - 1.875) < 1e-12)
        #expect(abs(motion.state(at: 0.5 - 3.0.squareRoot() / 6).accelerations[0] - 10 / 3.0.squareRoot()) < 1e-12)
        #expect(
            PointToPointMotion(from: [1], to: [1], limits: .init(velocities: [1], accelerations: [1])).duration == 0)
    }

    /// From rest, far enough for all seven phases: `d/V + V/A + A/J`.
    @Test func sevenPhasesOnPaper() throws {
        let rest = MotionState(positions: [0], velocities: [0], accelerations: [0])
        let limits = MotionLimits(velocities: [1], accelerations: [2], jerks: [10])
        let motion = try #require(JerkLimitedMotion(from: rest, to: [5], limits: limits))
        #expect(abs(motion.duration - (5 + 0.5 + 0.2)) < 1e-12)
        expectConsistent(motion, within: limits)
        let short = try #require(JerkLimitedMotion(from: rest, to: [-1e-3], limits: limits))
        #expect(abs(short.duration - 4 * cbrt(1e-3 / 20)) < 1e-9)
        #expect(JerkLimitedMotion(from: rest, to: [0], limits: limits)?.duration == 0)
        #expect(JerkLimitedMotion(from: rest, to: [1], velocities: [1.1], limits: limits) == nil)
    }

    /// Down to an acceleration, up to another, down to the last, with the full jerk of 1 and never without acceleration.
    /// Ruckig 0.19 has the same durations.
    @Test(arguments: [(-1, [1, 0.5, 1, 0]), (-2, [1, 0.5, 1, 0]), (-2, [2, 1, 2, 1])] as [(Double, [Double])])
    func swingsAreTheShortest(velocity: Double, accelerations: [Double]) throws {
        var (p, v) = (0.3, velocity)
        for (a, b) in zip(accelerations, accelerations.dropFirst()) {
            let (t, j) = (abs(b - a), b > a ? 1.0 : -1.0)
            p += t * (v + t * (a / 2 + t * j / 6))
            v += t * (a + t * j / 2)
        }
        let (first, last) = (accelerations[0], accelerations[3])
        let start = MotionState(positions: [0.3], velocities: [velocity], accelerations: [first])
        let limits = MotionLimits(velocities: [9], accelerations: [5], jerks: [1])
        let motion = try #require(
            JerkLimitedMotion(from: start, to: [p], velocities: [v], accelerations: [last], limits: limits))
        let duration = zip(accelerations, accelerations.dropFirst()).reduce(0) { $0 + abs($1.1 - $1.0) }
        // two profiles all but meet in the last case, which halves the digits of the duration
        #expect(abs(motion.duration - duration) < 1e-7)
        let end = motion.state(at: motion.duration)
        #expect(deviation(end.positions + end.velocities + end.accelerations, [p, v, last]) < 1e-9)
        #expect(abs(motion.state(at: first - accelerations[1]).accelerations[0] - accelerations[1]) < 1e-6)
        // a last acceleration that the limit does not let be
        #expect(JerkLimitedMotion(from: start, to: [p], velocities: [v], accelerations: [5.1], limits: limits) == nil)
    }

    @Test func anyStateIsBroughtToAnyOther() throws {
        var generator = SeededGenerator(state: 77)
        func number(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &generator) }
        for _ in 0..<150 {
            let limits = MotionLimits(
                velocities: [number(0.5...3), number(0.5...3)], accelerations: [number(1...10), number(1...10)],
                jerks: [number(5...200), number(5...200)])
            let start = MotionState(
                positions: [number(-3...3), number(-3...3)],
                velocities: limits.velocities.map { $0 * number(-0.95...0.95) },
                accelerations: limits.accelerations.map { $0 * number(-1.2...1.2) })
            let end = [number(-3...3), number(-3...3)]
            let velocities = limits.velocities.map { $0 * number(-1...1) }
            let accelerations = limits.accelerations.map { $0 * number(-0.3...0.3) }
            let before = (0..<2).map {
                velocities[$0] - accelerations[$0] * abs(accelerations[$0]) / (2 * limits.jerks[$0])
            }
            guard zip(before, limits.velocities).allSatisfy({ abs($0) < $1 }) else { continue }
            let motion = try #require(
                JerkLimitedMotion(
                    from: start, to: end, velocities: velocities, accelerations: accelerations, limits: limits))
            #expect(motion.duration >= motion.shortestDurations.max()! - 1e-12)
            let last = motion.state(at: motion.duration)
            #expect(deviation(last.positions, end) < 1e-7)
            #expect(deviation(last.velocities, velocities) < 1e-7)
            #expect(deviation(last.accelerations, accelerations) < 1e-6)
            let usage = motion.sampled(rate: 300).usage(of: limits)
            #expect(usage.jerk < 1 + 1e-6 && usage.acceleration < 1.2 + 1e-9)
        }
    }

    @Test(arguments: [JointPath.EndCondition.natural, .clamped, .notAKnot])
    func splinesPassTheirWaypointsSmoothly(ends: JointPath.EndCondition) {
        let waypoints = [[0.0, 1], [1, -1], [0.5, 2], [2, 0], [3, 1]]
        let path = JointPath(waypoints, knots: [0, 0.5, 1.5, 2, 4], ends: ends)
        for (knot, waypoint) in zip(path.knots, waypoints) {
            #expect(deviation(path.values(at: knot).positions, waypoint) < 1e-13)
            // continuous first and second derivative
            let (a, b) = (path.values(at: knot - 1e-9), path.values(at: knot + 1e-9))
            #expect(deviation(a.first, b.first) < 1e-6 && deviation(a.second, b.second) < 1e-6)
        }
        if ends == .clamped { #expect(deviation(path.values(at: 4).first, [0, 0]) < 1e-13) }
        if ends == .natural { #expect(deviation(path.values(at: 0).second, [0, 0]) < 1e-13) }
        // a cubic is its own spline where the ends do not bend it
        if ends == .notAKnot {
            let cubic = JointPath(
                (0...5).map { [pow(Double($0), 3) - 2 * Double($0)] }, knots: (0...5).map(Double.init), ends: ends)
            #expect(abs(cubic.values(at: 2.3).positions[0] - (pow(2.3, 3) - 4.6)) < 1e-12)
        }
    }

    @Test func timedPathsKeepTheirLimits() throws {
        let path = JointPath([[0.0, 1], [1, -1], [0.5, 2], [2, 0]])
        expectConsistent(PathMotion(path, limits: limits), within: limits)
        let fast = try #require(TimeOptimalMotion(path, limits: limits, gridCount: 1001))
        let usage = fast.sampled(rate: 500).usage(of: limits)
        // the limits hold at the grid; between two points of it they can be passed by a little
        #expect(usage.velocity < 1.01 && usage.acceleration < 1.02 && max(usage.velocity, usage.acceleration) > 0.99)
        #expect(fast.duration < PathMotion(path, limits: limits).duration)
        #expect(deviation(fast.state(at: fast.duration).positions, [2, 0]) < 1e-12)
    }

    /// One joint along a straight line: bang-bang, `2 √(d/A)`.
    @Test func timeOptimalLineOnPaper() throws {
        let path = JointPath([[0.0], [0.2]])
        let motion = try #require(TimeOptimalMotion(path, limits: .init(velocities: [10], accelerations: [5])))
        #expect(abs(motion.duration - 2 * (0.2 / 5.0).squareRoot()) < 1e-6)
    }

    @Test func straightLinesStayStraight() throws {
        let model = try TestRobots.random(seed: 21, jointCount: 7)
        let frame = try model.frame("l6")
        let planner = LinearMovePlanner(model)
        let state = model.makeState()
        var found = 0
        var generator = SeededGenerator(state: 1)
        for _ in 0..<12 {
            let start = model.randomPositions(using: &generator).map { 0.5 * $0 }
            let move = planner.moveVertically(frame, from: start, by: 0.05)
            guard move.outcome == .complete, let path = move.path else { continue }
            found += 1
            #expect(move.positionDeviation < 1e-4 && move.rotationDeviation < 1e-3)
            state.update(path.values(at: 1).positions)
            #expect(state.pose(of: frame).difference(to: move.end).distance < 1e-8)
            #expect(deviation(path.values(at: 0).positions, start) < 1e-15)
        }
        #expect(found >= 3)
    }

    @Test func linesThatLeaveTheReachSayHowFarTheyGo() throws {
        let model = try TestRobots.planarModel()
        let planner = LinearMovePlanner(model)
        let state = model.makeState()
        state.update([0.3, 0.8])
        let tool = try model.frame("tool")
        var end = state.pose(of: tool)
        end.translation.x += 5
        let move = planner.move(tool, from: [0.3, 0.8], to: end)
        guard case .unreachable(let share) = move.outcome else {
            Issue.record("the line ends with \(move.outcome)")
            return
        }
        #expect(share < 0.4)
    }
}
