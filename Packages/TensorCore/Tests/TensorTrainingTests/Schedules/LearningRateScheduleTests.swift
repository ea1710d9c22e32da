import Foundation
import TensorTestSupport
import TensorTraining
import Testing

@Suite struct LearningRateScheduleTests {
    @Test func oftDecaysAtItsBoundaryAndWarmsUpFromATenth() {
        let schedule = LearningRateSchedule.stepDecay(base: 2, factor: 0.5, boundary: 10, warmUpStepCount: 4)
        let expected = [0.65, 1.1, 1.55, 2, 2, 2, 2, 2, 2, 2, 1, 1].map { Double($0) }
        expectClose((0..<12).map { schedule.rate(at: $0) }, expected, within: .init(relative: 1e-15, absolute: 0))
        #expect(LearningRateSchedule.openVLAOFT.rate(at: 99_999) == 5e-4)
        #expect(LearningRateSchedule.openVLAOFT.rate(at: 100_000) == 5e-4 * 0.1)
    }

    /// optax: the cosine starts at the end of the warm-up, so the rate reaches its peak; the floor comes at the end.
    @Test func openpiMeetsPeakAndFloor() {
        let schedule = LearningRateSchedule.openpi
        expectClose(schedule.rate(at: 0), 2.5e-5 / 1001, within: .init(relative: 1e-14, absolute: 0))
        #expect(schedule.rate(at: 1000) == 2.5e-5)
        expectClose(schedule.rate(at: 15_500), (2.5e-5 + 2.5e-6) / 2, within: .init(relative: 1e-14, absolute: 0))
        #expect(schedule.rate(at: 30_000) == 2.5e-6)
        #expect(schedule.rate(at: 90_000) == 2.5e-6)
    }

    @Test func firstUpdateOf2026UsesStepOne() {
        let schedule = LearningRateSchedule.miniMind26(base: 1, stepCount: 2)
        #expect(schedule.rate(afterUpdates: 0) == schedule.rate(at: 1))
        #expect(LearningRateSchedule.miniMind07(base: 1, stepCount: 2).rate(afterUpdates: 0) == 1.1)
    }

    @Test(arguments: [
        LearningRateSchedule.constant(0.1), .miniMind07(base: 1, stepCount: 3), .openpi, .smolVLA, .openVLAOFT,
    ])
    func codedScheduleIsTheSame(schedule: LearningRateSchedule) throws {
        let copy = try JSONDecoder().decode(LearningRateSchedule.self, from: JSONEncoder().encode(schedule))
        #expect(copy == schedule)
    }
}

/// `golden/models/schedule`: rates of MiniMind's and LeRobot's own code.
@Suite struct ScheduleGoldenTests {
    struct Case: Decodable {
        struct WarmUpCosine: Decodable {
            var warmup, decay: Int
            var peak, floor: Double
            var lr: [Double]
        }
        var base: Double
        var total: Int
        var lr07, lr26: [Double]
        var warmup_cosine: WarmUpCosine
    }

    @Test(arguments: SharedFixtures.folders(in: "golden/models") { $0.hasPrefix("schedule") })
    func ratesMatch(folder: URL) throws {
        let golden = try Golden.json(folder.appendingPathComponent("case.json"), as: Case.self)
        let tolerance = Tolerance(relative: 1e-12, absolute: 0)
        func compare(_ schedule: LearningRateSchedule, _ expected: [Double], _ name: String) {
            expectClose(expected.indices.map { schedule.rate(at: $0) }, expected, within: tolerance, name)
        }
        compare(.miniMind07(base: golden.base, stepCount: golden.total), golden.lr07, "07")
        compare(.miniMind26(base: golden.base, stepCount: golden.total), golden.lr26, "26")
        let warm = golden.warmup_cosine
        compare(
            .warmUpWithinCosine(
                peak: warm.peak, floor: warm.floor, warmUpStepCount: warm.warmup, stepCount: warm.decay),
            warm.lr, "warm-up and cosine")
    }
}
