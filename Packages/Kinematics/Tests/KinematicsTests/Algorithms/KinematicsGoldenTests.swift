import Foundation
import Kinematics
import Testing

/// Tolerances of the specification: 1e-12 for poses, 1e-11 for Jacobians.
@Suite struct KinematicsGoldenTests {
    @Test(arguments: RobotGolden.all) func coordinatesMatchPinocchio(case golden: RobotGolden) throws {
        let golden = try golden.open()
        let model = try golden.model()
        #expect(model.jointNames == (try golden.list("joints")))
        let expected: Set<String> = Set(try golden.list("frames"))
        #expect(Set(model.frameNames) == expected)

        let n = model.coordinateCount
        #expect(n == Int(try golden.text("nq")))
        let limits = try golden.values("position_limits")
        #expect(model.coordinates.map(\.lower) == Array(limits[..<n]))
        #expect(model.coordinates.map(\.upper) == Array(limits[n...]))
        #expect(model.coordinates.map(\.effort) == (try golden.values("effort_limits")))
        // a limit of 0 means that the file does not know
        let velocities = try golden.values("velocity_limits").map { $0 == 0 ? .infinity : $0 }
        #expect(model.coordinates.map(\.velocity) == velocities)
    }

    @Test(arguments: RobotGolden.all) func everyFrameMatchesPinocchio(case golden: RobotGolden) throws {
        let golden = try golden.open()
        let state = try golden.model().makeState()
        let frames = try (golden.list("frames") as [String]).map { try state.model.frame($0) }
        var worst = 0.0
        for (q, expected) in zip(try golden.rows("q"), try golden.rows("fk")) {
            state.update(q)
            for (index, frame) in frames.enumerated() {
                worst = max(worst, deviation(state.matrix(of: frame), Array(expected[16 * index..<16 * (index + 1)])))
            }
        }
        #expect(worst < 1e-12)
    }

    @Test(arguments: RobotGolden.all) func jacobiansMatchPinocchio(case golden: RobotGolden) throws {
        let golden = try golden.open()
        let state = try golden.model().makeState()
        let kinds: [(String, JacobianKind)] = [
            ("J_lwa", .localWorldAligned), ("J_local", .local), ("J_world", .spatial),
        ]
        for (prefix, kind) in kinds {
            for name in golden.frames(prefix) {
                let frame = try state.model.frame(name)
                var worst = 0.0
                for (q, expected) in zip(try golden.rows("q"), try golden.rows("\(prefix)/\(name)")) {
                    state.update(q)
                    worst = max(worst, deviation(state.jacobian(of: frame, kind).elements, expected))
                }
                #expect(worst < 1e-11, "\(prefix) of \(name)")
            }
        }
    }

    @Test(arguments: RobotGolden.all) func velocitiesAndAccelerationsMatchPinocchio(case golden: RobotGolden) throws {
        let golden = try golden.open()
        let state = try golden.model().makeState()
        let (q, v, a) = (try golden.rows("q"), try golden.rows("v"), try golden.rows("a"))
        for name in golden.frames("vel_lwa") {
            let frame = try state.model.frame(name)
            let velocity = try golden.rows("vel_lwa/\(name)")
            let acceleration = try golden.rows("acc_classical_lwa/\(name)")
            let bias = try golden.rows("Jdotv_lwa/\(name)")
            for i in q.indices {
                state.update(q[i])
                #expect(deviation(state.velocity(of: frame, velocities: v[i]).array, velocity[i]) < 1e-11)
                let full = state.acceleration(of: frame, velocities: v[i], accelerations: a[i])
                #expect(deviation(full.array, acceleration[i]) < 1e-10)
                #expect(deviation(state.acceleration(of: frame, velocities: v[i]).array, bias[i]) < 1e-10)
            }
        }
    }
}
