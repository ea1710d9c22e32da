import RobotInterface
public import Foundation

extension ActionStatistics {
    /// Reads OpenVLA's `dataset_statistics.json`: `{dataset: {"action": {mean, std, max, min, q01, q99, mask}, …}}`.
    ///
    /// The gripper convention follows from the extremes of the last dimension.
    ///
    /// - Parameters:
    ///   - file: The JSON file.
    ///   - dataset: The outer key; may be left out when there is one. Where it is missing, it is looked for with
    ///     `_no_noops` behind it, as OpenVLA does; files without an outer key are read, too.
    ///   - entry: `action` or `proprio`.
    /// - Throws: ``ActionStatisticsError``, the system's error when the file cannot be read.
    public init(openVLA file: URL, dataset: String? = nil, entry: String = "action") throws {
        let root = try StatisticsObject(file: file)
        let names = dataset.map { [$0, $0 + "_no_noops"] } ?? (root.keys.count == 1 ? root.keys : [])
        if let name = names.first(where: root.keys.contains) {
            try self.init(root.object(name).object(entry), quantiles: (["q01"], ["q99"]))
        } else if root.keys.contains(entry) {
            try self.init(root.object(entry), quantiles: (["q01"], ["q99"]))
        } else if let dataset {
            try self.init(root.object(dataset), quantiles: (["q01"], ["q99"]))
        } else {
            throw ActionStatisticsError.wrongLayout(
                file: file.path, reason: "it holds \(root.keys.count) data sets (\(root.keys)), name one of them")
        }
    }

    /// Reads openpi's `norm_stats.json`: `{"norm_stats": {"state": {mean, std, q01, q99}, "actions": {…}}}`.
    ///
    /// - Parameters:
    ///   - file: The JSON file.
    ///   - entry: `actions` or `state`.
    /// - Throws: ``ActionStatisticsError``, the system's error when the file cannot be read.
    public init(openPI file: URL, entry: String = "actions") throws {
        try self.init(
            StatisticsObject(file: file).object("norm_stats").object(entry), quantiles: (["q01"], ["q99"]))
    }

    /// Reads LeRobot's `stats.json`: `{feature: {mean, std, max, min, …}, …}`.
    ///
    /// The research code of microVLA2025 adds `1st_percentile` and `99th_percentile`; `1th_percentile` occurs as well.
    ///
    /// - Parameters:
    ///   - file: The JSON file.
    ///   - feature: Such as `actions` or `state`; names differ between data sets.
    /// - Throws: ``ActionStatisticsError``, the system's error when the file cannot be read.
    public init(leRobot file: URL, feature: String) throws {
        try self.init(
            StatisticsObject(file: file).object(feature),
            quantiles: (["1st_percentile", "1th_percentile", "q01"], ["99th_percentile", "q99"]))
    }

    private init(_ entry: StatisticsObject, quantiles: (lower: [String], upper: [String])) throws {
        let lower = try quantiles.lower.lazy.compactMap { try entry.numbers($0) }.first
        let upper = try quantiles.upper.lazy.compactMap { try entry.numbers($0) }.first
        let (minimum, maximum) = (try entry.numbers("min"), try entry.numbers("max"))
        // files without extremes: a gripper's quantiles are its extremes
        let (lowest, highest) = ((minimum ?? lower)?.last, (maximum ?? upper)?.last)
        let convention = zip2(lowest, highest).flatMap { GripperConvention(minimum: $0, maximum: $1) }

        try self.init(
            mean: entry.numbers("mean"), standardDeviation: entry.numbers("std"), minimum: minimum, maximum: maximum,
            lowerQuantile: lower, upperQuantile: upper, mask: entry.flags("mask"), gripperConvention: convention)
    }
}

/// One level of a statistics file.
private struct StatisticsObject {
    private let file: String
    private let content: [String: Any]

    var keys: [String] { content.keys.sorted() }

    init(file: URL) throws {
        guard let data = try LimitedFile.content(of: file) else {
            throw ActionStatisticsError.wrongLayout(
                file: file.path, reason: "it is larger than \(LimitedFile.sizeLimit) bytes")
        }
        guard let content = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw ActionStatisticsError.wrongLayout(file: file.path, reason: "it is not a JSON object")
        }
        (self.file, self.content) = (file.path, content)
    }

    private init(file: String, content: [String: Any]) {
        (self.file, self.content) = (file, content)
    }

    func object(_ name: String) throws -> StatisticsObject {
        guard let value = content[name] else {
            throw ActionStatisticsError.missingEntry(name, file: file, found: keys)
        }
        guard let object = value as? [String: Any] else {
            throw ActionStatisticsError.wrongLayout(file: file, reason: "'\(name)' is not an object")
        }
        return StatisticsObject(file: file, content: object)
    }

    /// A list of numbers; nil when absent.
    func numbers(_ name: String) throws -> [Double]? {
        guard let value = content[name] else { return nil }
        guard let numbers = value as? [Double] else {
            throw ActionStatisticsError.wrongLayout(file: file, reason: "'\(name)' is not a list of numbers")
        }
        return numbers
    }

    /// A list of true and false; nil when absent.
    func flags(_ name: String) throws -> [Bool]? {
        guard let value = content[name] else { return nil }
        guard let flags = value as? [Bool] else {
            throw ActionStatisticsError.wrongLayout(file: file, reason: "'\(name)' is not a list of true and false")
        }
        return flags
    }
}

private func zip2<A, B>(_ a: A?, _ b: B?) -> (A, B)? {
    guard let a, let b else { return nil }
    return (a, b)
}
