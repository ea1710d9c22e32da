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
    /// Image features that are no color images, and features of text.
    private let rawImageFeatures: [String]
    private let textFeatures: [String]

    /// Rows that a file may have however small it is; beyond, so many for each 256 bytes.
    private static let freeRowCount = 1 << 16

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
        var warnings = try LeRobotStatisticsFile.check(root, info)
        tasks = metadata.tasks
        rowCounts = Dictionary(metadata.episodes.map { ($0.dataPath, $0.length) }, uniquingKeysWith: +)
        for (path, count) in rowCounts where count > Self.freeRowCount {
            // a row is a few values, of which a file has a limited number to a byte
            var status = stat()
            guard stat(root.appendingPathComponent(path).path, &status) == 0 else { continue }
            guard count / Self.freeRowCount <= Int(status.st_size) / 256 else {
                throw LiberoDataError(
                    .damaged, level: .open, file: path,
                    "the metadata say \(count) rows, the file has \(status.st_size) bytes")
            }
        }
        files = LeRobotFileCache(root: root)
        videos = VideoCache(root: root)

        // episodes in order, numbered by the suite if there is one
        var infos: [EpisodeInfo] = []
        var places: [LeRobotMetadata.Episode] = []
        let numbers = Dictionary(metadata.tasks.map { ($1, $0) }) { first, _ in first }
        for var place in metadata.episodes {
            if place.tasks.isEmpty { place.tasks = Self.tasks(of: place, files, metadata.tasks) }
            let instruction = place.tasks.first ?? ""
            var number = numbers[instruction] ?? -1
            if let suite = options.suite {
                guard let found = suite.taskIndex(instruction: instruction) else { continue }
                number = found
            }
            infos.append(
                EpisodeInfo(
                    index: infos.count, name: String(format: "episode_%06d", place.index), file: place.dataPath,
                    instruction: instruction, taskIndex: number, length: place.length,
                    instructions: place.tasks.count > 1 ? place.tasks : []))
            places.append(place)
        }
        guard !infos.isEmpty else {
            throw LiberoDataError(.missing, level: .open, file: "meta", "there is no episode")
        }
        (episodes, self.places) = (infos, places)
        rawImageFeatures = info.features.filter { $0.type == "image" && !$0.isColor }.map(\.name)
        textFeatures = info.features.filter { $0.type == "string" }.map(\.name)

        let frames = metadata.episodes.reduce(0) { $0 + $1.length }
        for (name, said, found) in [
            ("total_episodes", info.episodeCount, metadata.episodes.count), ("total_frames", info.frameCount, frames),
            ("total_tasks", info.taskCount, metadata.tasks.count),
        ] where said != nil && said != found {
            warnings.append(DatasetWarning(file: LeRobotInfo.path, "\(name) is \(said!), the metadata list \(found)"))
        }
        for place in places where place.length < 1 {
            warnings.append(
                DatasetWarning(file: place.listedIn, "the length of episode \(place.index) is \(place.length)"))
        }
        for feature in info.features where feature.isImage && !feature.isColor {
            warnings.append(
                DatasetWarning(
                    file: LeRobotInfo.path,
                    "'\(feature.name)' has \(feature.channelCount) values a pixel, as depths have: kept as it is stored, not "
                        + "looked at as a color image"))
        }
        let isNoted: Bool
        (description, isNoted) = try Self.description(root, info, names, options)
        if description.actionSpace.command == .unspecified {
            let robot = info.robotType.map { " of '\($0)'" } ?? ""
            warnings.append(
                DatasetWarning(
                    file: LeRobotInfo.path,
                    "what actions and states\(robot) mean is not stated; they are numbers with names, and not LIBERO's")
            )
        }
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
        let meaning = LeRobotMeaning(info, names)
        var cameras: [CameraName: CameraDescription] = [:]
        for (camera, name) in names.cameras {
            guard let size = info.feature(name)?.imageSize else {
                throw LiberoDataError(
                    .damaged, level: .open, file: LeRobotInfo.path, column: name,
                    "the shape of the images is not stated")
            }
            // cameras of other robots show the true view
            cameras[camera] = CameraDescription(
                width: size.width, height: size.height,
                orientation: options.orientation ?? (meaning.isLibero ? .rotated180 : .upright),
                renderProfile: meaning.isLibero ? options.renderProfile : "camera")
        }
        for name in [names.action, names.state] {
            guard let feature = info.feature(name), feature.width > 0 else {
                throw LiberoDataError(
                    .mismatch, level: .open, file: LeRobotInfo.path, column: name,
                    "the shape is \(info.feature(name)?.shape ?? []): there are no numbers")
            }
        }
        let description = DatasetDescription(
            cameras: cameras,
            actionSpace: meaning.actionSpace(options.gripperConvention, rate: info.framesPerSecond),
            stateLayout: meaning.stateLayout, alignment: options.alignment ?? .beforeAction,
            framesPerSecond: info.framesPerSecond)
        return (description, false)
    }

    /// The gripper's convention is the one the data tell, where no writer noted it; so are columns nobody described.
    private mutating func look(_ options: DatasetOptions, isNoted: Bool) throws {
        if description.actionSpace.command != .unspecified {
            let evidence = GripperEvidence(of: episodes.count) { try? column(ColumnName.action, of: $0) }
            let stated = isNoted ? description.actionSpace.gripperConvention : options.gripperConvention
            let (convention, warning) = try evidence.resolved(
                stated: stated, file: episodes[0].file, column: names.action)
            description.actionSpace.gripperConvention = convention
            if let warning { warnings.append(warning) }
        }

        if let first = episodes.prefix(4).first(where: { (try? files.file($0.file)) != nil }),
            let file = try? files.file(first.file)
        {
            let unknown = file.parquet.fields.map(\.name).filter { info.feature($0) == nil }
            if !unknown.isEmpty {
                warnings.append(
                    DatasetWarning(file: first.file, "the features do not describe the columns \(unknown)"))
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

    /// Where an episode's rows lie in its file: where the metadata say, or where its number stands.
    private func rows(of episode: Int) throws -> Range<Int> {
        let place = places[episode]
        let announced = place.firstRow..<max(place.firstRow + place.length, place.firstRow)
        let file = try wrap(episode) { try files.file(place.dataPath) }
        // nothing to look for where the file is as long as the metadata say, or holds one episode alone
        guard rowCounts[place.dataPath].map({ $0 != file.parquet.rowCount }) == true, info.version == .v30,
            let numbers = try? file.column("episode_index")
        else { return announced }
        guard let first = numbers.values.firstIndex(of: Double(place.index)),
            let last = numbers.values.lastIndex(of: Double(place.index))
        else { return announced }
        return first..<last + 1
    }

    /// That a file has not the rows that the metadata say an episode has.
    private func outside(_ place: LeRobotMetadata.Episode, _ rows: Range<Int>, _ count: Int) -> String {
        rows.lowerBound == 0
            ? "the file has \(count) rows, \(place.listedIn) says \(rows.count)"
            : "the file has \(count) rows, \(place.listedIn) says that the episode's begin with row \(rows.lowerBound) and "
                + "are \(rows.count)"
    }

    func check(_ episode: Int) throws {
        let place = places[episode]
        let file = try wrap(episode) { try files.file(place.dataPath) }
        let rows = file.parquet.rowCount
        guard place.length > 0 else {
            throw LiberoDataError(
                .mismatch, level: .episode, file: place.listedIn, episode: place.index,
                "the length is \(place.length), \(place.dataPath) has \(rows) rows", advice: "Write the metadata again."
            )
        }
        let own = try self.rows(of: episode)
        if let count = rowCounts[place.dataPath], rows != count, own.count != place.length {
            throw failure(
                .mismatch, episode,
                info.version == .v30
                    ? "the file has \(own.count) rows of the episode, \(place.listedIn) says \(place.length)"
                    : "the file has \(rows) rows, \(place.listedIn) says \(count)")
        }
        guard own.lowerBound >= 0, own.upperBound <= rows else {
            throw failure(.mismatch, episode, outside(place, own, rows))
        }
        guard !place.tasks.isEmpty else {
            throw failure(.missing, episode, "neither \(place.listedIn) nor the frames name a task")
        }
        for (camera, name) in names.cameras where info.feature(name)?.type == "image" {
            guard file.parquet.leaf("\(name).bytes") != nil else {
                throw failure(.missing, episode, column: name, "there are no images of '\(camera)'")
            }
        }

        // the five numbers that say where a frame is
        let index = try column("index", of: episode)
        let start = start(of: episode, index[0, 0])
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
            let values = try column(name, of: episode)
            let width =
                name == ColumnName.action ? description.actionSpace.dimensionCount : description.stateLayout.count
            guard values.width == width else {
                throw failure(.mismatch, episode, column: stored, "\(values.width) numbers per row, not \(width)")
            }
            if let frame = values.firstNotFinite {
                throw failure(.notFinite, episode, frame: frame, column: stored, "a number is NaN or infinite")
            }
        }
    }

    /// The number that an episode's first frame has to have in the set.
    ///
    /// The metadata say it; where the lengths of episodes before it are wrong, the rows of their files count as well.
    private func start(of episode: Int, _ found: Double) -> Double {
        let place = places[episode]
        guard let announced = (place.framesBefore ?? place.firstIndex).map({ Double($0) }), announced != found else {
            return found
        }
        if let first = place.firstIndex.map({ Double($0) }), first == found { return found }
        guard info.version != .v30 else { return announced }
        var stored = 0
        for other in places.prefix(episode) {
            guard let file = try? files.file(other.dataPath) else { return announced }
            stored += file.parquet.rowCount
        }
        return Double(stored) == found ? found : announced
    }

    /// The tasks of an episode by its frames' `task_index`, in the order in which they begin.
    private static func tasks(
        of place: LeRobotMetadata.Episode, _ files: LeRobotFileCache, _ tasks: [Int: String]
    ) -> [String] {
        guard let file = try? files.file(place.dataPath), let column = try? file.column("task_index"),
            place.firstRow >= 0, place.firstRow + place.length <= column.count
        else { return [] }
        var found: [String] = []
        for row in place.firstRow..<place.firstRow + place.length {
            guard let task = Int(exactly: column[row, 0]).flatMap({ tasks[$0] }) else { return [] }
            if !found.contains(task) { found.append(task) }
        }
        return found
    }

    func instructions(of episode: Int) throws -> [String]? {
        guard places[episode].tasks.count > 1 else { return nil }
        return try column("task_index", of: episode).values.enumerated().map { frame, number in
            guard let task = Int(exactly: number).flatMap({ tasks[$0] }) else {
                throw failure(.missing, episode, frame: frame, column: "task_index", "there is no task \(number)")
            }
            return task
        }
    }

    func textColumns(of episode: Int) throws -> [String: [String]] {
        var columns: [String: [String]] = [:]
        let (place, rows) = (places[episode], try rows(of: episode))
        for name in textFeatures {
            let texts = try wrap(episode, column: name) { try files.file(place.dataPath).texts(name) }
            guard let texts, rows.upperBound <= texts.count else { continue }
            columns[name] = Array(texts[rows])
        }
        return columns
    }

    func rawImageNames(of episode: Int) throws -> [String] { rawImageFeatures }

    func rawImages(_ name: String, of episode: Int) throws -> [RawImage] {
        try rows(of: episode).enumerated().map { frame, row in
            try wrap(episode, frame: frame, column: name) {
                let (bytes, path) = try files.file(places[episode].dataPath).image(name, row: row)
                if let bytes {
                    return RawImage(bytes: Array(bytes), path: path ?? String(format: "frame_%06d.png", frame))
                }
                return RawImage(bytes: try self.bytes(at: path, name, row, frame, episode), path: path ?? "")
            }
        }
    }

    func leftAside(of episode: Int) throws -> [String] {
        info.features.filter { $0.type == "video" && !$0.isColor }.map(\.name)
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
            let file = try files.file(place.dataPath)
            let (all, rows) = (try file.column(stored), try self.rows(of: episode))
            guard rows.lowerBound >= 0, rows.upperBound <= all.count else {
                throw failure(.mismatch, episode, outside(place, rows, all.count))
            }
            if let row = file.nullRow(of: stored, in: rows) {
                throw LiberoDataError(
                    .damaged, level: .frame, file: place.dataPath, episode: place.index, frame: row - rows.lowerBound,
                    column: stored, "row \(row) of the file is null or has a null in it",
                    advice: "Every frame needs its numbers.")
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
            let row = try rows(of: episode).lowerBound + frame
            let (bytes, path) = try files.file(place.dataPath).image(name, row: row)
            let content = try bytes.map { Array($0) } ?? self.bytes(at: path, name, row, frame, episode)
            // depths in a feature of color images would lose their lower bits
            if let kind = Self.grayKind(content) {
                throw LiberoDataError(
                    .unsupported, level: .frame, file: place.dataPath, episode: place.index, frame: frame, column: name,
                    "the image is \(kind), its feature says color",
                    advice: "State the shape [height, width, 1] in \(LeRobotInfo.path), so that it is kept as it is.")
            }
            return Self.stored(content)
        }
    }

    /// A PNG file of 16 bits or without color; `nil` for others.
    private static func grayKind(_ bytes: [UInt8]) -> String? {
        guard bytes.count > 25, bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]), bytes[24] == 16 else { return nil }
        return bytes[25] == 0 ? "a gray PNG of 16 bits, as depths are" : "a PNG of 16 bits"
    }

    /// The bytes of an image whose row holds a path.
    private func bytes(at path: String?, _ name: String, _ row: Int, _ frame: Int, _ episode: Int) throws -> [UInt8] {
        func error(_ kind: LiberoDataError.Kind, _ reason: String, advice: String? = nil) -> LiberoDataError {
            LiberoDataError(
                kind, level: .frame, file: episodes[episode].file, episode: places[episode].index, frame: frame,
                column: name, "row \(row): \(reason)", advice: advice)
        }
        guard let path, !path.isEmpty else { throw error(.missing, "there is neither an image nor a path") }
        guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
            throw error(
                .unsupported, "the image's path '\(path)' leads out of the data set, to a place on another machine",
                advice: "Store the images in the rows, or paths relative to the set.")
        }
        let url = root.appendingPathComponent(path)
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw error(.missing, "the image '\(path)' is not there", advice: "Fetch the images of the set as well.")
        }
        return [UInt8](try LimitedData.read(url))
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
