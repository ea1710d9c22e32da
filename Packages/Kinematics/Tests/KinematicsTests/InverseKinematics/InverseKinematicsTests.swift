import Foundation
import Kinematics
import Testing

@Suite struct InverseKinematicsTests {
    /// Two links of 1 and 1.5 in a plane.
    private let planar = try! TestRobots.planarModel()

    @Test func planarArmHasItsTwoSolutions() throws {
        let tool = try planar.frame("tool")
        var solver = InverseKinematics(planar)
        solver.options.choice = .closest(count: 4)
        for elbow in [-1.2, 1.2] {
            let solution = solver.solve(.position(tool, Vector3(1.5, 1, 0)), startingAt: [0.5, elbow])
            #expect(solution.isConverged)
            // cos q₂ = (|p|² − l₁² − l₂²) / (2 l₁ l₂) = 0
            #expect(abs(solution.positions[1] - (elbow < 0 ? -Double.pi / 2 : .pi / 2)) < 2e-5)
        }
    }

    @Test func failuresSayWhy() throws {
        let tool = try planar.frame("tool")
        let solver = InverseKinematics(planar)
        func outcome(_ target: PoseTarget) -> InverseKinematics.Outcome { solver.solve(target).outcome }

        // beyond both links; within the ring that the elbow's limit of 2.5 leaves free; an orientation the arm has not
        #expect(outcome(.position(tool, Vector3(2.6, 0, 0))) == .outOfReach)
        #expect(outcome(.position(tool, Vector3(0.55, 0, 0))) == .limits)
        let turned = Pose(rotation: Rotation(exponential: Vector3(0, 0, 2.5)), translation: Vector3(2.5, 0, 0))
        #expect(outcome(PoseTarget(tool, pose: turned)) == .localMinimum(starts: 1000))
        // out of the plane, near the base: no start helps, and no limit is to blame
        #expect(outcome(.position(tool, Vector3(1, 0, 0.5))) == .outOfReach)

        let best = solver.solve(.position(tool, Vector3(2.6, 0, 0)))
        #expect(abs(best.positionError - 0.1) < 1e-3)
        #expect(planar.isWithinLimits(best.positions))
    }

    @Test func timeLimitEndsTheSearch() throws {
        var solver = InverseKinematics(planar)
        solver.options.timeLimit = 0
        let solution = solver.solve(.position(try planar.frame("tool"), Vector3(1, 0, 0.5)))
        #expect(solution.outcome == .timeLimit(starts: 1))
    }

    @Test(arguments: [11, 12, 13] as [UInt64]) func subspacesLeaveTheRestFree(seed: UInt64) throws {
        let model = try TestRobots.random(seed: seed, jointCount: 7)
        let state = model.makeState()
        var generator = SeededGenerator(state: seed)
        let frame = try model.frame("l6")
        state.update(model.randomPositions(using: &generator))
        let pose = state.pose(of: frame)
        let solver = InverseKinematics(model)

        let point = solver.solve(.position(frame, pose.translation))
        state.update(point.positions)
        #expect(point.isConverged && (state.position(of: frame) - pose.translation).length < 1e-5)

        let orientation = solver.solve(.orientation(frame, pose.rotation))
        state.update(orientation.positions)
        #expect(orientation.isConverged && state.pose(of: frame).rotation.angle(to: pose.rotation) < 1e-5)

        let axis = solver.solve(.freeAboutZ(frame, pose: pose))
        state.update(axis.positions)
        let found = state.pose(of: frame)
        let z = Vector3(0, 0, 1)
        #expect(axis.isConverged && ((found.rotation * z) - (pose.rotation * z)).length < 1e-5)
        #expect((found.translation - pose.translation).length < 1e-5)
    }

    @Test func anyOfSeveralPosesIsEnough() throws {
        let tool = try planar.frame("tool")
        let poses = [Pose(translation: Vector3(9, 9, 9)), Pose(translation: Vector3(1.2, 1.2, 0))]
        let target = PoseTarget(tool, anyOf: poses, rotationWeights: .zero)
        let solution = InverseKinematics(planar).solve(target)
        #expect(solution.isConverged && solution.poseIndices == [1])
    }

