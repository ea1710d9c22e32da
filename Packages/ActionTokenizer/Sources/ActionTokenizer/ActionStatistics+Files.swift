import FileSupport
import RobotInterface
public import Foundation

extension ActionStatistics {
    /// Reads OpenVLA's `dataset_statistics.json`: `{dataset: {"action": {mean, std, max, min, q01, q99, mask}, …}}`, or
    /// its `config.json`, which holds the same under `norm_stats`.
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
        let whole = try StatisticsObject(file: file)
        let root = whole.keys.contains("norm_stats") ? try whole.object("norm_stats") : whole
        let names = dataset.map { [$0, $0 + "_no_noops"] } ?? (root.keys.count == 1 ? root.keys : [])
        if let name = names.first(where: root.keys.contains) {
            try self.init(root.object(name).object(entry), quantiles: (["q01"], ["q99"]))
        } else if root.keys.contains(entry) {
            try self.init(root.object(entry), quantiles: (["q01"], ["q99"]))
        } else if let dataset {
            try self.init(root.object(dataset), quantiles: (["q01"], ["q99"]))
        } else {
            let sets = root.keys.filter { (try? root.object($0).keys.contains(entry)) == true }
            guard !sets.isEmpty else {
                throw ActionStatisticsError.missingEntry(entry, file: file.path, found: root.keys)
            }
            throw ActionStatisticsError.severalDatasets(sets, file: file.path)
        }
    }

    /// Reads openpi's `norm_stats.json`: `{"norm_stats": {"state": {mean, std, q01, q99}, "actions": {…}}}`, also without
    /// the outer key. Quantiles that are null are absent.
    ///
    /// - Parameters:
    ///   - file: The JSON file.
    ///   - entry: `actions` or `state`.
    /// - Throws: ``ActionStatisticsError``, the system's error when the file cannot be read.
    public init(openPI file: URL, entry: String = "actions") throws {
        let root = try StatisticsObject(file: file)
        let inner = root.keys.contains("norm_stats") ? try root.object("norm_stats") : root
        try self.init(inner.object(entry), quantiles: (["q01"], ["q99"]))
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

        let (mean, deviation, mask) = (try entry.numbers("mean"), try entry.numbers("std"), try entry.flags("mask"))
        do {
            try self.init(
                mean: mean, standardDeviation: deviation, minimum: minimum, maximum: maximum, lowerQuantile: lower,
                upperQuantile: upper, mask: mask, gripperConvention: convention)
        } catch {
            throw ActionStatisticsError.unusable(entry.path, file: entry.file, reason: error.description)
        }
    }
}

/// One level of a statistics file.
private struct StatisticsObject {
    let file: String
    /// Keys from the outermost object on.
    let path: String
    private let content: StrictJSON

    var keys: [String] { (content.object ?? []).map(\.key).sorted() }

    init(file: URL) throws {
        guard let data = try LimitedFile.content(of: file) else {
            throw ActionStatisticsError.wrongLayout(
                file: file.path, reason: "it is larger than \(LimitedFile.sizeLimit) bytes")
        }
        (self.file, path) = (file.path, "")
        do {
            content = try StrictJSON(parsing: data, file: file.path, allowingNotFinite: true)
        } catch {
            let reason = JSONReading.explanation(of: error)
            throw ActionStatisticsError.wrongLayout(file: file.path, reason: "it is not a JSON object: \(reason)")
        }
        guard content.object != nil else {
            throw ActionStatisticsError.wrongLayout(file: file.path, reason: "it is not a JSON object")
        }
    }

    private init(file: String, path: String, content: StrictJSON) {
        (self.file, self.path, self.content) = (file, path, content)
    }

    private func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func object(_ name: String) throws -> StatisticsObject {
        guard let value = content[name] else {
            throw ActionStatisticsError.missingEntry(place(name), file: file, found: keys)
        }
        guard value.object != nil else {
            throw ActionStatisticsError.wrongLayout(file: file, reason: "'\(place(name))' is not an object")
        }
        return StatisticsObject(file: file, path: place(name), content: value)
    }

    /// A list of numbers; nil when absent or null.
    func numbers(_ name: String) throws -> [Double]? {
        guard let value = content[name], !value.isNull else { return nil }
        let numbers = value.array?.compactMap(\.double)
        guard let numbers, numbers.count == value.array?.count else {
            throw ActionStatisticsError.wrongLayout(file: file, reason: "'\(place(name))' is not a list of numbers")
        }
        return numbers
    }

    /// A list of true and false; nil when absent or null.
    func flags(_ name: String) throws -> [Bool]? {
        guard let value = content[name], !value.isNull else { return nil }
        let flags = value.array?.compactMap(\.bool)
        guard let flags, flags.count == value.array?.count else {
            throw ActionStatisticsError.wrongLayout(
                file: file, reason: "'\(place(name))' is not a list of true and false")
        }
        return flags
    }
}

private func zip2<A, B>(_ a: A?, _ b: B?) -> (A, B)? {
    guard let a, let b else { return nil }
    return (a, b)
}
