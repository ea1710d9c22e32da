import RobotInterface
import Foundation
import HDF5
import LiberoTasks
import TensorCore

/// Demonstrations in LIBERO's HDF5 files, raw or regenerated without no-ops, one file per task.
struct HDF5EpisodeStorage: EpisodeStorage {
    let description: DatasetDescription
    let episodes: [EpisodeInfo]
    let warnings: [DatasetWarning]
    let filterKeys: [String: [Int]]
    private let places: [HDF5TaskFile.Demonstration]
    private let cache: HDF5FileCache

    /// Opens one file, or all below a folder (at most one folder deep: `<suite>/<task>_demo.hdf5`).
    init(at root: URL, options: DatasetOptions) throws {
        let cache = HDF5FileCache()
        self.cache = cache
        let (base, urls) = try Self.files(at: root)
        var files: [HDF5TaskFile] = []
        for url in urls {
            do {
                files.append(try HDF5TaskFile(at: url, cache: cache))
            } catch {
                throw LiberoDataError(error, level: .open, file: Self.relative(url, to: base))
            }
        }
        files = Self.ordered(files, suite: options.suite)

        // episodes in the order of tasks and demonstrations
        var episodes: [EpisodeInfo] = []
        var places: [HDF5TaskFile.Demonstration] = []
        var taskOfInstruction: [String: Int] = [:]
        var filterKeys: [String: [Int]] = [:]
        var noticed: [DatasetWarning] = []
        for file in files {
            let next = taskOfInstruction.count
            let number = options.suite.flatMap { suite in suite.tasks.firstIndex { $0.name == file.taskName } }
            let task = number ?? taskOfInstruction[file.taskName] ?? next
            taskOfInstruction[file.taskName] = task
            noticed += file.totalWarnings(Self.relative(file.url, to: base))
            let first = episodes.count
            let numbers = Dictionary(
                file.demonstrations.enumerated().map { ($0.element.name, first + $0.offset) }
            ) { number, _ in number }
            for (key, names) in file.masks.sorted(by: { $0.key < $1.key }) {
                filterKeys[key, default: []] += names.compactMap { numbers[$0] }
                let unknown = names.filter { numbers[$0] == nil }
                if !unknown.isEmpty {
                    noticed.append(
                        DatasetWarning(
                            file: Self.relative(file.url, to: base), "mask/\(key) names \(unknown), which are not there"
                        ))
                }
            }
            for demonstration in file.demonstrations {
                episodes.append(
                    EpisodeInfo(
                        index: episodes.count, name: demonstration.name,
                        file: Self.relative(demonstration.url, to: base),
                        instruction: demonstration.instruction ?? file.instruction,
                        taskIndex: task, length: demonstration.length, succeeded: demonstration.succeeded))
                places.append(demonstration)
            }
        }
        guard let first = episodes.first else {
            throw LiberoDataError(
                .missing, level: .open, file: root.lastPathComponent, "there is no demonstration",
                advice:
                    "LIBERO's files hold /data/demo_0, /data/demo_1, …; with a suite given, files are named after its tasks."
            )
        }
        (self.episodes, self.places) = (episodes, places)
        self.filterKeys = filterKeys.mapValues { $0.sorted() }

        // what it all means
        let meaning = HDF5Meaning(
            files: files, count: places.count, file: first.file, options: options
        ) { [episodes, places] index in
            let (info, place) = (episodes[index], places[index])
            return (try? cache.file(at: place.url).root.group("data/\(place.name)")).map {
                HDF5Demonstration(group: $0, file: info.file, episode: index, name: info.name)
            }
        }
        let found: [DatasetWarning]
        (description, found) = try meaning.resolved()
        warnings = found + noticed
    }

    func leftAside(of episode: Int) throws -> [String] {
        try demonstration(episode).arrays().others.map(\.path)
    }

