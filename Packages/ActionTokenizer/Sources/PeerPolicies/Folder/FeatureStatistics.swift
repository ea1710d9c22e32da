import Foundation
public import TensorCore

/// Statistics of features by the names under which a policy knows them.
public struct FeatureStatistics: Sendable {
    /// By feature, then by statistic: `mean`, `std`, `min`, `max`, `q01`, …
    public private(set) var values: [String: [String: [Float]]] = [:]

    public init() {}

    public subscript(feature: String) -> [String: [Float]] {
        get { values[feature] ?? [:] }
        set { values[feature] = newValue }
    }

    /// Reads the tensors `<feature>.<statistic>` of a processor's state file for the features of a step.
    ///
    /// A feature is found under its own name, or under one that differs in `_` and `.` only: LeRobot's converter turned
    /// all underscores of old names into dots. Names below `<data set>.buffer.` are read when `prefix` names the data
    /// set.
    ///
    /// - Throws: ``PeerPolicyError`` when a feature that is normalized has no statistics, or of another length.
    init(
        _ tensors: [String: Tensor], file: String, features: [(feature: LeRobotFeature, mode: LeRobotNormalization)],
        prefix: String?, findings: inout [PeerFinding]
    ) throws {
        // the last dot parts feature and statistic
        var byFeature: [String: [String: Tensor]] = [:]
        for (name, tensor) in tensors {
            guard let dot = name.lastIndex(of: ".") else { continue }
            byFeature[String(name[..<dot]), default: [:]][String(name[name.index(after: dot)...])] = tensor
        }
        func folded(_ name: String) -> String { name.replacing("_", with: ".") }
        let byFoldedName = Dictionary(grouping: byFeature.keys, by: folded)

        for (feature, mode) in features where mode != .identity {
            let wanted = prefix.map { "\($0).buffer.\(feature.name)" } ?? feature.name
            var found = byFeature[wanted]
            if found == nil, let same = byFoldedName[folded(wanted)]?.sorted().first {
                found = byFeature[same]
                findings.append(
                    PeerFinding(.repaired, "\(file): statistics of '\(feature.name)' stand under '\(same)'"))
            }
            guard let found else {
                throw Self.missing(feature, mode, prefix: prefix, names: Array(byFeature.keys), file: file)
            }
            self[feature.name] = try Self.checked(found, feature, mode, file: file)
        }
    }

    private static func missing(
        _ feature: LeRobotFeature, _ mode: LeRobotNormalization, prefix: String?, names: [String], file: String
    ) -> PeerPolicyError {
        // so100.buffer.action → so100
        let prefixes = Set(
            names.compactMap { name -> String? in
                guard let range = name.range(of: ".buffer.") ?? name.range(of: "_buffer_") else { return nil }
                return String(name[..<range.lowerBound])
            }
        ).sorted()
        guard prefixes.isEmpty else {
            let listed = prefixes.map { "'\($0).buffer.'" }.joined(separator: " and ")
            return PeerPolicyError(
                .statistics, file: file, key: feature.name,
                "statistics stand only under \(listed), so the library would normalize nothing",
                remedy:
                    "Name the data set whose robot this is: --peer statistics=\(prefixes[0]), or bring own statistics.")
        }
        return PeerPolicyError(
            .statistics, file: file, key: feature.name,
            "no statistics for a feature that is normalized by \(mode.rawValue)",
            remedy: "Copy the processors' files of the checkpoint, or recompute them with LeRobot.")
    }

