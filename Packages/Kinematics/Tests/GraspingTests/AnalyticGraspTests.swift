import Foundation
import Grasping
import Kinematics
import TensorCore
import Testing

@Suite struct AnalyticGraspTests {
    /// The first hit of a ray is the nearest of all triangles, and the sphere's normals point outward.
    @Test func raysFindTheNearestTriangle() throws {
        let surface = MeshSurface(.sphere(radius: 0.05, segments: 16))
        var generator = PhiloxGenerator(seed: 1)
        for _ in 0..<60 {
            let direction = randomRotation(using: &generator).matrix.columns.0
            let inside = try #require(surface.firstHit(from: .zero, along: direction))
            #expect(abs(inside.distance - 0.05) < 0.002)
            #expect(inside.normal.dot(direction) > 0.95)
            let outside = try #require(surface.firstHit(from: -0.2 * direction, along: direction))
            #expect(abs(outside.distance - 0.15) < 0.002 && outside.normal.dot(direction) < 0)
            #expect(surface.firstHit(from: 0.2 * direction, along: direction) == nil)
        }
        // along an axis and within a face
        let box = MeshSurface(.box(Vector3(2, 2, 2)))
        #expect(box.firstHit(from: Vector3(0.5, 0.25, -5), along: Vector3(0, 0, 1))?.distance == 4)
        #expect(box.firstHit(from: Vector3(0.5, 0.25, -5), along: Vector3(0, 0, 1), in: 4.5...20)?.distance == 6)
    }

    /// Draws are spread by area: of a box 1 × 1 × 8, 2 of 34 parts lie on the ends.
    @Test func pointsAreUniform() {
        let surface = MeshSurface(.box(Vector3(1, 1, 8)))
        var generator = PhiloxGenerator(seed: 2)
        let points = surface.points(3000, using: &generator).points
        let share = Double(points.count { abs(abs($0.z) - 4) < 1e-9 }) / Double(points.count)
        #expect(abs(share - 2.0 / 34) < 0.02)
        #expect(MeshSurface(TriangleMesh(vertices: [], triangles: [])).randomPoint(using: &generator) == nil)
    }

    /// Grasps of a box close on opposite faces with hardly any friction, around it and free of it.
    @Test func boxIsGraspedOnOppositeFaces() {
        var generator = PhiloxGenerator(seed: 3)
        var sampler = AntipodalSampler()
        sampler.rayCount = 1
        let grasps = sampler.grasps(on: .box(Vector3(0.04, 0.06, 0.2)), pointCount: 12, using: &generator)
        #expect(!grasps.isEmpty)
        for grasp in grasps {
            let y = grasp.closingDirection
            #expect(max(abs(y.x), abs(y.y)) > 0.999, "closes along \(y)")
            #expect(abs(grasp.score - 1.1) < 1e-9)
            #expect(abs(grasp.width - (abs(y.x) > 0.9 ? 0.06 : 0.08)) < 1e-9)
            #expect(abs(y.dot(grasp.tip)) < 1e-9)
        }
        // too wide for the jaws
        #expect(sampler.grasps(on: .box(Vector3(0.2, 0.2, 0.2)), pointCount: 5, using: &generator).isEmpty)
    }

    /// A standing box seen from above at an angle, on a table 0.5 m away.
    private func scene() -> (cloud: PointCloud, up: Vector3) {
        let up = Vector3(0, -0.5, -0.75.squareRoot())
        let right = Vector3(1, 0, 0)
        let back = up.cross(right)
        let origin = Vector3(0, 0, 0.5)
        func place(_ x: Double, _ y: Double, _ z: Double) -> Vector3 { origin + x * right + y * back + z * up }
        var points: [Vector3] = []
        for i in -40...40 { for j in -40...40 { points.append(place(0.004 * Double(i), 0.004 * Double(j), 0)) } }
        for k in 0...24 {
            for i in -6...6 {
                let (x, z) = (0.0033 * Double(i), 0.0033 * Double(k))
                for side in [-0.02, 0.02] {
                    points.append(place(x, side, z))
                    points.append(place(side, x, z))
                }
            }
        }
        for i in -6...6 { for j in -6...6 { points.append(place(0.0033 * Double(i), 0.0033 * Double(j), 0.08)) } }
        return (PointCloud(points), up)
    }

