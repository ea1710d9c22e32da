import Kinematics
import Testing

@Suite struct DifferentialInverseKinematicsTests {
    private let panda = try! RobotModel(.panda, configuration: RobotConfiguration.builtIn["panda"])

    /// A frame is brought to a pose with every limit kept in every step.
    @Test func posesAreReachedWithinAllLimits() throws {
        let frame = try panda.frame("panda_hand")
        var solver = DifferentialInverseKinematics(panda)
        solver.limits = MotionLimits(of: panda, scale: 0.3)
        solver.postureWeight = 0
        let state = panda.makeState()
        var (q, v) = (panda.preferredPositions, [Double](repeating: 0, count: panda.coordinateCount))
        state.update(q)
        let start = state.pose(of: frame)
        let goal = Pose(
            rotation: start.rotation * Rotation(exponential: Vector3(0.1, 0.3, -0.2)),
            translation: start.translation + Vector3(0.1, -0.15, 0.1))
        let period = 0.01
        for _ in 0..<600 {
            let step = solver.step([.init(frame, pose: goal, gain: 0.05)], from: q, velocities: v, period: period)
            #expect(step.isFeasible)
            for i in q.indices {
                #expect(abs(step.velocities[i]) <= solver.limits.velocities[i] * (1 + 1e-9))
                #expect(abs(step.velocities[i] - v[i]) <= solver.limits.accelerations[i] * period * (1 + 1e-9))
            }
            (q, v) = (step.positions, step.velocities)
            #expect(panda.isWithinLimits(q, margin: 1e-12))
        }
        state.update(q)
        let error = state.pose(of: frame).difference(to: goal)
        #expect(error.distance < 1e-4 && error.angle < 1e-4)
    }

    /// A target beyond the reach draws joints to their limits, never over them.
    @Test func limitsHoldForTargetsBeyondTheReach() throws {
        let model = try TestRobots.planarModel()
        let solver = DifferentialInverseKinematics(model)
        let tool = try model.frame("tool")
        var q = [2.9, 2.4]
        for k in 0..<300 {
            let far = Pose(translation: Vector3(k < 150 ? -9 : 9, -9, 0))
            q = solver.step([.init(tool, pose: far, rotationWeight: 0)], from: q, period: 0.02).positions
            #expect(model.isWithinLimits(q))
        }
    }

    /// The tool is drawn through a post: it stays at the least distance from it.
    @Test func barriersKeepTheDistance() throws {
        var configuration = RobotConfiguration()
        configuration.collisionLinks = ["fore"]
        configuration.collisionSpheres = ["fore": [.init(center: Vector3(1.5, 0, 0), radius: 0.05)]]
        let model = try TestRobots.planarModel(configuration)
        let post = Obstacle("post", .sphere(radius: 0.2), pose: Pose(translation: Vector3(1.9, 0.8, 0)))
        let collision = try CollisionModel(model, world: CollisionWorld([post]))
        var solver = DifferentialInverseKinematics(model, avoiding: collision)
        solver.minimumDistance = 0.03
        let tool = try model.frame("tool")
        let (state, checker) = (model.makeState(), collision.makeChecker())
        func run(from start: [Double], period: Double = 0.005) -> Double {
            var (q, least) = (start, Double.infinity)
            for _ in 0..<1500 {
                let goal = Pose(translation: Vector3(1.9, 0.8, 0))
                q = solver.step([.init(tool, pose: goal, rotationWeight: 0)], from: q, period: period).positions
                state.update(q)
                checker.update(state)
                least = min(least, checker.worldDistance().distance)
            }
            return least
        }
        let kept = run(from: [-0.6, 0.5])
        #expect(kept > 0.03 - 2e-3)
        #expect(kept < 0.06)
        // the tip goes 10 cm in such a period
        #expect(run(from: [-0.6, 0.5], period: 0.02) > 0.02)
        solver.collision = nil
        #expect(run(from: [-0.6, 0.5]) < -0.2)
    }
}
