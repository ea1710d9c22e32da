import ActionTokenizer
import RobotInterface
import FileSupport
import Foundation
import Parquet
import TensorCore

/// Writes a LeRobot set of version 3.0: several episodes per data file, one row group each.
///
/// A data file is committed when it is full: the file, then the tables that name it, info.json last. A killed writer
/// leaves a set that reads, with the episodes of the data files that were committed. With a size of 0 every episode gets
/// a data file of its own and is committed at once.
final class LeRobotV30Writer: EpisodeWriter {
    let description: DatasetDescription
    private let root: URL
    private let schema: LeRobotSchema
    private let provenance: Provenance
    /// Megabytes at which a new data file begins.
    private let fileSize: Double
    private var tasks: [String] = []
    private var statistics: [String: ColumnStatistics] = [:]
    private var frameCount = 0
    private var fileCount = 0
    private(set) var committedCount = 0

    private struct Episode {
        var length: Int
        var tasks: [String]
        var firstIndex: Int
        var statistics: [(name: String, statistics: ColumnStatistics)]
    }

    private var writer: ParquetWriter?
    private var waiting: [Episode] = []

    private static let chunkSize = 1000

    init(at root: URL, schema: LeRobotSchema, provenance: Provenance, fileSize: Double = 100) throws {
        (self.root, self.schema, self.provenance, description) = (root, schema, provenance, schema.description)
        self.fileSize = fileSize
        if FileManager.default.fileExists(atPath: root.appendingPathComponent(LeRobotInfo.path).path) {
            try provenance.requireSame(in: root)
            StaleFiles.remove(below: root)
            try resume()
        } else {
            try FileManager.default.createDirectory(
                at: root.appendingPathComponent("meta/episodes"), withIntermediateDirectories: true)
            if try Provenance.read(in: root) != nil {
                try provenance.requireSame(in: root)
            } else {
                try provenance.begin(in: root, endings: [".parquet", ".jsonl", ".json"], folders: ["meta", "data"])
            }
            try writeInfo()
        }
    }

    /// Goes on behind what info.json counts; data files and tables behind that are written again.
    private func resume() throws {
        let info = try LeRobotInfo(at: root)
        guard info.version == .v30 else {
            throw LiberoDataError(
                .mismatch, level: .open, file: LeRobotInfo.path, "the set there is \(info.version.rawValue), not v3.0")
        }
        committedCount = info.episodeCount ?? 0
        guard committedCount > 0 else { return }
        // tables behind the count were not committed
        for path in try LeRobotMetadata.files(root, "meta/episodes") {
            let file = try ParquetFile(at: root.appendingPathComponent(path))
            guard let field = file.field("episode_index") else { continue }
            if let first = try file.rows(of: field).first?.integer, first >= committedCount {
                try FileManager.default.removeItem(at: root.appendingPathComponent(path))
            } else {
                fileCount += 1
            }
        }
        let metadata = try LeRobotMetadata(at: root, info: info)
        tasks = metadata.tasks.sorted { $0.key < $1.key }.map(\.value)
        frameCount = metadata.episodes.reduce(0) { $0 + $1.length }
        statistics = try Self.readStatistics(root)
    }

    func append(_ record: EpisodeRecord) throws {
        let episode = committedCount + waiting.count
        let first = frameCount
        let (numbers, own) = record.taskNumbers(in: &tasks)

        // a file that would become too large is closed first, as LeRobot does
        if let writer, writer.rowCount > 0 {
            let size = Double(writer.byteCount) / 1_048_576
            if size + size / Double(writer.rowCount) * Double(record.length) >= fileSize { try commit() }
        }
        let writer = try self.writer ?? begin()
        self.writer = writer
        let rate = description.framesPerSecond
        try writer.append(
            schema.rows(
                record, episode: episode, firstIndex: first, tasks: numbers, pathFormat: "frame-%06d.png",
                framesPerSecond: rate))
        waiting.append(
            Episode(
                length: record.length, tasks: own, firstIndex: first,
                statistics: try schema.statistics(
                    record, episode: episode, firstIndex: first, tasks: numbers, framesPerSecond: rate)))
        frameCount += record.length
        if fileSize <= 0 { try commit() }
    }

    func finish() throws {
        try commit()
        try writeInfo()
    }

    private func begin() throws -> ParquetWriter {
        let url = root.appendingPathComponent("data/\(Self.place(fileCount)).parquet")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        return try ParquetWriter(to: url, columns: schema.columns, keyValues: [("huggingface", schema.huggingFace())])
    }

    /// `chunk-000/file-000` of a file's number.
    private static func place(_ number: Int) -> String {
        String(format: "chunk-%03d/file-%03d", number / chunkSize, number % chunkSize)
    }

    private func commit() throws {
        guard let writer, !waiting.isEmpty else { return }
        try writer.close()
        self.writer = nil
        for episode in waiting {
            for (name, entry) in episode.statistics {
                statistics[name] = statistics[name]?.mergedAsLeRobot(with: entry) ?? entry
            }
        }
        try writeTasks()
        try writeStatistics()
        try writeEpisodes()
        committedCount += waiting.count
        fileCount += 1
        waiting = []
        try writeInfo()
    }

    // MARK: - Metadata

