import Parallel
import Foundation
import Kinematics
import TensorCore
import Testing

@Suite(.serialized) struct MotionPlannerTests {
    /// The planar arm of two links with spheres along them, and a post beside it.
    private func arm(_ world: [Obstacle]) throws -> CollisionModel {
        var configuration = RobotConfiguration()
        configuration.collisionLinks = ["upper", "fore"]
        func row(_ end: Double) -> [RobotConfiguration.Sphere] {
            stride(from: 0.2, through: end, by: 0.2).map { .init(center: Vector3($0, 0, 0), radius: 0.08) }
        }
        configuration.collisionSpheres = ["upper": row(0.8), "fore": row(1.4)]
        return try CollisionModel(
            TestRobots.planarModel(configuration), configuration: configuration, world: CollisionWorld(world))
    }

    /// Between start and goal, so that the straight line of the joints runs through it.
    private let post = Obstacle(
        "post", .capsule(base: Vector3(0, 0, -1), tip: Vector3(0, 0, 1), radius: 0.2),
        pose: Pose(translation: Vector3(2.1, 0.25, 0)))

    @Test func pathsGoAroundAnObstacle() throws {
        let collision = try arm([post])
        let planner = MotionPlanner(collision)
        let (start, goal) = ([-0.8, 0.3], [0.9, 0.3])
        #expect(planner.clearance(JointPath([start, goal])) < -0.1)
        let plan = planner.plan(from: start, to: goal)
        #expect(plan.outcome == .found && plan.clearance > 0)
        let motion = try #require(plan.motion)
        let samples = motion.sampled(rate: 100)
        #expect(samples.usage(of: planner.limits, model: collision.model).isWithin(1e-6))
        let (state, checker) = (collision.model.makeState(), collision.makeChecker())
        for sample in samples.states {
            state.update(sample.positions)
            checker.update(state)
            #expect(checker.isFree())
        }
        #expect(deviation(samples.states.last!.positions, goal) < 1e-9)
    }

    @Test func goalsCanBePoses() throws {
        let collision = try arm([post])
        let target = PoseTarget.position(try collision.model.frame("tool"), Vector3(1.2, 1.5, 0))
        let plan = MotionPlanner(collision).plan(from: [-0.8, 0.3], to: target)
        #expect(plan.outcome == .found)
        let state = collision.model.makeState()
        state.update(try #require(plan.path).values(at: 1).positions)
        #expect((state.position(of: target.frame) - Vector3(1.2, 1.5, 0)).length < 1e-5)
    }

    @Test func impossibleProblemsSayWhy() throws {
        let collision = try arm([post])
        let planner = MotionPlanner(collision)
        let tool = try collision.model.frame("tool")
        #expect(planner.plan(from: [0.1, 0.1], to: [0.9, 0.3]).outcome == .startNotFree)
        #expect(planner.plan(from: [0.9, 0.3], to: [0.1, 0.1]).outcome == .goal(.collision))
        let far = planner.plan(from: [0.9, 0.3], to: .position(tool, Vector3(5, 0, 0)))
        #expect(far.outcome == .goal(.outOfReach))

        // a wall that the upper arm cannot pass: its limits keep it from the long way round
        let wall = Obstacle("wall", .cuboid(Vector3(4, 0.1, 2)), pose: Pose(translation: Vector3(2.5, 0.25, 0)))
        var walled = MotionPlanner(try arm([wall]))
        walled.bendCount = 1
        let blocked = walled.plan(from: [-0.8, 0.3], to: [0.9, 0.3])
        #expect(blocked.outcome == .noPath && blocked.clearance <= 0)
    }

    @Test func threadsDoNotChangeThePlan() throws {
        let collision = try arm([post])
        let target = PoseTarget.position(try collision.model.frame("tool"), Vector3(1.2, 1.5, 0))
        let threads = KernelThreads.count
        defer { KernelThreads.count = threads }
        let plans = [1, 2].map { count in
            KernelThreads.count = count
            return MotionPlanner(collision).plan(from: [-0.8, 0.3], to: target).path?.waypoints
        }
        #expect(plans[0] == plans[1])
    }
}