    private static func files(at root: URL) throws -> (base: URL, urls: [URL]) {
        let manager = FileManager.default
        var isFolder: ObjCBool = false
        guard manager.fileExists(atPath: root.path, isDirectory: &isFolder) else {
            throw LiberoDataError(.cannotRead, level: .open, file: root.path, "there is no such file or folder")
        }
        guard isFolder.boolValue else { return (root.deletingLastPathComponent(), [root]) }

        func files(in folder: URL) -> [URL] {
            let names = (try? manager.contentsOfDirectory(atPath: folder.path)) ?? []
            // a recorder's parts stand for the file they will be merged into
            let files = Set(
                names.compactMap { name -> String? in
                    if name.hasPrefix(".") { return nil }
                    if name.hasSuffix(".hdf5.parts") { return String(name.dropLast(".parts".count)) }
                    return name.hasSuffix(".hdf5") || name.hasSuffix(".h5") ? name : nil
                })
            return files.sorted().map { folder.appendingPathComponent($0) }
        }
        var found = files(in: root)
        for name in ((try? manager.contentsOfDirectory(atPath: root.path)) ?? []).sorted()
        where !name.hasSuffix(".parts") && !name.hasPrefix(".") {
            let folder = root.appendingPathComponent(name)
            if manager.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue {
                found += files(in: folder)
            }
        }
        return (root, found)
    }

    static func relative(_ url: URL, to base: URL) -> String {
        let (path, prefix) = (url.standardizedFileURL.path, base.standardizedFileURL.path + "/")
        return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
    }

    /// In the order of the suite's tasks, without others; of a built-in suite where the folder has its name.
    private static func ordered(_ files: [HDF5TaskFile], suite: LiberoSuite?) -> [HDF5TaskFile] {
        func place(_ file: HDF5TaskFile, in suite: LiberoSuite) -> Int? {
            suite.tasks.firstIndex { $0.name == file.taskName }
        }
        if let suite {
            return files.filter { place($0, in: suite) != nil }.sorted { place($0, in: suite)! < place($1, in: suite)! }
        }
        return files.enumerated().sorted { a, b in
            let folders = [a, b].map { $0.element.url.deletingLastPathComponent().lastPathComponent }
            if folders[0] == folders[1], let suite = LiberoSuite.builtIn.first(where: { $0.name == folders[0] }) {
                let places = [a, b].map { place($0.element, in: suite) ?? Int.max }
                if places[0] != places[1] { return places[0] < places[1] }
            }
            return a.offset < b.offset
        }.map(\.element)
    }

    // MARK: - EpisodeStorage

    func check(_ episode: Int) throws {
        try demonstration(episode).check(
            cameras: description.cameras, actionWidth: description.actionSpace.dimensionCount)
    }

    /// Every text attribute, with the scene's model.
    func allAttributes(of episode: Int) throws -> [String: String] {
        try demonstration(episode).group.textAttributes().filter { $0.key != "num_samples" }
    }

    /// The text attributes of `/data` in an episode's file, such as `env_args`.
    func fileAttributes(of episode: Int) throws -> [String: String] {
        try cache.file(at: places[episode].url).root.group("data").textAttributes()
    }

    func columnNames(of episode: Int) throws -> [String] { try demonstration(episode).columnNames() }

    func column(_ name: String, of episode: Int) throws -> NumberColumn { try demonstration(episode).column(name) }

    func columnName(of camera: CameraName) -> String { HDF5Demonstration.path(of: camera) }

    func storedImage(of camera: CameraName, frame: Int, episode: Int) throws -> StoredImage {
        try demonstration(episode).storedImage(of: camera, frame: frame)
    }

    func attributes(of episode: Int) throws -> [String: String] { try demonstration(episode).attributes() }

    private func demonstration(_ episode: Int) throws -> HDF5Demonstration {
        let (info, place) = (episodes[episode], places[episode])
        do {
            let group = try cache.file(at: place.url).root.group("data/\(place.name)")
            return HDF5Demonstration(group: group, file: info.file, episode: episode, name: info.name)
        } catch {
            throw LiberoDataError(error, level: .episode, file: info.file, episode: episode, episodeName: info.name)
        }
    }
}
