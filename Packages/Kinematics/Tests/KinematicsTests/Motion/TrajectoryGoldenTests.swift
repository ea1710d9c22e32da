import Foundation
import Kinematics
import TensorTestSupport
import Testing

/// `golden/kinematics/trajectory.json`: problems solved by Ruckig and TOPP-RA.
private struct TrajectoryGolden: Decodable {
    struct Ruckig: Decodable {
        let current_position, current_velocity, current_acceleration: [Double]
        let target_position, target_velocity, target_acceleration: [Double]
        let max_velocity, max_acceleration, max_jerk: [Double]
        let duration: Double
        let independent_min_durations: [Double]
        let sample_t: [Double]
        let sample_pva: [[[Double]]]
    }
    struct TOPPRA: Decodable {
        let waypoints: [[Double]]
        let s: [Double]
        let bc_type: String
        let vmax, amax: [Double]
        let grid: Int
        let duration: Double
        let sd_at_every_20th: [Double]
    }
    let ruckig: [Ruckig]
    let toppra: [TOPPRA]

    static let all = SharedFixtures.all("golden/kinematics/trajectory.json").compactMap { url -> TrajectoryGolden? in
        try? Golden.json(url)
    }
    static let allMotions = all.flatMap(\.ruckig)
    static let allPaths = all.flatMap(\.toppra)
}

/// Tolerances of the specification: 1e-6 s and 1e-5 for Ruckig, 0.2 % and 1 % for TOPP-RA.
@Suite struct TrajectoryGoldenTests {
    @Test(arguments: Array(TrajectoryGolden.allMotions.indices))
    func jerkLimitedMotionMatchesRuckig(index: Int) throws {
        let golden = TrajectoryGolden.allMotions[index]
        let limits = MotionLimits(
            velocities: golden.max_velocity, accelerations: golden.max_acceleration, jerks: golden.max_jerk)
        let start = MotionState(
            positions: golden.current_position, velocities: golden.current_velocity,
            accelerations: golden.current_acceleration)
        let motion = try #require(
            JerkLimitedMotion(
                from: start, to: golden.target_position, velocities: golden.target_velocity,
                accelerations: golden.target_acceleration, limits: limits))
        #expect(deviation(motion.shortestDurations, golden.independent_min_durations) < 1e-6)
        #expect(abs(motion.duration - golden.duration) < 1e-6)
        for (time, expected) in zip(golden.sample_t, golden.sample_pva) {
            let state = motion.state(at: time)
            #expect(deviation(state.positions, expected[0]) < 1e-5)
            #expect(deviation(state.velocities, expected[1]) < 1e-5)
            #expect(deviation(state.accelerations, expected[2]) < 1e-5)
        }
    }

    @Test(arguments: Array(TrajectoryGolden.allPaths.indices))
    func timeOptimalMotionMatchesTOPPRA(index: Int) throws {
        let golden = TrajectoryGolden.allPaths[index]
        let ends = try #require(JointPath.EndCondition(rawValue: golden.bc_type))
        let path = JointPath(golden.waypoints, knots: golden.s, ends: ends)
        let limits = MotionLimits(velocities: golden.vmax, accelerations: golden.amax)
        let motion = try #require(TimeOptimalMotion(path, limits: limits, gridCount: golden.grid))
        #expect(abs(motion.duration - golden.duration) < 2e-3 * golden.duration)
        let largest = golden.sd_at_every_20th.max() ?? 1
        for (place, speed) in golden.sd_at_every_20th.enumerated() {
            #expect(abs(motion.speeds[20 * place] - speed) < 1e-2 * max(speed, 0.1 * largest))
        }
    }
}
