import RobotInterface
public import Foundation
public import LiberoTasks

/// LIBERO demonstrations on disk, in any of the formats, as episodes.
///
/// Opening reads metadata only. `dataset.episode(12)` reads and checks the numbers of one; images are read when asked
/// for. Safe to use from several threads.
public struct LiberoDataset: Sendable {
    public enum Format: String, CaseIterable, Codable, Sendable {
        case hdf5
        case leRobot20 = "lerobot-v2.0"
        case leRobot21 = "lerobot-v2.1"
        case leRobot30 = "lerobot-v3.0"
        case rlds
    }

    /// The folder or file.
    public let url: URL
    public let format: Format
    /// What the numbers and images mean, as the episodes give them.
    public let description: DatasetDescription
    /// What the observations' alignment is in the files.
    public let storedAlignment: ObservationAlignment
    public let episodes: [EpisodeInfo]
    /// What was noticed when opening.
    public let warnings: [DatasetWarning]
    /// The first frame of each episode in the numbering over all, and the count of all frames at the end.
    public let frameOffsets: [Int]
    let storage: any EpisodeStorage
    let options: DatasetOptions
    private let cache: ColumnCache
    /// Where decoded images are taken from, if anywhere.
    var frameCache: FrameCache?

    /// Opens a folder, or an HDF5 file.
    ///
    /// - Throws: ``LiberoDataError`` of level `open` when there is no data set that can be read.
    public init(at url: URL, options: DatasetOptions = DatasetOptions()) throws {
        self.url = url
        self.options = options
        (format, storage) = try Self.open(url, options)
        (episodes, storedAlignment) = (storage.episodes, storage.description.alignment)
        warnings = storage.warnings

        // an action is paired with the observation before it
        var description = storage.description
        let shift = options.pairsCausally && description.alignment == .afterAction ? 1 : 0
        if shift == 1 { description.alignment = .beforeAction }
        self.description = description
        var offsets = [0]
        for episode in episodes { offsets.append(offsets[offsets.count - 1] + max(episode.length - shift, 0)) }
        frameOffsets = offsets
        cache = ColumnCache(byteCount: options.cacheByteCount)
    }

    /// A suite's tasks in a folder.
    public init(at url: URL, suite: LiberoSuite) throws {
        try self.init(at: url, options: DatasetOptions(suite: suite))
    }

    /// Named lists of episodes beside the data, such as robomimic's `train` and `valid`; a recipe's
    /// split of the rule `stored` takes them.
    public var filterKeys: [String: [Int]] { storage.filterKeys }

    /// Frames of all episodes.
    public var frameCount: Int { frameOffsets[frameOffsets.count - 1] }

    /// The episodes of each task by its number, in order.
    public var episodesOfTask: [Int: [Int]] { Dictionary(grouping: episodes.indices) { episodes[$0].taskIndex } }

    /// Frames of an episode.
    public func length(ofEpisode episode: Int) -> Int { frameOffsets[episode + 1] - frameOffsets[episode] }

    /// The episode and frame of a number over all frames.
    ///
    /// O(log episodes).
    public func place(ofFrame index: Int) -> (episode: Int, frame: Int) {
        precondition(0..<frameCount ~= index, "frame \(index) of \(frameCount)")
        // the last offset that is not above it
        var (low, high) = (0, episodes.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if frameOffsets[middle] <= index { low = middle } else { high = middle }
        }
        return (low, index - frameOffsets[low])
    }

    /// An episode, its numbers read and checked.
    ///
    /// - Throws: ``LiberoDataError`` of level `episode` or `frame` for what is wrong in it.
    public func episode(_ index: Int) throws -> LiberoEpisode {
        precondition(episodes.indices ~= index, "episode \(index) of \(episodes.count)")
        let info = episodes[index]
        if !cache.contains(index, ColumnName.action) { try storage.check(index) }
        let shift = storedAlignment == description.alignment ? 0 : 1
        let (actions, states) = (try column(ColumnName.action, of: index), try column(ColumnName.state, of: index))
        for (name, column) in [(ColumnName.action, actions), (ColumnName.state, states)]
        where column.count != actions.count {
            throw LiberoDataError(
                .mismatch, level: .episode, file: info.file, episode: index, episodeName: info.name, column: name,
                "\(column.count) rows, \(actions.count) actions")
        }
        guard actions.count > shift else {
            throw LiberoDataError(
                .missing, level: .episode, file: info.file, episode: index, episodeName: info.name,
                "\(actions.count) frames are too few to pair an action with the observation before it")
        }
        let instructions = try storage.instructions(of: index)
        return LiberoEpisode(
            dataset: self, info: info, actions: actions, states: states, instructions: instructions, shift: shift)
    }

    /// The nth demonstration of a task, both counted from 0; nil when there are fewer.
    public func episode(task: Int, demonstration: Int) throws -> LiberoEpisode? {
        let found = episodes.lazy.filter { $0.taskIndex == task }.dropFirst(demonstration).first
        return try found.map { try episode($0.index) }
    }

    /// A column as it is stored, from memory where it was read before.
    func column(_ name: String, of episode: Int) throws -> NumberColumn {
        try cache.column(name, of: episode) { try storage.column(name, of: episode) }
    }

    /// The data set's own name for a camera's images.
    public func columnName(of camera: CameraName) -> String { storage.columnName(of: camera) }

    private static func open(_ url: URL, _ options: DatasetOptions) throws -> (Format, any EpisodeStorage) {
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw LiberoDataError(.cannotRead, level: .open, file: url.path, "there is no such file or folder")
        }
        if FileManager.default.fileExists(atPath: url.appendingPathComponent(LeRobotInfo.path).path) {
            let storage = try LeRobotEpisodeStorage(at: url, options: options)
            let format: Format =
                switch storage.info.version {
                case .v20: .leRobot20
                case .v21: .leRobot21
                case .v30: .leRobot30
                }
            return (format, storage)
        }
        // the folders of a LeRobot set without the file that describes it
        var isFolder: ObjCBool = false
        let meta = url.appendingPathComponent("meta")
        if FileManager.default.fileExists(atPath: meta.path, isDirectory: &isFolder), isFolder.boolValue {
            let found = (try? FileManager.default.contentsOfDirectory(atPath: meta.path).sorted()) ?? []
            throw LiberoDataError(
                .missing, level: .open, file: LeRobotInfo.path,
                "the file is not there; 'meta' holds \(found.isEmpty ? "nothing" : found.joined(separator: ", "))",
                advice: "A LeRobot set needs it: fetch the whole folder again.")
        }
        if let root = RLDSFolder.root(of: url) {
            return (.rlds, try RLDSEpisodeStorage(at: root, options: options))
        }
        return (.hdf5, try HDF5EpisodeStorage(at: url, options: options))
    }
}
