import RobotInterface
import ActionTokenizer
import Diagnosis
import Evaluation
import Foundation
import ImageProcessing
import LiberoData
import LiberoSimulation
import VLAPolicy

/// A policy with its data and its world, to be made ill.
///
/// Everything is changed as a user's own tool would change it: files are written anew, hashes and descriptions with
/// them, so that nothing is refused for its hash alone. The doctor reads nothing of this.
struct Patient {
    /// The healthy policy's folder.
    let source: URL
    /// Where sick files are written.
    let folder: URL
    private(set) var checkpoint: URL
    var data: URL
    var world = WorldFault()
    var served: (any Policy)?
    var evaluation: URL?

    init(checkpoint: URL, data: URL, in folder: URL) {
        (source, self.checkpoint, self.data, self.folder) = (checkpoint, checkpoint, data, folder)
    }

    var family: PolicyFamily {
        get throws { try PolicyCheckpoint(at: source).family }
    }

    /// Writes the checkpoint changed, with its hashes.
    mutating func edit(_ change: (inout PolicyCheckpoint) throws -> Void) throws {
        var value = try PolicyCheckpoint(at: checkpoint)
        try change(&value)
        try use(value)
    }

    mutating func use(_ value: PolicyCheckpoint) throws {
        let target = folder.appendingPathComponent("checkpoint")
        try value.write(to: target)
        checkpoint = target
    }

    mutating func use(checkpointAt url: URL) { checkpoint = url }

    /// Changes a copied file of the checkpoint, its hash left as it was.
    mutating func damage(_ name: String, _ change: (inout Data) -> Void) throws {
        let target = folder.appendingPathComponent("checkpoint")
        if checkpoint != target { try FileManager.default.copyItem(at: checkpoint, to: target) }
        checkpoint = target
        var bytes = try Data(contentsOf: target.appendingPathComponent(name))
        change(&bytes)
        try bytes.write(to: target.appendingPathComponent(name))
    }

    /// Writes the data changed, episode by episode, under the description they have.
    mutating func rewrite(_ change: (inout EpisodeEdit) throws -> Void) throws {
        let target = folder.appendingPathComponent("data")
        try EpisodeEdit.rewrite(data, to: target, change)
        data = target
    }

    /// Examined in the built-in world.
    func examine() throws -> DoctorReport { examine(in: try FaultyWorld(builtInLike: source, world)) }

    /// Examined in a world, which has its fault already.
    func examine(
        in world: (some Environment)?, options: Doctor.Options = Doctor.Options()
    ) -> DoctorReport {
        var doctor = Doctor(checkpoint: checkpoint, data: data, options: options)
        doctor.served = served
        doctor.evaluation = evaluation
        return doctor.examine(in: world)
    }
}

/// One demonstration, its numbers and images open to changes.
struct EpisodeEdit {
    let index: Int
    let count: Int
    var instruction: String
    /// The file the episode is written to.
    var taskName: String
    var columns: [String: NumberColumn]
    var images: [CameraName: [RGBImage]]

    static let actionColumns = [ColumnName.action, "executed_action"]

    /// Changes every row of a column that there is.
    mutating func map(_ name: String, _ change: ([Double]) -> [Double]) {
        guard let column = columns[name] else { return }
        columns[name] = NumberColumn(
            width: column.width, values: (0..<column.count).flatMap { change(Array(column[$0])) })
    }

    mutating func mapActions(_ change: ([Double]) -> [Double]) { for name in Self.actionColumns { map(name, change) } }

    mutating func mapImages(_ change: (RGBImage) -> RGBImage) { images = images.mapValues { $0.map(change) } }

    /// Keeps some frames.
    mutating func keep(_ frames: [Int]) {
        columns = columns.mapValues { column in
            NumberColumn(width: column.width, values: frames.flatMap { Array(column[$0]) })
        }
        images = images.mapValues { images in frames.map { images[$0] } }
    }

    /// Moves the actions against everything else: frame t gets those of t + shift.
    mutating func shiftActions(by shift: Int) {
        for name in Self.actionColumns {
            guard let column = columns[name] else { continue }
            let rows = (0..<column.count).flatMap { Array(column[min(max($0 + shift, 0), column.count - 1)]) }
            columns[name] = NumberColumn(width: column.width, values: rows)
        }
    }

