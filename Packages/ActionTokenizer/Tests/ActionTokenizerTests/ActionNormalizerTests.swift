import RobotInterface
import ActionTokenizer
import Foundation
import TensorTestSupport
import Testing

@Suite struct ActionNormalizerTests {
    /// Three dimensions: −1…3, 0…0.5 and one that is not scaled.
    static func statistics() throws -> ActionStatistics {
        try ActionStatistics(
            mean: [1, 0.25, 0], standardDeviation: [2, 0.125, 1], minimum: [-2, 0, -1], maximum: [4, 0.75, 1],
            lowerQuantile: [-1, 0, -1], upperQuantile: [3, 0.5, 1], mask: [true, true, false],
            gripperConvention: .environment)
    }

    @Test func quantilesGoToMinusOneAndOne() throws {
        let normalizer = try ActionNormalizer(Self.statistics(), method: .openVLAQuantiles)
        let y = normalizer.normalized([3, 0.25, 0.7])
        #expect(abs(y[0] - 1) < 1e-8 && abs(y[1]) < 1e-7)
        // the masked one passes
        #expect(y[2] == 0.7)
        #expect(normalizer.normalized([9, -9, 9]) == [1, -1, 9])
        #expect(normalizer.denormalized([-1, 1, 0.2]) == [-1, 0.5, 0.2])
        #expect(normalizer.gripperConvention == .environment)
    }

    @Test func scoresAreDeviationsFromTheMean() throws {
        let normalizer = try ActionNormalizer(Self.statistics(), method: .standardScore)
        #expect(normalizer.normalized([5, 0.125, 0.5]) == [2, -1, 0.5])
        #expect(normalizer.denormalized([2, -1, 0.5]) == [5, 0.125, 0.5])
    }

    @Test func openpiDoesNotClip() throws {
        let normalizer = try ActionNormalizer(Self.statistics(), method: .openPIQuantiles)
        #expect(abs(normalizer.normalized([5, 0, 0])[0] - 2) < 1e-5)
    }

    @Test(arguments: ActionNormalizer.Method.allCases)
    func everyMethodComesBack(method: ActionNormalizer.Method) throws {
        let normalizer = try ActionNormalizer(Self.statistics(), method: method)
        let x = [0.3, 0.1, -0.8]
        let back = normalizer.denormalized(normalizer.normalized(x))
        // OpenVLA adds 1e-8 on one way only
        #expect(zip(back, x).allSatisfy { abs($0 - $1) < 2e-8 })
        #expect(normalizer.normalized([.nan, 0, 0])[0].isNaN)
    }

    @Test func constantDimensionsBecomeZero() throws {
        let statistics = try ActionStatistics(
            minimum: [2, 0], maximum: [2, 1], lowerQuantile: [2, 0], upperQuantile: [2, 1])
        let normalizer = try ActionNormalizer(statistics, method: .openVLAQuantiles)
        #expect(normalizer.normalized([2, 0])[0] == 0)
        #expect(normalizer.denormalized([0, 0])[0] == 2)
    }

    @Test func whatAMethodNeedsHasToBeThere() throws {
        let statistics = try ActionStatistics(mean: [0, 0], standardDeviation: [1, 0])
        #expect(throws: ActionStatisticsError.missing(["q01"], method: "openVLAQuantiles")) {
            try ActionNormalizer(statistics, method: .openVLAQuantiles)
        }
        #expect(throws: ActionStatisticsError.missing(["min"], method: "openVLABounds")) {
            try ActionNormalizer(statistics, method: .openVLABounds)
        }
        #expect(throws: ActionStatisticsError.zeroDeviation(dimension: 1)) {
            try ActionNormalizer(statistics, method: .standardScore)
        }
        #expect(try ActionNormalizer(statistics, method: .openVLANormal).normalized([0, 0]) == [0, 0])
        #expect(try ActionNormalizer(statistics, method: .identity).normalized([5, 6]) == [5, 6])
    }

    @Test func statisticsThatContradictThemselvesAreRefused() {
        #expect(throws: ActionStatisticsError.noStatistics) { try ActionStatistics() }
        #expect(throws: ActionStatisticsError.lengthMismatch("std", count: 1, expected: 2)) {
            try ActionStatistics(mean: [0, 0], standardDeviation: [1])
        }
        #expect(throws: ActionStatisticsError.lengthMismatch("mask", count: 3, expected: 1)) {
            try ActionStatistics(mean: [0], mask: [true, true, true])
        }
        #expect(throws: ActionStatisticsError.notFinite("mean", dimension: 1)) {
            try ActionStatistics(mean: [0, .infinity])
        }
        #expect(throws: ActionStatisticsError.outOfOrder("q01 and q99", dimension: 0, lower: 1, upper: 0)) {
            try ActionStatistics(lowerQuantile: [1], upperQuantile: [0])
        }
        #expect(throws: ActionStatisticsError.negativeDeviation(dimension: 0)) {
            try ActionStatistics(standardDeviation: [-1])
        }
    }
}

