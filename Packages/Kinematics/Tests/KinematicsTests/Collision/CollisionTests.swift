import Foundation
import Kinematics
import Testing

@Suite struct CollisionTests {
    /// The planar arm with spheres of 0.2 along its links.
    private func arm(world: [Obstacle] = [], change: (inout RobotConfiguration) -> Void = { _ in }) throws
        -> CollisionModel
    {
        var configuration = RobotConfiguration()
        configuration.collisionLinks = ["upper", "fore"]
        configuration.collisionSpheres = [
            "upper": [.init(center: Vector3(0, 0, 0), radius: 0.2), .init(center: Vector3(0.5, 0, 0), radius: 0.2)],
            "fore": [.init(center: Vector3(0.5, 0, 0), radius: 0.2), .init(center: Vector3(1.2, 0, 0), radius: 0.2)],
        ]
        change(&configuration)
        return try CollisionModel(
            TestRobots.planarModel(configuration), configuration: configuration, world: CollisionWorld(world))
    }

    @Test func distancesOnPaper() throws {
        let collision = try arm(world: [
            Obstacle("ball", .sphere(radius: 0.1), pose: Pose(translation: Vector3(3, 0, 0)))
        ])
        let (state, checker) = (collision.model.makeState(), collision.makeChecker())
        state.update([0, 0])
        checker.update(state)
        #expect(collision.selfPairs.count == 4)
        #expect(abs(checker.selfDistance().distance - 0.6) < 1e-15)
        #expect(checker.selfDistance().pair.map { [$0.0, $0.1] } == [1, 2])
        let world = checker.worldDistance()
        #expect(abs(world.distance - 0.5) < 1e-15 && world.sphere == 3 && world.obstacle == 0)
        #expect(checker.isFree() && !checker.isFree(clearance: 0.55))
    }

    @Test func buffersAndIgnoredPairsCount() throws {
        let collision = try arm {
            $0.sphereBuffer = 0.05
            $0.selfCollisionBuffers = ["fore": 0.1]
            $0.selfCollisionIgnore = ["fore": ["uper"]]
            $0.collisionSpheres["fore"]![1].radius = -0.5
        }
        #expect(collision.spheres[0].worldRadius == 0.25)
        #expect(abs(collision.spheres[2].selfRadius - 0.3) < 1e-15)
        // the placeholder is not tested; the misspelt link is a warning and ignores nothing
        #expect(collision.selfPairs.count == 2)
        #expect(collision.warnings.count == 1)
        let ignored = try arm { $0.selfCollisionIgnore = ["fore": ["upper"]] }
        #expect(ignored.selfPairs.isEmpty && ignored.makeChecker().selfDistance().distance == .infinity)
    }

    @Test func disabledObstaclesAreNotThere() throws {
        var wall = Obstacle("wall", .cuboid(Vector3(1, 1, 1)), pose: Pose(translation: Vector3(1, 0, 0)))
        wall.isEnabled = false
        let collision = try arm(world: [wall])
        #expect(collision.makeChecker().worldDistance().distance == .infinity)
        #expect(collision.world.signedDistance(to: .zero) == .infinity)
    }

    @Test func solutionsAvoidObstaclesAndTheRobot() throws {
        // a post where the elbow is when it bends to the left
        let post = Obstacle(
            "post", .capsule(base: Vector3(0, 0, -1), tip: Vector3(0, 0, 1), radius: 0.15),
            pose: Pose(translation: Vector3(0.35, 1, 0)))
        let collision = try arm(world: [post])
        let tool = try collision.model.frame("tool")
        let target = PoseTarget.position(tool, Vector3(1.5, 1, 0))
        let blind = InverseKinematics(collision.model).solve(target, startingAt: [1.5, -1.5])
        #expect(blind.isConverged && blind.positions[1] < 0)
        let careful = InverseKinematics(collision.model, avoiding: collision).solve(target, startingAt: [1.5, -1.5])
        #expect(careful.isConverged && careful.positions[1] > 0)
        #expect(careful.isWorldCollisionFree && careful.isSelfCollisionFree)

        var walled = collision
        walled.world.obstacles.append(Obstacle("floor", .halfSpace, pose: Pose(translation: Vector3(0, 0, 5))))
        let blocked = InverseKinematics(walled.model, avoiding: walled).solve(target)
        #expect(blocked.outcome == .collision && !blocked.isWorldCollisionFree)
    }

    @Test func scenesAreRead() throws {
        let text = """
            cuboid:
              table: {dims: [1, 2, 0.1], pose: [0, 0, -0.05, 1, 0, 0, 0]} # a comment
            sphere:
              ball: {position: [0.5, 0.1, 0.1], radius: 0.1, enabled: false}
            capsule: {post: {radius: 0.1, base: [0, 0, 0], tip: [0, 0, 1]}}
            cylinder: {can: {radius: 0.1, height: 0.2, pose: [1, 1, 1, 1, 0, 0, 0]}}
            plane: {floor: {pose: [0, 0, 0, 1, 0, 0, 0]}}
            mesh: null
            """
        let world = try CollisionWorld.parse(Data(text.utf8), name: "scene.yml")
        #expect(world.obstacles.map(\.name) == ["table", "ball", "post", "can", "floor"])
        #expect(world.obstacles.map(\.isEnabled) == [true, false, true, true, true])
        #expect(abs(world.signedDistance(to: Vector3(1, 1, 1.5)) - 0.4) < 1e-15)
        for (bad, kind) in [
            ("cone: {a: {}}", RobotFileError.Kind.unsupported), ("sphere: {a: {}}", .missing),
            ("sphere: {a: {radius: -1}}", .invalidValue), ("mesh: {a: {file_path: none.obj}}", .cannotRead),
        ] {
            let error = #expect(throws: RobotFileError.self) {
                try CollisionWorld.parse(Data(bad.utf8), name: "scene.yml")
            }
            #expect(error?.kind == kind)
        }
    }
}