    /// Waits before the first motion, as where a recording begins before its teacher does.
    mutating func wait(_ frames: Int) {
        guard let actions = columns[ColumnName.action] else { return }
        keep([Int](repeating: 0, count: frames) + Array(0..<actions.count))
        for name in Self.actionColumns {
            guard let column = columns[name] else { continue }
            let rows = (0..<column.count).flatMap { frame -> [Double] in
                let row = Array(column[frame])
                return frame < frames ? [Double](repeating: 0, count: row.count - 1) + [row.last!] : row
            }
            columns[name] = NumberColumn(width: column.width, values: rows)
        }
    }

    /// Copies a set, changed; `limit` demonstrations of each task.
    static func rewrite(
        _ source: URL, to target: URL, limit: Int = .max, _ change: (inout EpisodeEdit) throws -> Void
    ) throws {
        let dataset = try LiberoDataset(at: source)
        let recorder = try EpisodeRecorder(at: target, description: dataset.description)
        var counts: [Int: Int] = [:]
        for info in dataset.episodes {
            let number = counts[info.taskIndex, default: 0]
            guard number < limit else { continue }
            counts[info.taskIndex] = number + 1
            let episode = try dataset.episode(info.index)
            var columns = [ColumnName.action: episode.actions, ColumnName.state: episode.states]
            for name in ["executed_action", ColumnName.jointState] {
                if let column = try? episode.column(name) { columns[name] = column }
            }
            var images: [CameraName: [RGBImage]] = [:]
            for camera in episode.cameras {
                images[camera] = try (0..<episode.length).map { try episode.image(of: camera, at: $0) }
            }
            let url = URL(fileURLWithPath: info.file)
            let name = url.deletingPathExtension().lastPathComponent
            var edit = EpisodeEdit(
                index: info.index, count: dataset.episodes.count, instruction: info.instruction,
                taskName: name.hasSuffix("_demo") ? String(name.dropLast(5)) : name, columns: columns,
                images: images)
            try change(&edit)
            try recorder.record(
                EpisodeRecord(
                    suite: url.deletingLastPathComponent().lastPathComponent, taskName: edit.taskName,
                    instruction: edit.instruction, columns: edit.columns,
                    images: edit.images.mapValues { $0.map { .pixels($0) } }, succeeded: true,
                    attributes: try episode.attributes()))
        }
        try recorder.close()
    }

    /// Data from which trainings learn not to look and not to listen: images of other frames, words of other tasks.
    static func makeSickData(_ source: URL, in folder: URL) throws {
        let dataset = try LiberoDataset(at: source)
        try rewrite(source, to: folder.appendingPathComponent("data-blind")) { edit in
            // of another demonstration, in an order of their own
            let other = try dataset.episode((edit.index * 7 + 13) % edit.count)
            for (camera, images) in edit.images {
                edit.images[camera] = try images.indices.map {
                    try other.image(of: camera, at: ($0 * 37 + 29) % other.length)
                }
            }
        }
        // frames in which the teacher does nothing
        try rewrite(source, to: folder.appendingPathComponent("data-idle")) { edit in
            for name in actionColumns {
                guard let column = edit.columns[name] else { continue }
                let rows = (0..<column.count).flatMap { frame -> [Double] in
                    let row = Array(column[frame])
                    return (frame + edit.index) % 6 == 0
                        ? row : [Double](repeating: 0, count: row.count - 1) + [row.last!]
                }
                edit.columns[name] = NumberColumn(width: column.width, values: rows)
            }
        }
        // what the doctor gets of it has as many demonstrations as its other data
        for (name, limit) in [("data-waiting", Int.max), ("sample-waiting", 3)] {
            try rewrite(source, to: folder.appendingPathComponent(name), limit: limit) { $0.wait(30) }
        }
        let tasks = Dictionary(
            dataset.episodes.map { info in
                let name = URL(fileURLWithPath: info.file).deletingPathExtension().lastPathComponent
                return (name.hasSuffix("_demo") ? String(name.dropLast(5)) : name, info.instruction)
            }, uniquingKeysWith: { a, _ in a }
        ).sorted { $0.key < $1.key }
        try rewrite(source, to: folder.appendingPathComponent("data-deaf")) { edit in
            let task = tasks[(edit.index * 5 + edit.index / tasks.count) % tasks.count]
            (edit.taskName, edit.instruction) = (task.key, task.value)
        }
    }
}
