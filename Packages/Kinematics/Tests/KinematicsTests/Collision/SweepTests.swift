import Kinematics
import Testing

@Suite struct SweepTests {
    /// The planar arm with one sphere at its tip, which swings past thin posts.
    private func arm(_ obstacles: [Obstacle]) throws -> CollisionModel {
        var configuration = RobotConfiguration()
        configuration.collisionLinks = ["fore"]
        configuration.collisionSpheres = ["fore": [.init(center: Vector3(1.5, 0, 0), radius: 0.02)]]
        return try CollisionModel(
            TestRobots.planarModel(configuration), configuration: configuration, world: CollisionWorld(obstacles))
    }

    private func post(_ x: Double, _ y: Double) -> Obstacle {
        Obstacle("post", .sphere(radius: 0.01), pose: Pose(translation: Vector3(x, y, 0)))
    }

    /// The tip is at (2.5, 0) in the middle of a quarter circle; a post of 1 cm stands there.
    @Test func thinObstaclesAreNotJumpedOver() throws {
        let collision = try arm([post(2.5, 0)])
        let (state, checker) = (collision.model.makeState(), collision.makeChecker())
        let share = checker.freeShare(from: [-0.8, 0], to: [0.8, 0], moving: state)
        // touched 0.03 m before the middle of 4 m
        #expect(share < 0.5 && share > 0.5 - 0.035 / 4)
        #expect(checker.freeShare(from: [-0.8, 0], to: [-0.1, 0], moving: state) == 1)
        // a clearance of 10 cm ends it earlier
        let early = checker.freeShare(from: [-0.8, 0], to: [0.8, 0], moving: state, clearance: 0.1)
        #expect(early < 0.5 - 0.12 / 4 && early > 0.5 - 0.14 / 4)
    }

    @Test func freeWaysAreFree() throws {
        let collision = try arm([post(2.6, 0)])
        let (state, checker) = (collision.model.makeState(), collision.makeChecker())
        #expect(checker.freeShare(from: [-0.8, 0], to: [0.8, 0], moving: state) == 1)
        #expect(deviation(state.positions, [0.8, 0]) == 0)
        #expect(checker.freeShare(from: [0.3, 0.1], to: [0.3, 0.1], moving: state) == 1)
        let inside = try arm([post(2.5, 0)])
        #expect(inside.makeChecker().freeShare(from: [0, 0], to: [1, 0], moving: inside.model.makeState()) == 0)
    }

    /// Random ways of an arm with a sliding joint: where a dense look finds a collision, the sweep does, too.
    @Test func denseLooksFindNothingThatTheSweepMissed() throws {
        let model = try TestRobots.random(seed: 61, jointCount: 6)
        var configuration = RobotConfiguration()
        configuration.collisionLinks = ["l3", "l4", "l5"]
        for link in configuration.collisionLinks {
            configuration.collisionSpheres[link] = [.init(center: Vector3(0.05, 0.1, 0.02), radius: 0.04)]
        }
        configuration.selfCollisionIgnore = ["l3": ["l4", "l5"], "l4": ["l5"]]
        let posts = (0..<6).map { k in
            Obstacle(
                "ball \(k)", .sphere(radius: 0.2),
                pose: Pose(translation: Vector3(0.2 * Double(k) - 0.5, 0.3 * Double(k % 3) - 0.3, 0.3)))
        }
        let collision = try CollisionModel(model, configuration: configuration, world: CollisionWorld(posts))
        let (state, checker) = (model.makeState(), collision.makeChecker())
        var generator = SeededGenerator(state: 61)
        var hits = 0
        for _ in 0..<200 {
            let (a, b) = (model.randomPositions(using: &generator), model.randomPositions(using: &generator))
            let share = checker.freeShare(from: a, to: b, moving: state)
            var dense = 1.0
            for k in 0...500 {
                let s = Double(k) / 500
                state.update(zip(a, b).map { $0 + s * ($1 - $0) })
                checker.update(state)
                if !checker.isFree(clearance: -1e-3) {
                    dense = s
                    break
                }
            }
            if dense < 1 { hits += 1 }
            #expect(share <= dense + 1e-9)
        }
        #expect(hits > 3)
    }
}
