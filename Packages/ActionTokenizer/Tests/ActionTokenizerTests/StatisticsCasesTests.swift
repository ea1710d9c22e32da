import ActionTokenizer
import Foundation
import TensorTestSupport
import Testing

/// `cases/13…` and `cases/14…`: statistics as users have them.
@Suite struct StatisticsCasesTests {
    static func files(_ kind: String) -> [URL] {
        SharedFixtures.folders(in: "cases") { $0.hasPrefix(kind) }.flatMap {
            SharedFixtures.entries(in: "cases/\($0.lastPathComponent)")
        }.filter { $0.pathExtension == "json" }
    }

    /// Whether numbers are those that Foundation reads, whose last digit is off.
    private func isSame(_ a: [Double]?, _ b: Any?) -> Bool {
        guard let b = b as? [Double] else { return a == nil && (b == nil || b is NSNull) }
        return a?.count == b.count && zip(a ?? [], b).allSatisfy { abs($0 - $1) <= 1e-14 * max(abs($1), 1) }
    }

    /// The data sets of a file of OpenVLA's, also of its `config.json`.
    private func datasets(_ file: URL) throws -> [String: Any]? {
        let object = try? JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
        return object.map { $0["norm_stats"] as? [String: Any] ?? $0 }
    }

    /// One data set is read; of several each by its name, and without one the names are told; a number that is not finite
    /// is named with its place.
    @Test(arguments: files("13"))
    func openVLAsStatisticsAreReadOrNamed(file: URL) throws {
        guard let sets = try datasets(file) else {
            // Python's NaN, which is no JSON
            let error = #expect(throws: ActionStatisticsError.self) { try ActionStatistics(openVLA: file) }
            guard case .unusable(let entry, file.path, let reason) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(entry.hasSuffix(".action") && reason.contains("finite"))
            return
        }
        if sets.count == 1 {
            _ = try ActionStatistics(openVLA: file)
        } else {
            let error = #expect(throws: ActionStatisticsError.self) { try ActionStatistics(openVLA: file) }
            #expect(error == .severalDatasets(sets.keys.sorted(), file: file.path))
        }
        for (name, value) in sets {
            let statistics = try ActionStatistics(openVLA: file, dataset: name)
            let action = try #require((value as? [String: Any])?["action"] as? [String: Any])
            #expect(isSame(statistics.mean, action["mean"]))
            #expect((statistics.lowerQuantile == nil) == (action["q01"] == nil))
        }
    }

    /// With and without the outer key, padded, and with quantiles that are null.
    @Test(arguments: files("14"))
    func openpisStatisticsAreRead(file: URL) throws {
        let object = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
        let inner = try #require(object["norm_stats"] as? [String: Any] ?? object)
        for entry in ["actions", "state"] {
            let expected = try #require(inner[entry] as? [String: Any])
            let statistics = try ActionStatistics(openPI: file, entry: entry)
            #expect(isSame(statistics.mean, expected["mean"]))
            #expect(isSame(statistics.lowerQuantile, expected["q01"]))
        }
    }
}
