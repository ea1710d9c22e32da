import Foundation

/// The statistics of a data set as OpenVLA stores them: `norm_stats` of `config.json`, or `dataset_statistics.json`.
public struct OpenVLAStatistics: Sendable {
    /// Of actions or of the robot's own state.
    public struct Range: Hashable, Sendable {
        public var low: [Double]
        public var high: [Double]
        /// Dimensions that are scaled; all of them where the file says nothing.
        public var mask: [Bool]

        /// ½ (y + 1) (high − low + ε) + low where the mask is true, y elsewhere.
        func denormalized(_ y: [Double], epsilon: Double) -> [Double] {
            y.indices.map { mask[$0] ? 0.5 * (y[$0] + 1) * (high[$0] - low[$0] + epsilon) + low[$0] : y[$0] }
        }

        /// clip(2 (x − low) / (high − low + ε) − 1, −1, 1) where the mask is true.
        func normalized(_ x: [Double], epsilon: Double) -> [Double] {
            x.indices.map { d in
                guard mask[d] else { return x[d] }
                return min(max(2 * (x[d] - low[d]) / (high[d] - low[d] + epsilon) - 1, -1), 1)
            }
        }
    }

    /// Which statistics bound a range.
    public enum Bounds: String, Sendable {
        case quantiles
        case extremes

        var names: (String, String) { self == .quantiles ? ("q01", "q99") : ("min", "max") }
    }

    /// Names of the data sets, in the file's order.
    public let keys: [String]
    private let file: JSONFile
    private let datasets: JSONFile

    /// - Parameters:
    ///   - statistics: `dataset_statistics.json`, which replaces the configuration's where it is there.
    ///   - configuration: `config.json`.
    init(statistics: JSONFile?, configuration: JSONFile) throws {
        file = statistics ?? configuration
        datasets = try statistics ?? configuration.object("norm_stats")
        keys = (datasets.root.object ?? []).map(\.key)
        guard !keys.isEmpty else {
            throw PeerPolicyError(
                .statistics, file: file.name, key: "norm_stats", "no data set has statistics",
                remedy: "Copy dataset_statistics.json of the training run.")
        }
    }

    /// The key of a data set: the only one, or the one asked for.
    ///
    /// A LIBERO suite also matches its data set without frames of no motion, `<suite>_no_noops`.
    /// - Throws: ``PeerPolicyError`` when the choice is not clear.
    public func key(_ asked: String?) throws -> String {
        if let asked {
            if let key = [asked, "\(asked)_no_noops"].first(where: keys.contains) { return key }
            throw PeerPolicyError(
                .statistics, file: file.name, key: asked,
                "no statistics of that data set; there are \(keys.joined(separator: ", "))",
                remedy: "Name one of them: --peer statistics=\(keys[0]).")
        }
        guard keys.count == 1 else {
            let likely = keys.first { $0.hasPrefix("libero") } ?? keys[0]
            throw PeerPolicyError(
                .needsOption, file: file.name, key: "norm_stats",
                "statistics of several data sets: \(keys.joined(separator: ", "))",
                remedy: "Name the one the policy is to act in: --peer statistics=\(likely).")
        }
        return keys[0]
    }

    /// Bounds of `action` or `proprio`.
    ///
    /// - Throws: ``PeerPolicyError`` when a number is missing or not finite.
    public func range(_ key: String, _ part: String, bounds: Bounds = .quantiles) throws -> Range {
        let dataset = try datasets.object(key)
        guard dataset.has(part) else {
            throw PeerPolicyError(
                .statistics, file: file.name, key: "\(key).\(part)", "the statistics have no '\(part)'",
                remedy: "Use the dataset_statistics.json of the training run.")
        }
        let values = try dataset.object(part)
        let (lowName, highName) = bounds.names
        func numbers(_ name: String) throws -> [Double] {
            guard let list = values.root[name]?.array, (1...1024).contains(list.count) else {
                throw PeerPolicyError(
                    .statistics, file: file.name, key: "\(key).\(part).\(name)", "not a list of numbers",
                    remedy: "Use the statistics of the training run.")
            }
            let result = list.compactMap(\.double).filter(\.isFinite)
            guard result.count == list.count else {
                throw PeerPolicyError(
                    .statistics, file: file.name, key: "\(key).\(part).\(name)", "a number that is not finite",
                    remedy: "Use the statistics of the training run.")
            }
            return result
        }
        let (low, high) = (try numbers(lowName), try numbers(highName))
        let mask = values.root["mask"]?.array?.compactMap(\.bool) ?? [Bool](repeating: true, count: low.count)
        guard low.count == high.count, mask.count == low.count else {
            throw PeerPolicyError(
                .statistics, file: file.name, key: "\(key).\(part)",
                "\(low.count) low, \(high.count) high bounds and \(mask.count) marks",
                remedy: "Use the statistics of the training run.")
        }
        return Range(low: low, high: high, mask: mask)
    }
}
