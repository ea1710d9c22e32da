import Foundation
import Kinematics
import Testing

/// Tolerance of the specification: 1e-9 relative to max(1, |x|).
@Suite struct DynamicsGoldenTests {
    private func relative(_ a: [Double], _ b: [Double]) -> Double {
        guard a.count == b.count else { return .infinity }
        return zip(a, b).reduce(0) { largest, pair in
            let difference = abs(pair.0 - pair.1) / max(1, abs(pair.1))
            return difference.isFinite ? max(largest, difference) : .infinity
        }
    }

    @Test(arguments: RobotGolden.withDynamics) func torquesMatchPinocchio(case golden: RobotGolden) throws {
        let golden = try golden.open()
        let state = try golden.model().makeState()
        let (q, v, a) = (try golden.rows("q"), try golden.rows("v"), try golden.rows("a"))
        let (gravity, bias) = (try golden.rows("gravity"), try golden.rows("nle"))
        let (torques, masses) = (try golden.rows("tau_rnea"), try golden.rows("M"))
        let accelerations = try golden.rows("qdd_aba")
        let zeros = [Double](repeating: 0, count: state.model.coordinateCount)
        var (worst, forward) = (0.0, 0.0)
        for i in q.indices {
            state.update(q[i])
            worst = max(worst, relative(state.gravityTorques(), gravity[i]))
            worst = max(worst, relative(state.biasTorques(velocities: v[i]), bias[i]))
            worst = max(worst, relative(state.inverseDynamics(velocities: v[i], accelerations: a[i]), torques[i]))
            worst = max(worst, relative(state.massMatrix().elements, masses[i]))
            forward = max(forward, relative(state.forwardDynamics(velocities: v[i], torques: zeros), accelerations[i]))
        }
        #expect(worst < 1e-9)
        #expect(forward < 1e-9)
    }

    @Test(arguments: RobotGolden.withDynamics) func energiesMatchPinocchio(case golden: RobotGolden) throws {
        let golden = try golden.open()
        let state = try golden.model().makeState()
        let (q, v, center) = (try golden.rows("q"), try golden.rows("v"), try golden.rows("com"))
        let (kinetic, potential) = (try golden.values("kinetic"), try golden.values("potential"))
        for i in q.indices {
            state.update(q[i])
            #expect(relative(state.centerOfMass.array, center[i]) < 1e-9)
            #expect(relative([state.kineticEnergy(velocities: v[i])], [kinetic[i]]) < 1e-9)
            #expect(relative([state.potentialEnergy], [potential[i]]) < 1e-9)
        }
    }
}