    /// The numbers a mode needs, and all others of the same length.
    static func checked(
        _ tensors: [String: Tensor], _ feature: LeRobotFeature, _ mode: LeRobotNormalization, file: String
    ) throws -> [String: [Float]] {
        var result: [String: [Float]] = [:]
        let count = feature.statisticCount
        for (statistic, tensor) in tensors {
            let isNeeded = mode.statisticNames.contains(statistic)
            guard tensor.elementCount == count, tensor.dtype.isFloatingPoint else {
                guard isNeeded else { continue }
                throw PeerPolicyError(
                    .statistics, file: file, key: "\(feature.name).\(statistic)",
                    "statistics of \(feature.name) have \(tensor.elementCount) entries, the feature \(count)",
                    remedy: "The statistics are of another robot; use those of the data the policy was trained on.")
            }
            let numbers = tensor.floats
            if isNeeded, let wrong = numbers.first(where: { !$0.isFinite }) {
                throw PeerPolicyError(
                    .statistics, file: file, key: "\(feature.name).\(statistic)",
                    wrong.isInfinite ? "infinite: the statistics were never set" : "not finite",
                    remedy: "Bring the statistics of the data the policy was trained on.")
            }
            result[statistic] = numbers
        }
        for statistic in mode.statisticNames where result[statistic] == nil {
            throw PeerPolicyError(
                .statistics, file: file, key: "\(feature.name).\(statistic)",
                "missing, and needed by \(mode.rawValue)", remedy: "Recompute the statistics with LeRobot.")
        }
        return result
    }
}

/// Normalization of features, and back, as LeRobot's normalizer steps compute it.
///
///     MEAN_STD     (x − mean) / (std + ε)             back  x · std + mean
///     MIN_MAX      2 (x − min) / d − 1                 back  (x + 1) / 2 · d + min,   d = max − min, ε where they are equal
///     QUANTILES    as MIN_MAX with q01 and q99; QUANTILE10 with q10 and q90
///
/// Nothing is clipped. In folders up to LeRobot 0.3 the forward `d` is always max − min + 1e-8.
public struct FeatureNormalizer: Sendable {
    public let statistics: FeatureStatistics
    public let modes: [String: LeRobotNormalization]
    public let epsilon: Float
    /// The rule of statistics inside the weights.
    public let isLegacy: Bool

    public init(
        statistics: FeatureStatistics, modes: [String: LeRobotNormalization], epsilon: Float, isLegacy: Bool
    ) {
        self.statistics = statistics
        self.modes = modes
        self.epsilon = epsilon
        self.isLegacy = isLegacy
    }

    /// The last axis holds the feature's entries: channels of an image, numbers of a vector.
    public func normalized(_ x: Tensor, _ feature: String) -> Tensor {
        let mode = modes[feature] ?? .identity
        guard mode != .identity else { return x }
        let (a, b) = pair(feature, mode)
        if mode == .meanStandardDeviation {
            return (x - Tensor(a)) / Tensor(b.map { $0 + epsilon })
        }
        let d = zip(a, b).map { low, high in isLegacy ? high - low + 1e-8 : range(low, high) }
        return (x - Tensor(a)) * 2 / Tensor(d) - 1
    }

    /// The inverse of ``normalized(_:_:)``.
    public func denormalized(_ x: Tensor, _ feature: String) -> Tensor {
        let mode = modes[feature] ?? .identity
        guard mode != .identity else { return x }
        let (a, b) = pair(feature, mode)
        if mode == .meanStandardDeviation { return x * Tensor(b) + Tensor(a) }
        let d = zip(a, b).map { low, high in isLegacy ? high - low : range(low, high) }
        return (x + 1) * 0.5 * Tensor(d) + Tensor(a)
    }

    private func range(_ low: Float, _ high: Float) -> Float { high == low ? epsilon : high - low }

    private func pair(_ feature: String, _ mode: LeRobotNormalization) -> ([Float], [Float]) {
        let values = statistics[feature]
        guard let a = values[mode.statisticNames[0]], let b = values[mode.statisticNames[1]] else {
            fatalError("normalization of '\(feature)' by \(mode.rawValue) without its statistics")
        }
        return (a, b)
    }

    /// Dimensions in which all data are the same, or nearly: what is made of them is noise.
    public func degenerateDimensions(_ feature: String) -> [Int] {
        let mode = modes[feature] ?? .identity
        guard mode != .identity else { return [] }
        let (a, b) = pair(feature, mode)
        return a.indices.filter { d in
            mode == .meanStandardDeviation ? abs(b[d]) < 1e-6 : abs(b[d] - a[d]) < 1e-6
        }
    }
}
