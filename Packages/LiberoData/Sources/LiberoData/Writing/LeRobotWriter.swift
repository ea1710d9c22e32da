import RobotInterface
import FileSupport
import Foundation
import Parquet
import TensorCore

/// Writes a LeRobot set of version 2.1: one data file per episode, committed by the metadata that name it.
///
/// Every file is replaced whole, the data before the metadata: a killed writer leaves a set that reads, with the episodes
/// up to the last one that was committed.
final class LeRobotV21Writer: EpisodeWriter {
    let description: DatasetDescription
    private let root: URL
    private let schema: LeRobotSchema
    private let provenance: Provenance
    private var tasks: [String]
    private var episodes: [StrictJSON]
    private var statistics: [StrictJSON]
    private var frameCount: Int

    private static let chunkSize = 1000

    init(at root: URL, schema: LeRobotSchema, provenance: Provenance) throws {
        (self.root, self.schema, self.provenance, description) = (root, schema, provenance, schema.description)
        if FileManager.default.fileExists(atPath: root.appendingPathComponent(LeRobotInfo.path).path) {
            try provenance.requireSame(in: root)
            StaleFiles.remove(below: root)
            let info = try LeRobotInfo(at: root)
            guard info.version == .v21 else {
                throw LiberoDataError(
                    .mismatch, level: .open, file: LeRobotInfo.path,
                    "the set there is \(info.version.rawValue), not v2.1")
            }
            let count = info.episodeCount ?? 0
            let lines = try LeRobotInfo.lines(root, "meta/tasks.jsonl")
            tasks = lines.compactMap { $0["task"]?.string }
            // what the last step wrote and info.json does not count is written again
            episodes = Array(try LeRobotInfo.lines(root, "meta/episodes.jsonl").prefix(count))
            statistics = Array(try LeRobotInfo.lines(root, "meta/episodes_stats.jsonl").prefix(count))
            frameCount = episodes.reduce(0) { $0 + ($1["length"]?.integer ?? 0) }
        } else {
            (tasks, episodes, statistics, frameCount) = ([], [], [], 0)
            // without info.json nothing counts yet: what an interrupted beginning of this program left is written again
            if try Provenance.read(in: root) != nil {
                try provenance.requireSame(in: root)
            } else {
                try provenance.begin(in: root, endings: [".parquet", ".jsonl", ".json"], folders: ["meta", "data"])
            }
            try writeMetadata()
        }
    }

    var committedCount: Int { episodes.count }

    func append(_ record: EpisodeRecord) throws {
        let episode = episodes.count
        let (numbers, own) = record.taskNumbers(in: &tasks)
        let path = String(format: "data/chunk-%03d/episode_%06d.parquet", episode / Self.chunkSize, episode)
        let url = root.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        let writer = try ParquetWriter(
            to: url, columns: schema.columns, keyValues: [("huggingface", schema.huggingFace())])
        let rate = description.framesPerSecond
        try writer.append(
            schema.rows(
                record, episode: episode, firstIndex: frameCount, tasks: numbers, pathFormat: "frame_%06d.png",
                framesPerSecond: rate), rowGroupSize: 100)
        try writer.close()

        let found = try schema.statistics(
            record, episode: episode, firstIndex: frameCount, tasks: numbers, framesPerSecond: rate)
        let entries = found.map { name, statistics in
            (key: name, value: statistics.json(nested: schema.isImage(name), quantiles: false))
        }
        statistics.append(.object([("episode_index", .number(episode)), ("stats", .object(entries))]))
        episodes.append(
            .object([
                ("episode_index", .number(episode)), ("tasks", .array(own.map { .string($0) })),
                ("length", .number(record.length)),
            ]))
        frameCount += record.length
        try writeMetadata()
    }

    func finish() throws { try writeMetadata() }

    /// info.json last: it counts the episodes.
    private func writeMetadata() throws {
        func write(_ lines: [StrictJSON], _ path: String) throws {
            let text = lines.map { $0.text() + "\n" }.joined()
            try AtomicFile.write(Data(text.utf8), to: root.appendingPathComponent(path))
        }
        try write(
            tasks.enumerated().map { .object([("task_index", .number($0.offset)), ("task", .string($0.element))]) },
            "meta/tasks.jsonl")
        try write(statistics, "meta/episodes_stats.jsonl")
        try write(episodes, "meta/episodes.jsonl")
        let info = StrictJSON.object([
            ("codebase_version", .string("v2.1")), ("robot_type", .string(schema.robotType)),
            ("total_episodes", .number(episodes.count)), ("total_frames", .number(frameCount)),
            ("total_tasks", .number(tasks.count)), ("total_videos", .number(0)),
            ("total_chunks", .number((episodes.count + Self.chunkSize - 1) / Self.chunkSize)),
            ("chunks_size", .number(Self.chunkSize)), ("fps", .wholeNumber(description.framesPerSecond)),
            ("splits", .object([("train", .string("0:\(episodes.count)"))])),
            ("data_path", .string("data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet")),
            ("video_path", .null), ("features", schema.features()),
        ])
        try AtomicFile.write(Data(info.text(indentation: 4).utf8), to: root.appendingPathComponent(LeRobotInfo.path))
    }
}

extension StrictJSON {
    /// Without a fraction where there is none: frame rates.
    static func wholeNumber(_ value: Double) -> StrictJSON {
        Int(exactly: value).map { StrictJSON.number($0) } ?? .number(value)
    }
}

extension Provenance {
    /// Throws unless the set there was begun with the same meaning and from the same source.
    func requireSame(in root: URL, at path: String = Self.path) throws {
        guard let found = try Provenance.read(in: root, at: path) else {
            throw LiberoDataError(
                .mismatch, level: .open, file: path, "the data set there was not begun by this program",
                advice: "Write into an empty folder.")
        }
        try found.description.requireSame(as: description, file: path)
        guard found.source == source, found.sourceFormat == sourceFormat else {
            throw LiberoDataError(
                .mismatch, level: .open, file: path, "the data set there comes from \(found.source ?? "a recording")",
                advice: "Write into another folder.")
        }
    }
}
