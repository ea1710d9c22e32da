public import Foundation
public import LiberoTasks
import TensorCore

/// Records episodes as LeRobot or RLDS sets; each is on the disk, and read by ``LiberoDataset``, when its call returns.
///
/// LeRobot 2.1 and 3.0 get a data file per episode, RLDS a record at the end of its one file. A recorder on a folder that
/// has episodes goes on behind them; what the end of a process cut off is removed. For HDF5 see ``EpisodeRecorder``.
///
/// Safe to use from several threads; one recorder at a time per folder. `@unchecked Sendable`: the writer is behind the
/// lock.
public final class SetRecorder: @unchecked Sendable {
    public let format: LiberoDataset.Format
    /// What the episodes given mean; the set's images are turned as its form wants them.
    public let description: DatasetDescription
    private let lock = NSLock()
    private let writer: any EpisodeWriter
    private let hasJointState: Bool

    /// Opens or makes a set.
    ///
    /// - Parameters:
    ///   - folder: For RLDS it names the data set.
    ///   - format: RLDS, LeRobot 2.1 or 3.0.
    ///   - description: Cameras, states and actions of the set.
    ///   - hasJointState: Whether every episode has the column ``ColumnName/jointState``; others are not kept.
    ///   - featureNames: For LeRobot; openpi's for 2.1 and Hugging Face's for 3.0 by default.
    /// - Throws: ``LiberoDataError`` for HDF5 and LeRobot 2.0, and for a folder that holds another set.
    public init(
        at folder: URL, format: LiberoDataset.Format, description: DatasetDescription, hasJointState: Bool = false,
        featureNames: LeRobotFeatureNames? = nil
    ) throws {
        (self.format, self.description, self.hasJointState) = (format, description, hasJointState)
        var stored = description
        for camera in stored.cameras.keys { stored.cameras[camera]?.orientation = .rotated180 }
        let provenance = Provenance(description: stored, source: nil, sourceFormat: nil)
        var names = featureNames ?? (format == .leRobot21 ? .openPI : .huggingFace)
        for camera in stored.cameras.keys where names.cameras[camera] == nil {
            names.cameras[camera] = "observation.images.\(camera)"
        }
        let schema = LeRobotSchema(
            names: names, description: stored, extras: hasJointState ? [(LeRobotSchema.jointStateName, 7)] : [])
        switch format {
        case .leRobot21: writer = try LeRobotV21Writer(at: folder, schema: schema, provenance: provenance)
        case .leRobot30: writer = try LeRobotV30Writer(at: folder, schema: schema, provenance: provenance, fileSize: 0)
        case .rlds:
            writer = try RLDSWriter(
                at: folder, description: stored, hasJointState: hasJointState, provenance: provenance)
        case .hdf5, .leRobot20:
            throw LiberoDataError(
                .unsupported, level: .open, file: folder.path, "\(format.rawValue) is not recorded this way",
                advice: "HDF5 has EpisodeRecorder; LeRobot 2.0 is read only.")
        }
    }

    /// Episodes that are on the disk.
    public var count: Int { lock.withLock { writer.committedCount } }

    /// Begins an episode, to be given step by step; its `finish` returns its number in the set.
    public func episode(of task: LiberoTask) -> EpisodeRecording {
        EpisodeRecording(task: task, demonstration: nil, description: description) { [self] record, _ in
            try append(record)
        }
    }

    /// Writes a whole episode.
    ///
    /// - Returns: Its number in the set.
    /// - Throws: ``LiberoDataError`` when it does not fit the description or writing fails; the set is as before.
    @discardableResult
    public func append(_ record: EpisodeRecord) throws -> Int {
        try record.check(against: description, file: record.taskName)
        if hasJointState, record.columns[ColumnName.jointState]?.width != 7 {
            throw LiberoDataError(
                .missing, level: .episode, file: record.taskName, column: ColumnName.jointState,
                "the set has seven joint angles in every frame, the episode has none")
        }
        let form: ImageForm = format == .rlds ? .jpeg : .png
        let converted = try record.converted(from: description, to: writer.description, as: form)
        return try lock.withLock {
            try writer.append(converted)
            return writer.committedCount - 1
        }
    }

    /// Writes an episode of another data set, which has to mean the same.
    ///
    /// - Throws: ``LiberoDataError`` for what is damaged in it, or a description that differs.
    @discardableResult
    public func append(_ index: Int, of dataset: LiberoDataset) throws -> Int {
        try dataset.description.requireSame(as: description, file: dataset.url.lastPathComponent)
        return try append(dataset.record(of: index) { hasJointState && $0 == ColumnName.jointState })
    }
}
