import Kinematics
import Testing

@Suite struct CollisionCostTests {
    /// Three sliding joints along x, y and z that carry one sphere of 5 cm: the coordinates are its center.
    private func gantry(_ obstacles: [Obstacle]) throws -> CollisionModel {
        let text = zip(["x", "y", "z"], ["1 0 0", "0 1 0", "0 0 1"]).enumerated().map { i, axis in
            """
            <link name="l\(i + 1)"/><joint name="\(axis.0)" type="prismatic"><parent link="l\(i)"/>
            <child link="l\(i + 1)"/><axis xyz="\(axis.1)"/><limit lower="-5" upper="5"/></joint>
            """
        }.joined()
        var configuration = RobotConfiguration()
        configuration.collisionLinks = ["l3"]
        configuration.collisionSpheres = ["l3": [.init(center: .zero, radius: 0.05)]]
        return try CollisionModel(
            RobotModel(TestRobots.parse("<robot name='r'><link name='l0'/>\(text)</robot>")),
            configuration: configuration, world: CollisionWorld(obstacles))
    }

    private let floor = Obstacle("floor", .halfSpace)

    /// Distance, cost and slope: far, where it begins, half way, at contact (both pieces meet), inside.
    @Test(arguments: [(0.2, 0, 0), (0.1, 0, 0), (0.05, 0.0125, 0.5), (0, 0.05, 1), (-0.02, 0.07, 1)])
    func costsOnPaper(distance: Double, cost: Double, slope: Double) {
        let found = CollisionCost(activation: 0.1).value(at: distance)
        #expect(abs(found.cost - cost) < 1e-15 && abs(found.slope - slope) < 1e-15)
        // without an activation distance, the depth
        let depth = CollisionCost().value(at: distance)
        #expect(depth.cost == max(-distance, 0) && depth.slope == (distance < 0 ? 1 : 0))
    }

    @Test func gradientOfAnArmIsThatOfDifferences() throws {
        let model = try TestRobots.random(seed: 71, jointCount: 6)
        var configuration = RobotConfiguration()
        configuration.collisionLinks = ["l2", "l4", "l5"]
        for link in configuration.collisionLinks {
            configuration.collisionSpheres[link] = [.init(center: Vector3(0.05, 0.1, 0.02), radius: 0.04)]
        }
        let world = CollisionWorld([
            Obstacle("box", .cuboid(Vector3(0.6, 0.5, 0.4)), pose: Pose(translation: Vector3(0.2, 0.1, 0.3))),
            Obstacle("ball", .sphere(radius: 0.3), pose: Pose(translation: Vector3(-0.2, 0.2, 0))),
        ])
        let collision = try CollisionModel(model, configuration: configuration, world: world)
        let (state, checker, cost) = (model.makeState(), collision.makeChecker(), CollisionCost(activation: 0.3))
        func value(_ q: [Double], _ gradient: inout [Double]) -> Double {
            state.update(q)
            checker.update(state)
            return checker.worldCost(cost, of: state, gradient: &gradient)
        }
        var (generator, tested) = (SeededGenerator(state: 71), 0)
        for _ in 0..<20 {
            let q = model.randomPositions(using: &generator)
            var (gradient, unused) = ([Double](repeating: 0, count: 6), [Double](repeating: 0, count: 6))
            guard value(q, &gradient) > 0 else { continue }
            tested += 1
            for i in 0..<6 {
                var (a, b) = (q, q)
                a[i] -= 1e-6
                b[i] += 1e-6
                let slope = (value(b, &unused) - value(a, &unused)) / 2e-6
                // the slope has kinks
                #expect(abs(gradient[i] - slope) < 2e-5)
            }
        }
        #expect(tested >= 5)
    }

    /// A centimetre under the surface at 2 m/s: the cost of 1 cm times the way, and a force straight up.
    @Test func straightWaysCountByTheirLength() throws {
        let collision = try gantry([floor])
        let (state, checker) = (collision.model.makeState(), collision.makeChecker())
        // 2 cm apart: less than the sphere's size, so that nothing is looked at between
        for period in [0.01, 0.1] {
            let waypoints = (0..<5).map { [0.02 * Double($0), 0, 0.04] }
            var gradient = [[Double]](repeating: [0, 0, 0], count: 5)
            let sum = checker.sweptWorldCost(
                CollisionCost(), along: waypoints, period: period, moving: state, gradient: &gradient)
            #expect(abs(sum - 3 * 0.01 * 0.02) < 1e-15)
            #expect(deviation(gradient[0] + gradient[4], [Double](repeating: 0, count: 6)) == 0)
            for t in 1...3 { #expect(deviation(gradient[t], [0, 0, -0.02]) < 1e-12) }
        }
    }

    /// The waypoints are free on both sides of a thin wall, and near enough to it.
    @Test func wallsBetweenWaypointsAreSeen() throws {
        let wall = Obstacle("wall", .cuboid(Vector3(0.01, 2, 2)), pose: Pose(translation: Vector3(0.15, 0, 0)))
        let collision = try gantry([wall])
        let (state, checker) = (collision.model.makeState(), collision.makeChecker())
        let waypoints = [[-0.4, 0, 0], [0, 0, 0], [0.4, 0, 0], [0.8, 0, 0]]
        for q in waypoints {
            state.update(q)
            checker.update(state)
            #expect(checker.isFree())
        }
        var gradient = [[Double]](repeating: [0, 0, 0], count: 4)
        let sum = checker.sweptWorldCost(
            CollisionCost(activation: 0.02), along: waypoints, period: 0.1, moving: state, gradient: &gradient)
        #expect(sum > 0)
    }

    /// Along a smooth curve the gradient is that of `∫ c |v| dt`, whose sum over fine waypoints is nearly exact.
    @Test func gradientIsThatOfTheFunctional() throws {
        let ball = Obstacle("ball", .sphere(radius: 0.3), pose: Pose(translation: Vector3(0.5, 0.8, 0)))
        let collision = try gantry([ball])
        let (state, checker) = (collision.model.makeState(), collision.makeChecker())
        let (count, cost) = (401, CollisionCost(activation: 0.4))
        func path(_ bump: Double) -> [[Double]] {
            (0..<count).map { k in
                let s = Double(k) / Double(count - 1)
                let wave = s * s * (1 - s) * (1 - s)
                return [s, 1.2 * s * (1 - s) + bump * wave, 2 * bump * wave]
            }
        }
        var (gradient, unused) = ([[Double]](repeating: [0, 0, 0], count: count), [[Double]]())
        unused = gradient
        func value(_ bump: Double) -> Double {
            checker.sweptWorldCost(
                cost, along: path(bump), period: 1 / Double(count - 1), moving: state, gradient: &unused)
        }
        _ = checker.sweptWorldCost(
            cost, along: path(0), period: 1 / Double(count - 1), moving: state, gradient: &gradient)
        let (a, b) = (path(0), path(1))
        var slope = 0.0
        for t in 0..<count { for i in 0..<3 { slope += gradient[t][i] * (b[t][i] - a[t][i]) } }
        let expected = (value(1e-4) - value(-1e-4)) / 2e-4
        #expect(abs(slope - expected) < 0.01 * abs(expected) && abs(expected) > 1e-4)
    }
}
