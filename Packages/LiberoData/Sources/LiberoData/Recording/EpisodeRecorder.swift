public import Foundation
import HDF5
public import LiberoTasks
import TensorCore

/// Records new episodes as LIBERO's HDF5 files, one per task: `<folder>/<suite>/<task>_demo.hdf5`.
///
/// An episode that was finished survives `kill -9` and power loss: each is written to a file of its own beside the
/// task's, `<task>_demo.hdf5.parts/demo_3.hdf5`, under a temporary name that is then replaced. ``close()`` merges them.
/// `LiberoDataset` reads both, merged or not, each episode once. A recorder on a folder that has episodes goes on there.
///
/// Safe to use from several threads; one recorder at a time per folder. `@unchecked Sendable`: state is behind the lock.
public final class EpisodeRecorder: @unchecked Sendable {
    public let folder: URL
    public let description: DatasetDescription
    private let lock = NSLock()
    /// Numbers taken, by the task's file.
    private var taken: [URL: Set<Int>] = [:]

    /// Opens or makes the folder.
    ///
    /// - Throws: ``LiberoDataError`` when it cannot be written, or holds episodes that mean something else.
    public init(at folder: URL, description: DatasetDescription) throws {
        (self.folder, self.description) = (folder.standardizedFileURL, description)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            StaleFiles.remove(below: folder)
        } catch {
            throw LiberoDataError(.cannotWrite, level: .open, file: folder.path, "making the folder failed: \(error)")
        }
    }

    /// Begins an episode; give a number to make runs repeatable whatever the order in which they end.
    public func episode(of task: LiberoTask, demonstration: Int? = nil) -> EpisodeRecording {
        EpisodeRecording(task: task, demonstration: demonstration, description: description) { [self] record, number in
            try self.record(record, demonstration: number)
        }
    }

    /// The numbers of a task's episodes that are recorded.
    public func demonstrations(of task: LiberoTask) throws -> Set<Int> {
        try lock.withLock { try numbers(file(suite: task.suite, task: task.name)) }
    }

    /// Whether an episode is recorded: what a run that was interrupted need not do again.
    public func contains(_ task: LiberoTask, demonstration: Int) throws -> Bool {
        try demonstrations(of: task).contains(demonstration)
    }

    /// Writes a whole episode.
    ///
    /// - Returns: Its number among the task's demonstrations.
    /// - Throws: ``LiberoDataError`` when it does not fit the description, the number is taken, or writing fails.
    @discardableResult
    public func record(_ record: EpisodeRecord, demonstration: Int? = nil) throws -> Int {
        let url = file(suite: record.suite, task: record.taskName)
        try record.check(against: description, file: url.lastPathComponent)

        // a number, so that another thread does not take it
        let number = try lock.withLock {
            let known = try numbers(url)
            let number = demonstration ?? (known.max() ?? -1) + 1
            guard number >= 0, !known.contains(number) else {
                throw LiberoDataError(
                    .mismatch, level: .episode, file: url.lastPathComponent, episodeName: "demo_\(number)",
                    "the episode is there already", advice: "Ask `contains` before recording.")
            }
            taken[url]?.insert(number)
            return number
        }
        do {
            let parts = HDF5TaskFile.partsFolder(of: url)
            try FileManager.default.createDirectory(at: parts, withIntermediateDirectories: true)
            let writer = try HDF5Writer(to: parts.appendingPathComponent("demo_\(number).hdf5"))
            let layout = HDF5Layout(description: description)
            try layout.write(record, to: "data/demo_\(number)", of: writer)
            try layout.writeFileAttributes(
                of: writer, suite: record.suite, task: record.taskName, instruction: record.instruction, count: 1,
                frameCount: record.length)
            try writer.close()
        } catch {
            lock.withLock { _ = taken[url]?.remove(number) }
            throw LiberoDataError(
                error, level: .episode, file: url.lastPathComponent, episodeName: "demo_\(number)")
        }
        return number
    }

    /// Merges each task's episodes into its file, which is replaced whole; nothing is lost when this is interrupted.
    public func close() throws {
        try lock.withLock {
            let parts = (FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects ?? [])
                .compactMap { $0 as? URL }.filter { $0.lastPathComponent.hasSuffix(".hdf5.parts") }
            for folder in parts.sorted(by: { $0.path < $1.path }) { try merge(folder.deletingPathExtension()) }
        }
    }

    private func merge(_ url: URL) throws {
        let parts = HDF5TaskFile.partsFolder(of: url)
        do {
            let cache = HDF5FileCache()
            let file = try HDF5TaskFile(at: url, cache: cache)
            let isThere = FileManager.default.fileExists(atPath: url.path)
            let writer = try HDF5Writer(to: url, startingWith: isThere ? url : nil)
            try writer.createGroup("data")
            for demonstration in file.demonstrations where demonstration.url.lastPathComponent != url.lastPathComponent
            {
                let group = try cache.file(at: demonstration.url).root.group("data/\(demonstration.name)")
                try writer.copy(group, to: "data/\(demonstration.name)")
            }
            let suite = url.deletingLastPathComponent().standardizedFileURL
            try HDF5Layout(description: description).writeFileAttributes(
                of: writer, suite: suite.path == folder.path ? "" : suite.lastPathComponent, task: file.taskName,
                instruction: file.instruction, count: file.demonstrations.count,
                frameCount: file.demonstrations.reduce(0) { $0 + $1.length })
            try writer.close()
            try FileManager.default.removeItem(at: parts)
        } catch {
            throw LiberoDataError(error, level: .open, file: url.lastPathComponent)
        }
    }

    private func file(suite: String, task: String) -> URL {
        let parent = suite.isEmpty ? folder : folder.appendingPathComponent(suite)
        return parent.appendingPathComponent("\(task)_demo.hdf5")
    }

    /// The numbers in a task's file and its parts, read once. Called with the lock held.
    private func numbers(_ url: URL) throws -> Set<Int> {
        if let known = taken[url] { return known }
        var found: Set<Int> = []
        let isThere = [url, HDF5TaskFile.partsFolder(of: url)].contains {
            FileManager.default.fileExists(atPath: $0.path)
        }
        if isThere, let file = try existing(url) {
            try file.description?.requireSame(as: description, file: url.lastPathComponent)
            guard file.description != nil else {
                throw LiberoDataError(
                    .meaning, level: .open, file: url.lastPathComponent,
                    "the file was not made by a recorder and does not say what its numbers mean",
                    advice: "Record into another folder.")
            }
            found = Set(file.demonstrations.compactMap { Int($0.name.dropFirst("demo_".count)) })
        }
        taken[url] = found
        return found
    }

    /// nil for a parts folder in which nothing was finished.
    private func existing(_ url: URL) throws -> HDF5TaskFile? {
        do {
            return try HDF5TaskFile(at: url, cache: HDF5FileCache())
        } catch let error as LiberoDataError where error.kind == .missing {
            return nil
        } catch {
            throw LiberoDataError(error, level: .open, file: url.lastPathComponent)
        }
    }
}
