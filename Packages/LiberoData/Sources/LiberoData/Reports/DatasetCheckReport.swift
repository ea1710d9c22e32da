import ActionTokenizer
public import FileSupport
public import Foundation
import RobotInterface

/// Whether every number and image of a data set can be read, and what is wrong.
public struct DatasetCheckReport: Encodable, TextReport, Sendable {
    public var dataset: DatasetReport
    public var episodeCount: Int
    public var frameCount: Int
    public var problems: [String]

    /// What statistics were compared with.
    private var comparison: String?

    private enum CodingKeys: String, CodingKey {
        case dataset, episodeCount, frameCount, problems
    }

    /// Reads a data set, compares its files with a manifest beside it, and its actions' statistics with a file.
    ///
    /// - Parameters:
    ///   - data: The data set.
    ///   - decodingImages: Whether every image is decoded too.
    ///   - statistics: A file of OpenVLA's, openpi's or LeRobot's form; `nil` to compare with none.
    ///   - statisticsKey: The data set, where the file holds several.
    ///   - rows: What the file's statistics count.
    ///   - progress: Called after each episode with how many of how many are read; throwing ends the reading.
    public init(
        _ data: LiberoDataset, decodingImages: Bool = true, statistics: URL? = nil,
        of statisticsKey: String? = nil, rows: DatasetStatistics.Rows = .frames,
        progress: (Int, Int) throws -> Void = { _, _ in }
    ) throws {
        let report = try data.validate(decodingImages: decodingImages) { try progress($0, data.episodes.count) }
        (episodeCount, frameCount) = (report.episodeCount, report.frameCount)
        dataset = DatasetReport(data)
        problems = report.errors.map(\.description) + (try data.manifestDifferences() ?? [])
        if let statistics {
            let (form, theirs) = try ActionStatistics.published(at: statistics, key: statisticsKey)
            let mine = try Self.statistics(of: data, rows: rows, as: form)
            comparison = "statistics compared with \(statistics.relativePath), of the form '\(form.rawValue)'"
            problems += mine.differences(from: theirs)
        }
    }

    private static func statistics(
        of data: LiberoDataset, rows: DatasetStatistics.Rows, as form: StatisticsForm
    ) throws -> ActionStatistics {
        let found = try DatasetStatistics(of: data, rows: rows)
        guard form == .openvla else {
            return try ActionStatistics(
                found.action, mask: nil, gripperConvention: data.description.actionSpace.gripperConvention)
        }
        // OpenVLA's gripper is 1 open, 0 closed
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vla-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let own = folder.appendingPathComponent("dataset_statistics.json")
        try found.write(openVLA: own, dataset: "data")
        return try ActionStatistics(openVLA: own)
    }

    /// What is wrong, and how much was read; ``DatasetReport/text`` is not repeated.
    public var text: String {
        let read =
            "\(episodeCount) of \(dataset.episodes) episodes, \(frameCount) frames, \(problems.count) problems"
        return ([comparison].compactMap(\.self) + problems.map { "wrong: \($0)" } + [read]).joined(separator: "\n")
    }
}
