import ActionTokenizer
import FileSupport
public import Foundation

/// How other projects write the statistics of a data set.
public enum StatisticsForm: String, CaseIterable, Codable, Sendable {
    /// LeRobot's `stats.json` with the research code's percentiles.
    case research
    /// `dataset_statistics.json`.
    case openvla
    /// `norm_stats.json`.
    case openpi
}

extension DatasetStatistics {
    /// Writes the statistics in a form; other keys of a file of LeRobot's form stay as they are.
    ///
    /// - Throws: `SerializationError` when the file cannot be read or written.
    public func write(_ form: StatisticsForm, to url: URL, of dataset: LiberoDataset) throws {
        switch form {
        case .research:
            let names = Dictionary(
                uniqueKeysWithValues: dataset.description.cameras.keys.map { ($0.rawValue, dataset.columnName(of: $0)) }
            )
            try write(researchCode: url, cameras: names)
        case .openvla: try write(openVLA: url, dataset: dataset.url.lastPathComponent)
        case .openpi: try write(openPI: url)
        }
    }
}

extension ActionStatistics {
    /// Reads the statistics of actions from a file of OpenVLA's, openpi's or LeRobot's form, whichever it has.
    ///
    /// - Parameter key: The data set, where the file holds several.
    static func published(
        at url: URL, key: String? = nil
    ) throws -> (form: StatisticsForm, statistics: ActionStatistics) {
        let root = try StrictJSON(parsing: FileContent.data(at: url), file: url.path, allowingNotFinite: true)
        // OpenVLA's config.json has data sets there, openpi's file features
        let inner = root["norm_stats"] ?? root
        let isOpenVLA = inner.object?.contains { $0.value["action"]?["mean"] != nil } == true
        if root["norm_stats"] != nil, !isOpenVLA { return (.openpi, try ActionStatistics(openPI: url)) }
        if let feature = ["actions", "action"].first(where: { root[$0]?["mean"] != nil }), root["proprio"] == nil {
            let isOpenPI = root["state"] != nil && root[feature]?["min"] == nil && root[feature]?["q01"] != nil
            return (isOpenPI ? .openpi : .research, try ActionStatistics(leRobot: url, feature: feature))
        }
        do {
            return (.openvla, try ActionStatistics(openVLA: url, dataset: key))
        } catch ActionStatisticsError.severalDatasets(let names, let file) {
            throw RequestError(
                "\(file) holds the statistics of \(names.count) data sets; give --statistics-key, one of "
                    + "\(names.joined(separator: ", ")).")
        }
    }

    /// The largest difference from published statistics that is rounding: standard deviations were summed in single
    /// precision and are off by up to 5e-4; so are quantiles from openpi's 5000 bins.
    private static let tolerance = 5e-4

    /// Where these differ from published statistics, in words.
    func differences(from theirs: ActionStatistics) -> [String] {
        var problems: [String] = []
        for (name, a, b) in [
            ("mean", mean, theirs.mean), ("std", standardDeviation, theirs.standardDeviation),
            ("min", minimum, theirs.minimum), ("max", maximum, theirs.maximum),
            ("q01", lowerQuantile, theirs.lowerQuantile), ("q99", upperQuantile, theirs.upperQuantile),
        ] {
            guard let a, var b else { continue }
            // openpi fills up to its model's width with zeros
            if b.count > a.count, b[a.count...].allSatisfy({ $0 == 0 }) { b = Array(b[..<a.count]) }
            guard a.count == b.count else {
                problems.append("\(name) has \(b.count) numbers in the file, the actions have \(a.count)")
                continue
            }
            for (dimension, (x, y)) in zip(a, b).enumerated() where abs(x - y) > Self.tolerance {
                problems.append("\(name) of dimension \(dimension) is \(x), the file says \(y)")
            }
        }
        return problems
    }
}
