import Kinematics
import Testing

@Suite struct InverseKinematicsSearchTests {
    private let planar = try! TestRobots.planarModel()

    @Test func usedAgainASearchGivesTheSameAnswers() throws {
        let tool = try planar.frame("tool")
        let solver = InverseKinematics(planar)
        let search = solver.makeSearch(for: [tool])
        var solution = InverseKinematics.Solution()
        for point in [Vector3(1.5, 1, 0), Vector3(2.6, 0, 0), Vector3(0.55, 0, 0), Vector3(-1, 1, 0)] {
            let target = PoseTarget.position(tool, point)
            search.solve([target], startingAt: [[0.1, 0.2]], into: &solution)
            let expected = solver.solve(target, startingAt: [0.1, 0.2])
            #expect(solution.positions == expected.positions && solution.outcome == expected.outcome)
            #expect(solution.iterationCount == expected.iterationCount)
            #expect(solution.isPoseReached == expected.isConverged)
        }
    }

    @Test func givenStartsComeBeforeTheSearchsOwn() throws {
        let target = PoseTarget.position(try planar.frame("tool"), Vector3(1.5, 1, 0))
        var solver = InverseKinematics(planar)
        // at these the arm is straight and the target behind it: no descent gets away from there
        let stuck = [[0.588, 0.0], [0.588, 0.0]]
        let solution = solver.solve([target], startingAtAnyOf: stuck + [[0.5, -1.2]])
        #expect(solution.isConverged && solution.startIndex <= 2)
        solver.options.startLimit = 1
        let batch = solver.solve(batch: [target, target], startingAtAnyOf: [[[0.5, 1.2]], [[0.5, -1.2]]])
        #expect(batch.map { $0.positions[1] > 0 } == [true, false])
    }

    /// The elbow has no limit of velocity; the shoulder turns 2 rad in a second.
    @Test func whatIsTooFarForThePeriodIsBeyondTheLimits() throws {
        let tool = try planar.frame("tool")
        var solver = InverseKinematics(planar)
        let state = planar.makeState()
        state.update([1, 0.5])
        let target = PoseTarget.position(tool, state.position(of: tool))
        solver.options.period = 0.3
        let late = solver.solve(target, startingAt: [0.1, 0.5])
        #expect(late.outcome == .limits && late.positions[0] <= 0.7 + 1e-12)
        solver.options.period = 0.6
        let inTime = solver.solve(target, startingAt: [0.1, 0.5])
        #expect(inTime.isConverged && abs(inTime.positions[0] - 0.1) <= 1.2)
    }
}