    @Test func cloudIsGraspedAroundWhatStands() throws {
        let (cloud, up) = scene()
        let floor = Plane(normal: up, offset: -up.dot(Vector3(0, 0, 0.5)))
        let object = cloud.above(floor, by: 0.01)
        var generator = PhiloxGenerator(seed: 4)
        var sampler = CloudSampler()
        (sampler.angleCount, sampler.tilts) = (4, [0])
        let grasps = sampler.grasps(in: cloud, at: object, pointCount: 24, using: &generator)
        #expect(!grasps.isEmpty)
        let best = try #require(grasps.sortedByScore().first)
        #expect(best.width > 0.04 && best.width < 0.07)
        #expect(abs(best.closingDirection.dot(up)) < 0.3)
        // the sampler proposes; the collision check, on voxels of its own, leaves some
        let detector = CloudCollisionDetector(cloud, voxelSize: 0.003)
        let findings = detector.findings(grasps, approach: 0.01)
        #expect(findings.contains { $0.overlap < 0.01 })
        #expect(sampler.grasps(in: PointCloud(), pointCount: 5, using: &generator).isEmpty)
    }

    @Test func heuristicGraspsFromAbove() throws {
        let (cloud, up) = scene()
        let floor = Plane(normal: up, offset: -up.dot(Vector3(0, 0, 0.5)))
        var heuristic = TopDownHeuristic()
        let grasps = heuristic.grasps(in: cloud, above: floor)
        let grasp = try #require(grasps.first)
        #expect(grasps.count == 1)
        #expect((grasp.approach + up).length < 1e-9)
        #expect(abs(floor.signedDistance(to: grasp.tip) - 0.045) < 0.002)
        // a square has no longer side: along a side 4 cm, along the diagonal 5.7 cm, and 2 cm of room
        #expect(grasp.width > 0.055 && grasp.width < 0.08)
        let middle = Vector3(0, 0, 0.5) + 0.045 * up
        #expect((grasp.tip - middle).length < 0.004)
        heuristic.maximumWidth = 0.05
        #expect(heuristic.grasps(in: cloud, above: floor).isEmpty)
    }

    /// The grasp that the preferred posture takes is reached along a straight line that ends in it; one far away is not.
    @Test(arguments: ["panda", "piper"])
    func armReachesWhereItStands(robot: String) throws {
        let description = try #require(RobotDescription.builtIn[robot])
        let model = try RobotModel(description, configuration: RobotConfiguration.builtIn[robot])
        let tool = try #require(ToolConvention.builtIn[robot])
        var reach = try GraspReachability(InverseKinematics(model), tool: tool)
        reach.approachDistance = 0.04
        let state = model.makeState()
        state.update(model.preferredPositions)
        let pose = state.pose(of: reach.frame)
        let rotation = pose.rotation.matrix * tool.graspFromTool.transposed
        var grasp = Grasp(width: 0.05, rotation: rotation, translation: pose.translation)
        grasp.translation -= grasp.depth * grasp.approach
        guard case .reachable(let postures) = try reach.outcome(grasp, startingAt: model.preferredPositions) else {
            Issue.record("\(robot) does not reach \(pose.translation)")
            return
        }
        #expect(postures.count == 5)
        for (k, posture) in postures.enumerated() {
            state.update(posture)
            let expected = grasp.tip - 0.01 * Double(4 - k) * grasp.approach
            #expect((state.position(of: reach.frame) - expected).length < 1e-4)
        }
        let far = Grasp(width: 0.05, rotation: rotation, translation: Vector3(3, 0, 0.2))
        #expect(try reach.outcome(far) == .outOfReach)
    }

    @Test func rankingPrefersGraspsFromAbove() {
        let down = Grasp(
            score: 0.5, depth: 0, rotation: Matrix3(columns: Vector3(0, 0, -1), Vector3(0, 1, 0), Vector3(1, 0, 0)))
        var sideways = Grasp(score: 0.6, depth: 0)
        #expect(GraspRanking().ranked([sideways, down]).grasps == [down, sideways])
        sideways.score = 0.8
        #expect(GraspRanking().ranked([down, sideways]).grasps == [sideways, down])
        sideways.translation = Vector3(0.1, 0, 0)
        #expect(GraspRanking(centerOfMass: .zero).ranked([sideways, down]).grasps == [down, sideways])
    }
}
