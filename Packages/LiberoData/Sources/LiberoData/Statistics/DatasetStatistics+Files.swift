import ActionTokenizer
import FileSupport
public import Foundation
import TensorCore

extension DatasetStatistics {
    /// Writes the research code's form: LeRobot's `stats.json` with `1st_percentile` and `99th_percentile` among the
    /// actions; other keys of a file that is there stay as they are.
    ///
    /// - Parameters:
    ///   - url: The file.
    ///   - features: The names of the data set for actions and states.
    ///   - names: The names of the images by camera.
    /// - Throws: `SerializationError` when the file cannot be read or written.
    public func write(
        researchCode url: URL, features: (action: String, state: String) = ("actions", "state"),
        cameras names: [String: String] = [:]
    ) throws {
        var root = StrictJSON.object([])
        if FileManager.default.fileExists(atPath: url.path) {
            root = try StrictJSON(parsing: FileContent.data(at: url), file: url.path)
        }
        func merge(_ feature: String, _ statistics: ColumnStatistics, nested: Bool = false, percentiles: Bool = false) {
            func list(_ values: [Double]) -> StrictJSON {
                nested ? .array(values.map { .array([.array([.number($0)])]) }) : .numbers(values)
            }
            var entry = root[feature] ?? .object([])
            entry.set("mean", to: list(statistics.mean))
            entry.set("std", to: list(statistics.standardDeviation))
            entry.set("max", to: list(statistics.maximum))
            entry.set("min", to: list(statistics.minimum))
            if percentiles, let low = statistics.quantile(0.01), let high = statistics.quantile(0.99) {
                entry.set("1st_percentile", to: list(low))
                entry.set("99th_percentile", to: list(high))
            }
            root.set(feature, to: entry)
        }
        merge(features.action, action, percentiles: true)
        merge(features.state, state)
        for (camera, statistics) in cameras.sorted(by: { $0.key < $1.key }) {
            merge(names[camera.rawValue] ?? camera.rawValue, statistics, nested: true)
        }
        try AtomicFile.write(Data(root.text(indentation: 4).utf8), to: url)
    }

    /// Writes OpenVLA's `dataset_statistics.json`: its gripper is 1 open, 0 closed, and is not scaled.
    ///
    /// - Parameters:
    ///   - url: The file.
    ///   - dataset: The outer key, such as `libero_spatial_no_noops`.
    public func write(openVLA url: URL, dataset: String) throws {
        // the last dimension in OpenVLA's convention: 1 − clip(g, 0, 1) of values −1 and +1
        var converted = action
        let last = action.mean.count - 1
        converted.mean[last] = (1 - action.mean[last]) / 2
        converted.standardDeviation[last] = action.standardDeviation[last] / 2
        converted.minimum[last] = (1 - action.maximum[last]) / 2
        converted.maximum[last] = (1 - action.minimum[last]) / 2
        for index in converted.quantiles.indices {
            let mirrored = action.quantiles.first { abs($0.share - (1 - action.quantiles[index].share)) < 1e-12 }
            if let value = mirrored?.values[last] { converted.quantiles[index].values[last] = (1 - value) / 2 }
        }

        func entry(_ statistics: ColumnStatistics, mask: [Bool]?) -> StrictJSON {
            var members: [(key: String, value: StrictJSON)] = [
                ("mean", .numbers(statistics.mean)), ("std", .numbers(statistics.standardDeviation)),
                ("max", .numbers(statistics.maximum)), ("min", .numbers(statistics.minimum)),
                ("q01", .numbers(statistics.quantile(0.01) ?? [])), ("q99", .numbers(statistics.quantile(0.99) ?? [])),
            ]
            if let mask { members.append(("mask", .array(mask.map { .bool($0) }))) }
            return .object(members)
        }
        let mask = (0..<action.mean.count).map { $0 != last }
        let content = StrictJSON.object([
            (
                dataset,
                .object([
                    ("action", entry(converted, mask: mask)), ("proprio", entry(state, mask: nil)),
                    ("num_transitions", .number(state.count)), ("num_trajectories", .number(episodes.count)),
                ])
            )
        ])
        try AtomicFile.write(Data(content.text(indentation: 2).utf8), to: url)
    }

    /// Writes openpi's `norm_stats.json`.
    public func write(openPI url: URL) throws {
        func entry(_ statistics: ColumnStatistics) -> StrictJSON {
            .object([
                ("mean", .numbers(statistics.mean)), ("std", .numbers(statistics.standardDeviation)),
                ("q01", .numbers(statistics.quantile(0.01) ?? [])), ("q99", .numbers(statistics.quantile(0.99) ?? [])),
            ])
        }
        let content = StrictJSON.object([
            ("norm_stats", .object([("state", entry(state)), ("actions", entry(action))]))
        ])
        try AtomicFile.write(Data(content.text(indentation: 2).utf8), to: url)
    }
}
