import RobotInterface
import Foundation
import ImageProcessing
import LiberoTasks
import Parquet
import TensorCore

/// Episodes of a LeRobot set, v2.0, v2.1 or v3.0.
struct LeRobotEpisodeStorage: EpisodeStorage {
    private(set) var description: DatasetDescription
    let episodes: [EpisodeInfo]
    private(set) var warnings: [DatasetWarning]
    let info: LeRobotInfo
    let names: LeRobotFeatureNames
    private let root: URL
    private let places: [LeRobotMetadata.Episode]
    /// Frames of the episodes in each data file.
    private let rowCounts: [String: Int]
    private let tasks: [Int: String]
    private let files: LeRobotFileCache
    private let videos: VideoCache

    init(at root: URL, options: DatasetOptions) throws {
        self.root = root
        info = try LeRobotInfo(at: root)
        let metadata = try LeRobotMetadata(at: root, info: info)
        guard let names = options.featureNames ?? LeRobotFeatureNames(of: info) else {
            throw LiberoDataError(
                .missing, level: .open, file: LeRobotInfo.path, column: "features",
                "none of the features \(info.features.map(\.name)) is known as action and state",
                advice: "Name them in DatasetOptions.featureNames.")
        }
        self.names = names
        try LeRobotStatisticsFile.check(root, info)
        tasks = metadata.tasks
        rowCounts = Dictionary(metadata.episodes.map { ($0.dataPath, $0.length) }, uniquingKeysWith: +)
        files = LeRobotFileCache(root: root)
        videos = VideoCache(root: root)

        // episodes in order, numbered by the suite if there is one
        var infos: [EpisodeInfo] = []
        var places: [LeRobotMetadata.Episode] = []
        let numbers = Dictionary(metadata.tasks.map { ($1, $0) }) { first, _ in first }
        for place in metadata.episodes {
            let instruction = place.tasks.first ?? ""
            var number = numbers[instruction] ?? -1
            if let suite = options.suite {
                guard let found = suite.taskIndex(instruction: instruction) else { continue }
                number = found
            }
            infos.append(
                EpisodeInfo(
                    index: infos.count, name: String(format: "episode_%06d", place.index), file: place.dataPath,
                    instruction: instruction, taskIndex: number, length: place.length))
            places.append(place)
        }
        guard !infos.isEmpty else {
            throw LiberoDataError(.missing, level: .open, file: "meta", "there is no episode")
        }
        (episodes, self.places) = (infos, places)

        var warnings: [DatasetWarning] = []
        let frames = metadata.episodes.reduce(0) { $0 + $1.length }
        for (name, said, found) in [
            ("total_episodes", info.episodeCount, metadata.episodes.count), ("total_frames", info.frameCount, frames),
            ("total_tasks", info.taskCount, metadata.tasks.count),
        ] where said != nil && said != found {
            warnings.append(DatasetWarning(file: LeRobotInfo.path, "\(name) is \(said!), the metadata list \(found)"))
        }
        let isNoted: Bool
        (description, isNoted) = try Self.description(root, info, names, options)
        self.warnings = warnings
        try look(options, isNoted: isNoted)
    }

    /// What a writer of this program noted beside the set, else what such sets are known to hold.
    private static func description(
        _ root: URL, _ info: LeRobotInfo, _ names: LeRobotFeatureNames, _ options: DatasetOptions
    ) throws -> (DatasetDescription, isNoted: Bool) {
        if let said = try Provenance.read(in: root)?.description {
            try said.compare(with: options, file: Provenance.path)
            return (said, true)
        }
        var cameras: [CameraName: CameraDescription] = [:]
        for (camera, name) in names.cameras {
            guard let size = info.feature(name)?.imageSize else {
                throw LiberoDataError(
                    .damaged, level: .open, file: LeRobotInfo.path, column: name,
                    "the shape of the images is not stated")
            }
            cameras[camera] = CameraDescription(
                width: size.width, height: size.height, orientation: options.orientation ?? .rotated180,
                renderProfile: options.renderProfile)
        }
        var space = ActionSpace.libero
        space.gripperConvention = options.gripperConvention ?? .environment
        guard info.feature(names.action)?.shape == [space.dimensionCount] else {
            throw LiberoDataError(
                .mismatch, level: .open, file: LeRobotInfo.path, column: names.action,
                "the shape is \(info.feature(names.action)?.shape ?? []), not [\(space.dimensionCount)]")
        }
        guard info.feature(names.state)?.shape == [StateLayout.libero.count] else {
            throw LiberoDataError(
                .mismatch, level: .open, file: LeRobotInfo.path, column: names.state,
                "the shape is \(info.feature(names.state)?.shape ?? []), not [\(StateLayout.libero.count)]")
        }
        let description = DatasetDescription(
            cameras: cameras, actionSpace: space, alignment: options.alignment ?? .beforeAction,
            framesPerSecond: info.framesPerSecond)
        return (description, false)
    }

