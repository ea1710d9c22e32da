import RobotInterface
import Foundation
import HDF5
import TensorCore

/// Writes LIBERO's HDF5 layout, one file per task; a file is committed when it is whole.
///
/// Episodes have to come ordered by task.
final class HDF5SetWriter {
    let description: DatasetDescription
    private let root: URL
    private let layout: HDF5Layout
    private var current: (url: URL, writer: HDF5Writer, suite: String, task: String, instruction: String)?
    private var count = 0
    private var frameCount = 0

    init(at root: URL, description: DatasetDescription, provenance: Provenance) throws {
        (self.root, self.description, layout) = (root, description, HDF5Layout(description: description))
        if FileManager.default.fileExists(atPath: root.appendingPathComponent(RLDSFolder.provenancePath).path) {
            try provenance.requireSame(in: root, at: RLDSFolder.provenancePath)
            StaleFiles.remove(below: root)
        } else {
            try provenance.begin(in: root, at: RLDSFolder.provenancePath, endings: [".hdf5"])
        }
    }

    func url(suite: String, task: String) -> URL {
        (suite.isEmpty ? root : root.appendingPathComponent(suite)).appendingPathComponent("\(task)_demo.hdf5")
    }

    /// Whether a task's file is there: what need not be converted again.
    func isCommitted(suite: String, task: String) -> Bool {
        FileManager.default.fileExists(atPath: url(suite: suite, task: task).path)
    }

    func append(_ record: EpisodeRecord, name: String) throws {
        let url = url(suite: record.suite, task: record.taskName)
        // names come from the data
        for name in [record.suite, record.taskName] where name.contains("/") || name.hasPrefix(".") {
            throw LiberoDataError(
                .damaged, level: .open, file: root.lastPathComponent, "'\(name.prefix(100))' cannot be a file's name",
                advice: "Name the suite or the task otherwise in the source.")
        }
        if current?.url != url {
            try commit()
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            current = (url, try HDF5Writer(to: url), record.suite, record.taskName, record.instruction)
        }
        try layout.write(record, to: "data/\(name)", of: current!.writer)
        count += 1
        frameCount += record.length
    }

    /// Completes the task's file.
    ///
    /// - Parameters:
    ///   - masks: Lists of its demonstrations, by name.
    ///   - attributes: Texts of the file they come from.
    func commit(masks: [String: [String]] = [:], keeping attributes: [String: String] = [:]) throws {
        guard let current else { return }
        for (name, members) in masks.sorted(by: { $0.key < $1.key }) where !members.isEmpty {
            try current.writer.write(members, to: "mask/\(name)")
        }
        try layout.writeFileAttributes(
            of: current.writer, suite: current.suite, task: current.task, instruction: current.instruction,
            count: count, frameCount: frameCount, keeping: attributes)
        try current.writer.close()
        (self.current, count, frameCount) = (nil, 0, 0)
    }
}
