import Foundation
import Parquet
import TensorCore

/// The episodes and tasks of a LeRobot set, of any of the versions.
struct LeRobotMetadata: Sendable {
    /// Where an episode lies.
    struct Episode: Sendable {
        var index: Int
        var length: Int
        var tasks: [String]
        /// Relative to the set.
        var dataPath: String
        /// The number of its first row in that file, where several episodes share one.
        var firstRow = 0
        /// Number of its first frame in the set, as the metadata say; in v2 the files tell.
        var firstIndex: Int?
        /// The number behind its last frame, as the metadata say.
        var endIndex: Int?
        /// Frames of the episodes before it; nil where some of those are not listed.
        var framesBefore: Int?
        /// The file of each video and the time at which the episode begins in it.
        var videos: [String: (path: String, start: Double)] = [:]
        /// Where the metadata list it, such as `meta/episodes.jsonl, line 2`.
        var listedIn = ""
    }

    private(set) var episodes: [Episode]
    /// The sentence of each task by its number.
    let tasks: [Int: String]

    /// Numbers beyond are damage: no set has them, and sums of them would overflow.
    private static let limit = 1 << 40

    /// Frames of one episode: a week at 30 a second. Beyond is damage, and loops that nobody would wait for.
    private static let lengthLimit = 1 << 24

    init(at root: URL, info: LeRobotInfo) throws {
        if info.version == .v30 {
            tasks = try Self.tasksV3(root)
            episodes = try Self.episodesV3(root, info)
        } else {
            tasks = try Self.tasksV2(root)
            episodes = try Self.episodesV2(root, info)
        }
        episodes.sort { $0.index < $1.index }
        if let twice = zip(episodes, episodes.dropFirst()).first(where: { $0.index == $1.index }) {
            let path = info.version == .v30 ? "meta/episodes" : "meta/episodes.jsonl"
            throw LiberoDataError(
                .damaged, level: .open, file: path, episode: twice.0.index, "the episode is listed twice")
        }
        // an episode of no frames is damage of its own, told when it is read
        if let bad = episodes.first(where: { !(0...Self.lengthLimit).contains($0.length) }) {
            throw LiberoDataError(
                .damaged, level: .open, file: bad.listedIn, episode: bad.index, "its length is \(bad.length)")
        }
        var frames = 0
        for place in episodes.indices where episodes[place].index == place {
            episodes[place].framesBefore = frames
            frames += episodes[place].length
        }
    }

    // MARK: - v2.0 and v2.1

    private static func tasksV2(_ root: URL) throws -> [Int: String] {
        var tasks: [Int: String] = [:]
        for (number, line) in try LeRobotInfo.numberedLines(root, "meta/tasks.jsonl") {
            guard let index = line["task_index"]?.integer, let task = line["task"]?.string else {
                throw LiberoDataError(
                    .damaged, level: .open, file: "meta/tasks.jsonl",
                    "line \(number) has no task_index or task: \(line.text().prefix(200))")
            }
            tasks[index] = task
        }
        return tasks
    }

    private static func episodesV2(_ root: URL, _ info: LeRobotInfo) throws -> [Episode] {
        let path = "meta/episodes.jsonl"
        return try LeRobotInfo.numberedLines(root, path).map { number, line in
            guard let index = line["episode_index"]?.integer, index >= 0, let length = line["length"]?.integer else {
                throw LiberoDataError(
                    .damaged, level: .open, file: path,
                    "line \(number) has no episode_index or length that is a whole number: \(line.text().prefix(200))")
            }
            let values = ["episode_chunk": "\(index / info.chunkSize)", "episode_index": "\(index)"]
            var episode = Episode(
                index: index, length: length, tasks: line["tasks"]?.array?.compactMap(\.string) ?? [],
                dataPath: try LeRobotInfo.path(info.dataPath, values))
            episode.listedIn = "\(path), line \(number)"
            for feature in info.features where feature.type == "video" {
                guard let template = info.videoPath else { continue }
                let place = try LeRobotInfo.path(template, values.merging(["video_key": feature.name]) { a, _ in a })
                episode.videos[feature.name] = (place, 0)
            }
            return episode
        }
    }

    // MARK: - v3.0

