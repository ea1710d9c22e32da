import FileSupport
import Foundation
import TensorCore

/// The statistics beside a LeRobot set: `meta/stats.json`, of v2.1 `meta/episodes_stats.jsonl`.
///
/// They are checked, not used: what is needed is computed from the data. A set without them is one that reads.
enum LeRobotStatisticsFile {
    /// - Returns: Statistics that are not finite: of no use, and not needed.
    /// - Throws: ``LiberoDataError`` for text that is no JSON, with its line, and for a statistic of another width than
    ///   its feature.
    static func check(_ root: URL, _ info: LeRobotInfo) throws -> [DatasetWarning] {
        let path = info.version == .v21 ? "meta/episodes_stats.jsonl" : "meta/stats.json"
        guard FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path) else { return [] }
        var notFinite: [String] = []
        if info.version == .v21 {
            for line in try LeRobotInfo.lines(root, path, allowingNotFinite: true) {
                guard let statistics = line["stats"] else { continue }
                try check(statistics, info, path, episode: line["episode_index"]?.integer, &notFinite)
            }
        } else {
            let statistics = try LeRobotInfo.object(root, path, allowingNotFinite: true)
            try check(statistics, info, path, episode: nil, &notFinite)
        }
        guard !notFinite.isEmpty else { return [] }
        var seen: Set<String> = []
        let names = notFinite.filter { seen.insert($0).inserted }
        return [
            DatasetWarning(
                file: path,
                "NaN or infinite: \(names.prefix(8).joined(separator: ", "))\(names.count > 8 ? ", …" : ""); the statistics "
                    + "are computed from the data instead")
        ]
    }

    private static func check(
        _ statistics: StrictJSON, _ info: LeRobotInfo, _ path: String, episode: Int?, _ notFinite: inout [String]
    ) throws {
        for feature in info.features where !feature.isImage && feature.type != "string" && !feature.shape.isEmpty {
            for key in ["mean", "std", "min", "max"] {
                guard let value = statistics[feature.name]?[key], !value.isNull else { continue }
                let count = numberCount(value)
                guard count == feature.width else {
                    throw LiberoDataError(
                        .mismatch, level: .open, file: path, episode: episode, column: feature.name,
                        "'\(key)' has \(count) numbers, the feature \(feature.width)",
                        advice: "The statistics are of other data; compute them again.")
                }
                if !isFinite(value) { notFinite.append("\(feature.name).\(key)") }
            }
        }
    }

    /// Numbers, and truth values, which extremes of truth values are, at any depth of lists.
    private static func numberCount(_ value: StrictJSON) -> Int {
        value.array.map { $0.reduce(0) { $0 + numberCount($1) } }
            ?? (value.double != nil || value.bool != nil || value.isNull ? 1 : 0)
    }

    private static func isFinite(_ value: StrictJSON) -> Bool {
        value.array.map { $0.allSatisfy(isFinite) } ?? (value.double ?? 0).isFinite
    }
}
