import ActionTokenizer
import Foundation
import TensorTestSupport
import Testing

/// The published statistics files of `data/stats`.
@Suite struct ActionStatisticsFileTests {
    static let openVLA = ["openvla", "openvla_oft"].flatMap { files(in: "data/stats/\($0)", suffix: "statistics.json") }
    static let openPI = files(in: "data/stats/openpi", suffix: "norm_stats.json")
    static let leRobot = SharedFixtures.folders(in: "data/stats").flatMap {
        files(in: "data/stats/\($0.lastPathComponent)", suffix: "stats.json")
    }.filter { $0.lastPathComponent == "stats.json" }

    /// The four suites by themselves, and all of them together.
    static let suites = SharedFixtures.entries(in: "data/stats/openvla")
    static let whole = leRobot.first { $0.path.contains("physical_intelligence_libero") }

    private static func files(in folder: String, suffix: String) -> [URL] {
        SharedFixtures.entries(in: folder).filter { $0.lastPathComponent.hasSuffix(suffix) }
    }

    @Test(arguments: openVLA)
    func openVLAsFilesAreRead(file: URL) throws {
        let statistics = try ActionStatistics(openVLA: file)
        #expect(statistics.mask.last == false && statistics.mask.dropLast().allSatisfy { $0 })
        #expect(statistics.gripperConvention == .openVLA)
        let normalizer = try ActionNormalizer(statistics, method: .openVLAQuantiles)
        let upper = try #require(statistics.upperQuantile)
        #expect(normalizer.normalized(upper).dropLast().allSatisfy { abs($0 - 1) < 1e-6 })
        #expect(throws: ActionStatisticsError.self) { try ActionStatistics(openVLA: file, dataset: "none") }
        #expect(throws: ActionStatisticsError.self) { try ActionStatistics(openVLA: file, entry: "none") }
    }

    @Test(arguments: openPI)
    func openpisFilesAreRead(file: URL) throws {
        let actions = try ActionStatistics(openPI: file)
        #expect(actions.minimum == nil)
        #expect(throws: ActionStatisticsError.self) { try ActionNormalizer(actions, method: .openVLABounds) }
        _ = try ActionNormalizer(actions, method: .openPIQuantiles)
        #expect(try ActionStatistics(openPI: file, entry: "state").dimensionCount > actions.dimensionCount)
    }

    @Test(arguments: leRobot)
    func leRobotsFilesAreRead(file: URL) throws {
        let actions = try ActionStatistics(leRobot: file, feature: "actions")
        #expect(actions.gripperConvention == .environment)
        #expect(actions.lowerQuantile != nil && actions.upperQuantile != nil)
        let tokenizer = try BinActionTokenizer(tokens: ActionTokenMap(lastIDsOf: 6_400), quantilesOf: actions)
        #expect(tokenizer.dimensionCount == actions.dimensionCount)
        // images have no list with an entry per dimension
        let error = #expect(throws: ActionStatisticsError.self) {
            try ActionStatistics(leRobot: file, feature: "image")
        }
        #expect(error?.description.contains("not a list of numbers") == true)
    }

    /// Pooled over the suites, OpenVLA's means are those of the LeRobot set; the gripper's is 1 − 2m.
    @Test(.enabled(if: whole != nil && !suites.isEmpty))
    func publishedMeansAgree() throws {
        var (sum, count) = ([Double](repeating: 0, count: 7), 0.0)
        for file in Self.suites {
            let object = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
            let entry = try #require(object.values.first as? [String: Any])
            let n = try #require(entry["num_transitions"] as? Double)
            let mean = try #require(ActionStatistics(openVLA: file).mean)
            sum = zip(sum, mean).map { $0 + n * $1 }
            count += n
        }
        var pooled = sum.map { $0 / count }
        pooled[6] = 1 - 2 * pooled[6]
        let whole = try #require(Self.whole)
        let expected = try #require(ActionStatistics(leRobot: whole, feature: "actions").mean)
        #expect(zip(pooled, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test(arguments: [
        "", "[]", "{", #"{"a": 1}"#, #"{"a": {"action": {"mean": "x"}}}"#, #"{"a": {"action": {}}}"#,
    ])
    func otherFilesAreRefused(json: String) throws { try expectRefusal(of: json) }

    @Test func deepNestingIsRefused() throws { try expectRefusal(of: String(repeating: "[", count: 1_000_000)) }

    private func expectRefusal(of json: String) throws {
        try withTemporaryFile(json) { file in
            #expect(throws: ActionStatisticsError.self) { try ActionStatistics(openVLA: file) }
            #expect(throws: ActionStatisticsError.self) { try ActionStatistics(openPI: file) }
            #expect(throws: ActionStatisticsError.self) { try ActionStatistics(leRobot: file, feature: "action") }
        }
    }
}