    private static func tasksV3(_ root: URL) throws -> [Int: String] {
        let path = "meta/tasks.parquet"
        do {
            let file = try ParquetFile(at: root.appendingPathComponent(path))
            // the text column is called `task`, or by older writers `__index_level_0__`
            guard let numbers = file.field("task_index"),
                let texts = file.fields.first(where: { $0.isLeaf && file.leaves[$0.leaves.lowerBound].isText })
            else { throw LiberoDataError(.damaged, level: .open, file: path, "no task_index or no text column") }
            let indices = try file.rows(of: numbers).map { $0.integer ?? -1 }
            let names = try file.rows(of: texts).map { $0.text ?? "" }
            return Dictionary(zip(indices, names)) { first, _ in first }
        } catch {
            throw LiberoDataError(error, level: .open, file: path)
        }
    }

    private static func episodesV3(_ root: URL, _ info: LeRobotInfo) throws -> [Episode] {
        var episodes: [Episode] = []
        for path in try files(root, "meta/episodes") {
            do {
                let file = try ParquetFile(at: root.appendingPathComponent(path))
                func column(_ name: String) throws -> [ParquetValue] {
                    guard let field = file.field(name) else {
                        throw LiberoDataError(
                            .missing, level: .open, file: path, column: name, "there is no such column")
                    }
                    return try file.rows(of: field)
                }
                func integers(_ name: String) throws -> [Int] {
                    try column(name).map { value in
                        let number = value.integer ?? value.number.flatMap { Int(exactly: $0) }
                        guard let number, (0...limit).contains(number) else {
                            throw LiberoDataError(
                                .damaged, level: .open, file: path, column: name,
                                "a value is \(number.map(String.init) ?? "no number")")
                        }
                        return number
                    }
                }
                let (indices, lengths) = (try integers("episode_index"), try integers("length"))
                let (chunks, numbers) = (try integers("data/chunk_index"), try integers("data/file_index"))
                let (starts, ends) = (try integers("dataset_from_index"), try integers("dataset_to_index"))
                // not every writer lists them: the frames' task_index tells as well
                let tasks =
                    file.field("tasks") == nil
                    ? indices.map { _ in [String]() } : try column("tasks").map { $0.list?.compactMap(\.text) ?? [] }
                var found = try indices.indices.map { row in
                    Episode(
                        index: indices[row], length: lengths[row], tasks: tasks[row],
                        dataPath: try LeRobotInfo.path(
                            info.dataPath, ["chunk_index": "\(chunks[row])", "file_index": "\(numbers[row])"]),
                        firstIndex: starts[row], endIndex: ends[row], listedIn: "\(path), row \(row)")
                }
                for feature in info.features where feature.type == "video" {
                    guard let template = info.videoPath else { continue }
                    let key = "videos/\(feature.name)"
                    let (chunks, numbers) = (try integers("\(key)/chunk_index"), try integers("\(key)/file_index"))
                    let times = try column("\(key)/from_timestamp").map { $0.number ?? 0 }
                    for row in found.indices {
                        let place = try LeRobotInfo.path(
                            template,
                            [
                                "video_key": feature.name, "chunk_index": "\(chunks[row])",
                                "file_index": "\(numbers[row])",
                            ])
                        found[row].videos[feature.name] = (place, times[row])
                    }
                }
                episodes += found
            } catch {
                throw LiberoDataError(error, level: .open, file: path)
            }
        }
        // rows count from the first episode of each file
        episodes.sort { $0.index < $1.index }
        var first: [String: Int] = [:]
        for episode in episodes {
            first[episode.dataPath] = min(first[episode.dataPath] ?? .max, episode.firstIndex ?? 0)
        }
        for index in episodes.indices {
            episodes[index].firstRow = (episodes[index].firstIndex ?? 0) - first[episodes[index].dataPath]!
        }
        return episodes
    }

    /// Parquet files below a folder, in the order of their paths.
    static func files(_ root: URL, _ folder: String) throws -> [String] {
        let found = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)?.allObjects ?? []
        return found.compactMap { $0 as? String }.filter {
            $0.hasSuffix(".parquet") && !$0.contains("/.") && !$0.hasPrefix(".")
        }
        .sorted().map { "\(folder)/\($0)" }
    }
}
