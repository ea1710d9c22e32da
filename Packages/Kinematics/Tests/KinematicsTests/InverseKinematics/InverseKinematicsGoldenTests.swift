import Parallel
import Foundation
import Kinematics
import TensorCore
import TensorTestSupport
import Testing

/// The protocol of the specification, section 7.6: targets from random postures, seeds far from them.
@Suite(.serialized) struct InverseKinematicsGoldenTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let golden: RobotGolden
        let frame: String
        var testDescription: String { "\(golden.testDescription), \(frame)" }
    }

    static let cases = RobotGolden.withTargets.flatMap { golden in
        ((try? golden.open())?.frames("ik_target") ?? []).map { Case(golden: golden, frame: $0) }
    }

    struct Problem {
        let model: RobotModel
        let targets: [PoseTarget]
        let starts: [[Double]]
    }

    /// With the robot file's arm where there is one, else all joints.
    static func problem(_ test: Case) throws -> Problem {
        let golden = try test.golden.open()
        var model = try golden.model()
        var columns = Array(0..<model.coordinateCount)
        if let configuration = try? golden.configuration() {
            model = try RobotModel(URDFParser.read(golden.urdf()), configuration: configuration)
            columns = try golden.coordinates(of: model)
        }
        let frame = try model.frame(test.frame)
        let targets = try golden.rows("ik_target/\(test.frame)").map { PoseTarget(frame, pose: try Pose(rowMajor: $0)) }
        let starts = try golden.rows("ik_seed").map { row in columns.map { row[$0] } }
        return Problem(model: model, targets: targets, starts: starts)
    }

    @Test(arguments: cases) func everyTargetIsReached(test: Case) throws {
        let problem = try Self.problem(test)
        let solver = InverseKinematics(problem.model)
        let solutions = solver.solve(batch: problem.targets, startingAt: problem.starts)
        let root = DescriptionKinematics(
            description: problem.model.description, positions: problem.model.configuration?.lockedJoints ?? [:])
        var (reached, falseSuccesses) = (0, 0)
        for (target, solution) in zip(problem.targets, solutions) where solution.isConverged {
            reached += 1
            var check = root
            for (coordinate, position) in zip(problem.model.coordinates, solution.positions) {
                check.positions[coordinate.joint] = position
            }
            let pose = check.pose(of: problem.model.baseLink).inverse * check.pose(of: test.frame)
            let error = pose.difference(to: target.poses[0])
            let isGood =
                error.distance <= 1e-5 * (1 + 1e-6) && error.angle <= 1e-5 * (1 + 1e-6)
                && problem.model.isWithinLimits(solution.positions, margin: 1e-12)
            if !isGood { falseSuccesses += 1 }
        }
        #expect(falseSuccesses == 0)
        #expect(Double(reached) >= 0.999 * Double(problem.targets.count))
    }

    @Test(arguments: cases) func threadsDoNotChangeTheAnswers(test: Case) throws {
        let problem = try Self.problem(test)
        let (targets, starts) = (Array(problem.targets.prefix(40)), Array(problem.starts.prefix(40)))
        let solver = InverseKinematics(problem.model)
        let threads = KernelThreads.count
        defer { KernelThreads.count = threads }
        var answers: [[[Double]]] = []
        for count in [1, 2, 4] {
            KernelThreads.count = count
            answers.append(solver.solve(batch: targets, startingAt: starts).map(\.positions))
        }
        #expect(answers[0] == answers[1] && answers[0] == answers[2])
        #expect(answers[0] == zip(targets, starts).map { solver.solve($0, startingAt: $1).positions })
    }
}
