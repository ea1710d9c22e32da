import Kinematics
import Testing

/// The targets of `golden/kinematics` in closed form, for the arms that have one.
@Suite struct AnalyticInverseKinematicsGoldenTests {
    static let cases = InverseKinematicsGoldenTests.cases.filter { test in
        guard let model = try? InverseKinematicsGoldenTests.problem(test).model,
            let frame = try? model.frame(test.frame)
        else { return false }
        return AnalyticInverseKinematics(model, frame: frame) != nil
    }

    /// The posture that a target was made from is among its solutions, up to whole circles.
    @Test(arguments: cases) func theWitnessIsAmongTheSolutions(test: InverseKinematicsGoldenTests.Case) throws {
        let golden = try test.golden.open()
        let problem = try InverseKinematicsGoldenTests.problem(test)
        let solver = try #require(AnalyticInverseKinematics(problem.model, frame: problem.model.frame(test.frame)))
        let full = try golden.model()
        let columns = problem.model.coordinates.map { full.coordinate(ofJoint: $0.joint) ?? 0 }
        let witnesses = try golden.rows("ik_q_witness").map { row in columns.map { row[$0] } }
        let state = problem.model.makeState()
        for (target, witness) in zip(problem.targets, witnesses).prefix(60) {
            let held = solver.heldCoordinate.map { [witness[$0]] }
            let solutions = solver.solutions(for: target.poses[0], holding: held, near: witness)
            for solution in solutions {
                state.update(solution)
                let error = state.pose(of: target.frame).difference(to: target.poses[0])
                #expect(error.distance < 1e-8 && error.angle < 1e-8)
            }
            // a robot file may narrow the limits; near singular postures others are as good, and the rounding counts
            state.update(witness)
            guard problem.model.isWithinLimits(witness), state.conditionNumber(of: target.frame) < 300 else { continue }
            let nearest = try #require(solutions.first)
            let difference = solver.coordinates.map { abs(nearest[$0] - witness[$0]) }
            #expect((difference.max() ?? 1) < 1e-4)
        }
    }
}