    @Test func severalFramesAtOnce() throws {
        let model = try TestRobots.random(seed: 21, jointCount: 8)
        let state = model.makeState()
        var generator = SeededGenerator(state: 3)
        state.update(model.randomPositions(using: &generator))
        let frames = try [model.frame("l7"), model.frame("l8")]
        let points = frames.map { state.position(of: $0) }
        let solution = InverseKinematics(model).solve(zip(frames, points).map { .position($0, $1) })
        state.update(solution.positions)
        #expect(solution.isConverged)
        for (frame, point) in zip(frames, points) { #expect((state.position(of: frame) - point).length < 1e-5) }
    }

    @Test func targetsAreCarriedOverWithinABody() throws {
        let (fore, tool) = (try planar.frame("fore"), try planar.frame("tool"))
        let target = PoseTarget.position(tool, Vector3(1.5, 1, 0))
        #expect(target.transferred(to: fore, in: planar)?.poses[0].translation == Vector3(0, 1, 0))
        #expect(target.transferred(to: try planar.frame("base"), in: planar) == nil)
    }

    @Test func postureIsTakenInTheNullSpace() throws {
        let text = (1...4).map { i in
            """
            <link name="l\(i)"/><joint name="j\(i)" type="revolute"><parent link="l\(i - 1)"/><child link="l\(i)"/>
            <origin xyz="1 0 0"/><axis xyz="0 0 1"/><limit lower="-2" upper="2"/></joint>
            """
        }.joined()
        let model = try RobotModel(TestRobots.parse("<robot name='r'><link name='l0'/>\(text)</robot>"))
        var solver = InverseKinematics(model)
        let target = PoseTarget.position(try model.frame("l4"), Vector3(2.5, 1.5, 0))
        let plain = solver.solve(target, startingAt: [0.2, 0.2, 0.2, 0])
        // the last joint does not move the frame's origin: its posture is reached, the others' nearly
        solver.options.posture = .init([-0.5, 1.0, 0.5, 1.3])
        let drawn = solver.solve(target, startingAt: [0.2, 0.2, 0.2, 0])
        func distance(_ solution: InverseKinematics.Solution) -> Double {
            zip(solution.positions, [-0.5, 1.0, 0.5, 1.3]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        #expect(plain.isConverged && drawn.isConverged)
        #expect(abs(drawn.positions[3] - 1.3) < 1e-2)
        #expect(distance(drawn) < distance(plain) - 0.1)
    }

    @Test func continuousJointsStayNearTheStart() throws {
        let text = """
            <robot name='r'><link name='a'/><link name='b'/><joint name='j' type='continuous'><parent link='a'/>
            <child link='b'/><axis xyz='0 0 1'/></joint></robot>
            """
        let model = try RobotModel(TestRobots.parse(text))
        let target = PoseTarget.orientation(try model.frame("b"), Rotation(exponential: Vector3(0, 0, 1)))
        let solution = InverseKinematics(model).solve(target, startingAt: [20])
        #expect(solution.isConverged && abs(solution.positions[0] - 20) <= .pi)
    }

    @Test func pathsAreFollowedWithoutJumps() throws {
        let tool = try planar.frame("tool")
        let path = (0...20).map { PoseTarget.position(tool, Vector3(1.5, 1 - 0.05 * Double($0), 0)) }
        let solver = InverseKinematics(planar)
        let start = solver.solve(path[0]).positions
        let solutions = solver.follow(path, startingAt: start)
        #expect(solutions.count == path.count && solutions.allSatisfy(\.isConverged))
        for (a, b) in zip(solutions, solutions.dropFirst()) { #expect(deviation(a.positions, b.positions) < 0.1) }

        // ends where the line leaves the reach
        let out = (0...20).map { PoseTarget.position(tool, Vector3(1.5 + 0.1 * Double($0), 1, 0)) }
        let partial = solver.follow(out, startingAt: start)
        #expect(partial.count < out.count && partial.last?.isConverged == false)
    }

    @Test func limitsAreKeptByEverySolution() throws {
        let model = try TestRobots.random(seed: 31, jointCount: 7)
        var generator = SeededGenerator(state: 31)
        let frame = try model.frame("l6")
        var solver = InverseKinematics(model)
        solver.options.startLimit = 5
        solver.options.diagnosesFailures = false
        let targets = (0..<200).map { _ in
            PoseTarget(
                frame,
                pose: Pose(
                    rotation: Rotation(exponential: generator.vector(-2...2)), translation: generator.vector(-1...1)))
        }
        for solution in solver.solve(batch: targets) { #expect(model.isWithinLimits(solution.positions)) }
    }
}