@Suite struct GripperConventionTests {
    @Test func openAndClosedKeepTheirMeaning() {
        #expect(GripperConvention.environment.converted(-1, to: .openVLA) == 1)
        #expect(GripperConvention.environment.converted(1, to: .openVLA) == 0)
        #expect(GripperConvention.openVLA.converted(1, to: .environment) == -1)
        #expect(GripperConvention.openVLA.converted(0, to: .environment) == 1)
        #expect(GripperConvention.openVLA.converted(0.3, to: .environment) == 1)
    }

    @Test func commandsInBetweenFollowTheReference() {
        #expect(GripperConvention.environment.converted(0, to: .openVLA) == 1)
        #expect(GripperConvention.openVLA.converted(0.5, to: .environment) == 0)
        #expect(GripperConvention.environment.converted(0.3, to: .environment) == 0.3)
    }

    @Test func conventionsThatDifferAreRefused() throws {
        let statistics = try ActionStatistics(mean: [0], gripperConvention: .openVLA)
        try statistics.requireGripperConvention(.openVLA)
        #expect(throws: ActionStatisticsError.gripperConvention(found: .openVLA, expected: .environment)) {
            try statistics.requireGripperConvention(.environment)
        }
        #expect(throws: ActionStatisticsError.self) {
            try ActionStatistics(mean: [0]).requireGripperConvention(.environment)
        }
    }
}

/// `golden/models/normalise*`: OpenVLA's loader in `Float`.
@Suite struct NormalizationGoldenTests {
    private struct Case: Decodable {
        let mask: [Bool]
    }

    static let folders = SharedFixtures.folders(in: "golden/models") { $0.hasPrefix("normalise") }

    @Test(arguments: folders)
    func normalizedActionsMatchOpenVLA(folder: URL) throws {
        let setting = try Golden.json(folder.appendingPathComponent("case.json"), as: Case.self)
        let golden = try Golden(folder.appendingPathComponent("io.safetensors"))
        func list(_ name: String) throws -> [Double] { try golden(name).floats.map(Double.init) }
        let statistics = try ActionStatistics(
            mean: list("mean"), standardDeviation: list("std"), minimum: list("min"), maximum: list("max"),
            lowerQuantile: list("q01"), upperQuantile: list("q99"), mask: setting.mask)
        let normalizer = try ActionNormalizer(statistics, method: .openVLAQuantiles)

        // the reference subtracts 1 in Float: near 0 its error is that of numbers near 1
        let tolerance = Tolerance(relative: 1e-6, absolute: 5e-7)
        let width = statistics.dimensionCount
        let (actions, normalized, unnormalized) = (
            try list("actions"), try list("normalised"), try list("unnormalised")
        )
        for row in stride(from: 0, to: actions.count, by: width) {
            let columns = row..<row + width
            for (y, expected) in zip(normalizer.normalized(Array(actions[columns])), normalized[columns]) {
                #expect(tolerance.accepts(y, expected))
            }
            for (x, expected) in zip(normalizer.denormalized(Array(normalized[columns])), unnormalized[columns]) {
                #expect(tolerance.accepts(x, expected))
            }
        }
    }

    @Test(arguments: folders)
    func gripperCommandsMatchOpenVLA(folder: URL) throws {
        let golden = try Golden(folder.appendingPathComponent("io.safetensors"))
        func list(_ name: String) throws -> [Double] { try golden(name).floats.map(Double.init) }
        let (environment, openVLA) = (try list("gripper_env"), try list("gripper_openvla"))
        #expect(environment.map { GripperConvention.environment.converted($0, to: .openVLA) } == openVLA)
        let back = openVLA.map { GripperConvention.openVLA.converted($0, to: .environment) }
        #expect(try back == list("gripper_back_to_env"))
    }
}
