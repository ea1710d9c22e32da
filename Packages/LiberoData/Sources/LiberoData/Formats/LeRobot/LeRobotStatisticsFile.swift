import FileSupport
import Foundation
import TensorCore

/// The statistics beside a LeRobot set: `meta/stats.json`, of v2.1 `meta/episodes_stats.jsonl`.
///
/// They are checked, not used: what is needed is computed from the data. A set without them is one that reads.
enum LeRobotStatisticsFile {
    /// - Throws: ``LiberoDataError`` for text that is no JSON, with its line, and for a statistic of another width than
    ///   its feature.
    static func check(_ root: URL, _ info: LeRobotInfo) throws {
        let path = info.version == .v21 ? "meta/episodes_stats.jsonl" : "meta/stats.json"
        guard FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path) else { return }
        guard info.version == .v21 else {
            return try check(LeRobotInfo.object(root, path), info, path, episode: nil)
        }
        for line in try LeRobotInfo.lines(root, path) {
            guard let statistics = line["stats"] else { continue }
            try check(statistics, info, path, episode: line["episode_index"]?.integer)
        }
    }

    private static func check(_ statistics: StrictJSON, _ info: LeRobotInfo, _ path: String, episode: Int?) throws {
        for feature in info.features where !feature.isImage && feature.type != "string" && !feature.shape.isEmpty {
            let width = feature.shape.reduce(1, *)
            for key in ["mean", "std", "min", "max"] {
                guard let value = statistics[feature.name]?[key] else { continue }
                let count = numberCount(value)
                guard count == width else {
                    throw LiberoDataError(
                        .mismatch, level: .open, file: path, episode: episode, column: feature.name,
                        "'\(key)' has \(count) numbers, the feature \(width)",
                        advice: "The statistics are of other data; compute them again.")
                }
            }
        }
    }

    /// Numbers at any depth of lists.
    private static func numberCount(_ value: StrictJSON) -> Int {
        value.array.map { $0.reduce(0) { $0 + numberCount($1) } } ?? (value.double == nil ? 0 : 1)
    }
}