    /// The gripper's convention is the one the data tell, where no writer noted it; so are columns nobody described.
    private mutating func look(_ options: DatasetOptions, isNoted: Bool) throws {
        let evidence = GripperEvidence(of: episodes.count) { try? column(ColumnName.action, of: $0) }
        let stated = isNoted ? description.actionSpace.gripperConvention : options.gripperConvention
        let (convention, warning) = try evidence.resolved(
            stated: stated, file: episodes[0].file, column: names.action)
        description.actionSpace.gripperConvention = convention
        if let warning { warnings.append(warning) }

        if let file = try? files.file(episodes[0].file) {
            let unknown = file.parquet.fields.map(\.name).filter { info.feature($0) == nil }
            if !unknown.isEmpty {
                warnings.append(
                    DatasetWarning(file: episodes[0].file, "the features do not describe the columns \(unknown)"))
            }
        }
    }

    // MARK: - EpisodeStorage

    private func failure(
        _ kind: LiberoDataError.Kind, _ episode: Int, frame: Int? = nil, column: String? = nil, _ reason: String
    ) -> LiberoDataError {
        LiberoDataError(
            kind, level: frame == nil ? .episode : .frame, file: episodes[episode].file, episode: places[episode].index,
            frame: frame, column: column, reason)
    }

    private func wrap<Value>(
        _ episode: Int, frame: Int? = nil, column: String? = nil, _ body: () throws -> Value
    ) throws -> Value {
        do {
            return try body()
        } catch {
            throw LiberoDataError(
                error, level: frame == nil ? .episode : .frame, file: episodes[episode].file,
                episode: places[episode].index, frame: frame, column: column)
        }
    }

    /// The splits of info.json.
    var filterKeys: [String: [Int]] {
        info.splits.mapValues { split in places.indices.filter { split.contains(places[$0].index) } }
    }

    func check(_ episode: Int) throws {
        let place = places[episode]
        let file = try wrap(episode) { try files.file(place.dataPath) }
        let rows = file.parquet.rowCount
        // in v3 the file of several episodes
        if let count = rowCounts[place.dataPath], rows != count {
            throw failure(.mismatch, episode, "the file has \(rows) rows, the metadata say \(count)")
        }
        guard place.firstRow >= 0, place.firstRow + place.length <= rows else {
            throw failure(.mismatch, episode, "rows \(place.firstRow)..<\(place.firstRow + place.length) of \(rows)")
        }
        guard !place.tasks.isEmpty else { throw failure(.missing, episode, "the metadata name no task") }
        for (camera, name) in names.cameras where info.feature(name)?.type == "image" {
            guard file.parquet.leaf("\(name).bytes") != nil else {
                throw failure(.missing, episode, column: name, "there are no images of '\(camera)'")
            }
        }

        // the five numbers that say where a frame is
        let index = try column("index", of: episode)
        let start = (place.framesBefore ?? place.firstIndex).map { Double($0) } ?? index[0, 0]
        if let first = place.firstIndex, let end = place.endIndex, end - first != place.length {
            throw failure(
                .mismatch, episode, column: "dataset_to_index",
                "the frames \(first)..<\(end) are \(end - first), the length is \(place.length)")
        }
        let (episodeIndex, frameIndex) = (
            try column("episode_index", of: episode), try column("frame_index", of: episode)
        )
        /// Whole where it is: a damaged column may hold anything.
        func word(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }
        let (task, time) = (try column("task_index", of: episode), try column("timestamp", of: episode))
        for frame in 0..<place.length {
            let expected = Double(frame)
            if episodeIndex[frame, 0] != Double(place.index) {
                throw failure(
                    .mismatch, episode, frame: frame, column: "episode_index", "it is \(word(episodeIndex[frame, 0]))")
            }
            if frameIndex[frame, 0] != expected {
                throw failure(
                    .mismatch, episode, frame: frame, column: "frame_index", "it is \(word(frameIndex[frame, 0]))")
            }
            if index[frame, 0] != start + expected {
                throw failure(.mismatch, episode, frame: frame, column: "index", "it is \(word(index[frame, 0]))")
            }
            if !(abs(time[frame, 0] - expected / info.framesPerSecond) <= 1e-4) {
                throw failure(
                    .mismatch, episode, frame: frame, column: "timestamp",
                    "it is \(time[frame, 0]) at \(info.framesPerSecond) frames per second")
            }
            guard let sentence = Int(exactly: task[frame, 0]).flatMap({ tasks[$0] }) else {
                throw failure(
                    .missing, episode, frame: frame, column: "task_index", "there is no task \(word(task[frame, 0]))")
            }
            guard place.tasks.contains(sentence) else {
                throw failure(
                    .mismatch, episode, frame: frame, column: "task_index",
                    "the frame's task is '\(sentence)', the episode's \(place.tasks)")
            }
        }
        for (name, stored) in [(ColumnName.action, names.action), (ColumnName.state, names.state)] {
            if let frame = try column(name, of: episode).firstNotFinite {
                throw failure(.notFinite, episode, frame: frame, column: stored, "a number is NaN or infinite")
            }
        }
    }