    private func writeTasks() throws {
        let pandas =
            #"{"index_columns":["task"],"column_indexes":[{"name":null,"field_name":null,"pandas_type":"unicode","#
            + #""numpy_type":"object","metadata":{"encoding":"UTF-8"}}],"columns":[{"name":"task","field_name":"task","#
            + #""pandas_type":"unicode","numpy_type":"object","metadata":null},{"name":"task_index","#
            + #""field_name":"task_index","pandas_type":"int64","numpy_type":"int64","metadata":null}],"#
            + #""pandas_version":"2.2.0"}"#
        let writer = try ParquetWriter(
            to: root.appendingPathComponent("meta/tasks.parquet"),
            columns: [.init("task_index", .int64), .init("task", .text)], keyValues: [("pandas", pandas)])
        try writer.append([.int64(tasks.indices.map(Int64.init)), .text(tasks)])
        try writer.close()
    }

    /// One table per data file.
    private func writeEpisodes() throws {
        let url = root.appendingPathComponent("meta/episodes/\(Self.place(fileCount)).parquet")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        let (count, number) = (waiting.count, fileCount)
        var columns: [(ParquetWriter.Column, ParquetWriter.Values)] = []
        func integers(_ name: String, _ values: [Int]) {
            columns.append((.init(name, .int64), .int64(values.map(Int64.init))))
        }
        integers("episode_index", (0..<count).map { committedCount + $0 })
        columns.append((.init("tasks", .listOfText), .listsOfText(waiting.map(\.tasks))))
        integers("length", waiting.map(\.length))
        integers("data/chunk_index", Array(repeating: number / Self.chunkSize, count: count))
        integers("data/file_index", Array(repeating: number % Self.chunkSize, count: count))
        integers("dataset_from_index", waiting.map(\.firstIndex))
        integers("dataset_to_index", waiting.map { $0.firstIndex + $0.length })
        for (position, feature) in waiting[0].statistics.enumerated() {
            let all = waiting.map { $0.statistics[position].statistics }
            let kind: ParquetWriter.Column.Kind =
                schema.isImage(feature.name) ? .nestedListOfDouble(depth: 3) : .listOfDouble
            func add(_ key: String, _ values: (ColumnStatistics) -> [Double]) {
                columns.append(
                    (
                        .init("stats/\(feature.name)/\(key)", kind),
                        .rowsOfDouble(all.flatMap(values), width: all[0].mean.count)
                    ))
            }
            add("min") { $0.minimum }
            add("max") { $0.maximum }
            add("mean") { $0.mean }
            add("std") { $0.standardDeviation }
            columns.append(
                (
                    .init("stats/\(feature.name)/count", .listOfInt64),
                    .rowsOfInt64(all.map { Int64($0.count) }, width: 1)
                ))
            for (index, quantile) in all[0].quantiles.enumerated() {
                add(ColumnStatistics.name(ofQuantile: quantile.share)) { $0.quantiles[index].values }
            }
        }
        integers("meta/episodes/chunk_index", Array(repeating: number / Self.chunkSize, count: count))
        integers("meta/episodes/file_index", Array(repeating: number % Self.chunkSize, count: count))
        let writer = try ParquetWriter(to: url, columns: columns.map(\.0))
        try writer.append(columns.map(\.1))
        try writer.close()
    }

    private func writeStatistics() throws {
        let entries = statistics.sorted { $0.key < $1.key }.map { name, entry in
            (key: name, value: entry.json(nested: schema.isImage(name), quantiles: true))
        }
        try AtomicFile.write(
            Data(StrictJSON.object(entries).text(indentation: 4).utf8),
            to: root.appendingPathComponent("meta/stats.json"))
    }

    /// What ``writeStatistics()`` wrote.
    private static func readStatistics(_ root: URL) throws -> [String: ColumnStatistics] {
        func flat(_ value: StrictJSON?) -> [Double] {
            if let number = value?.double { return [number] }
            return value?.array?.flatMap { flat($0) } ?? []
        }
        var result: [String: ColumnStatistics] = [:]
        for (name, entry) in try LeRobotInfo.object(root, "meta/stats.json").object ?? [] {
            result[name] = ColumnStatistics(
                count: flat(entry["count"]).first.flatMap { Int(reading: $0) } ?? 0, mean: flat(entry["mean"]),
                standardDeviation: flat(entry["std"]), minimum: flat(entry["min"]), maximum: flat(entry["max"]),
                quantiles: ColumnStatistics.defaultShares.map {
                    .init(share: $0, values: flat(entry[ColumnStatistics.name(ofQuantile: $0)]))
                })
        }
        return result
    }

    private func writeInfo() throws {
        let info = StrictJSON.object([
            ("codebase_version", .string("v3.0")), ("robot_type", .string(schema.robotType)),
            ("total_episodes", .number(committedCount)), ("total_frames", .number(frameCount)),
            ("total_tasks", .number(tasks.count)), ("chunks_size", .number(Self.chunkSize)),
            ("data_files_size_in_mb", .number(100)), ("video_files_size_in_mb", .number(200)),
            ("fps", .wholeNumber(description.framesPerSecond)),
            ("splits", .object([("train", .string("0:\(committedCount)"))])),
            ("data_path", .string("data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet")), ("video_path", .null),
            ("features", schema.features()),
        ])
        try AtomicFile.write(Data(info.text(indentation: 4).utf8), to: root.appendingPathComponent(LeRobotInfo.path))
    }
}