    func columnNames(of episode: Int) throws -> [String] {
        let known = [names.action: ColumnName.action, names.state: ColumnName.state]
        return info.features.filter { !$0.isImage && $0.type != "string" }
            .map { known[$0.name] ?? Self.commonName($0.name) }.sorted()
    }

    private static let jointStateName = "observation.states.joint_state"
    private static func commonName(_ name: String) -> String { name == jointStateName ? ColumnName.jointState : name }

    func column(_ name: String, of episode: Int) throws -> NumberColumn {
        let stored =
            switch name {
            case ColumnName.action: names.action
            case ColumnName.state: names.state
            case ColumnName.jointState where info.feature(name) == nil: Self.jointStateName
            default: name
            }
        let place = places[episode]
        return try wrap(episode, column: stored) {
            let all = try files.file(place.dataPath).column(stored)
            let rows = place.firstRow..<place.firstRow + place.length
            guard rows.lowerBound >= 0, rows.upperBound <= all.count else {
                throw failure(.mismatch, episode, "rows \(rows) of \(all.count)")
            }
            if let shape = info.feature(stored)?.shape, shape.reduce(1, *) != all.width {
                throw failure(
                    .mismatch, episode, column: stored, "\(all.width) numbers per row, the features say \(shape)")
            }
            return rows.count == all.count ? all : all.rows(rows)
        }
    }

    func columnName(of camera: CameraName) -> String { names.cameras[camera] ?? camera.rawValue }

    func storedImage(of camera: CameraName, frame: Int, episode: Int) throws -> StoredImage {
        let name = columnName(of: camera)
        let place = places[episode]
        if info.feature(name)?.type == "video" {
            guard let video = place.videos[name] else {
                throw failure(.missing, episode, frame: frame, column: name, "the metadata name no video")
            }
            return try wrap(episode, frame: frame, column: name) {
                let time = video.start + Double(frame) / info.framesPerSecond
                return .pixels(
                    try videos.image(video.path, at: time, codec: info.feature(name)?.codec ?? "unknown"))
            }
        }
        return try wrap(episode, frame: frame, column: name) {
            let (bytes, path) = try files.file(place.dataPath).image(name, row: place.firstRow + frame)
            if let bytes { return Self.stored(Array(bytes)) }
            guard let path else { throw failure(.missing, episode, frame: frame, column: name, "the image is null") }
            let relative = try LeRobotInfo.path(path.replacing("{", with: ""), [:])
            return Self.stored([UInt8](try LimitedData.read(root.appendingPathComponent(relative))))
        }
    }

    private static func stored(_ bytes: [UInt8]) -> StoredImage {
        bytes.starts(with: [0xFF, 0xD8]) ? .jpeg(bytes) : .png(bytes)
    }
}

extension DatasetDescription {
    /// Throws when the options state something else.
    func compare(with options: DatasetOptions, file: String) throws {
        func compare<Value: Equatable>(_ field: String, _ found: Value?, _ wanted: Value?) throws {
            guard let wanted, found != wanted else { return }
            throw LiberoDataError(
                .meaning, level: .open, file: file, column: field,
                "the data set says \(found.map { "\($0)" } ?? "several"), \(wanted) was stated")
        }
        try compare("orientation", orientation, options.orientation)
        try compare("alignment", alignment, options.alignment)
        try compare("gripperConvention", actionSpace.gripperConvention, options.gripperConvention)
    }
}
