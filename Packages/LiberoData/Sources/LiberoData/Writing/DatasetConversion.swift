import FileSupport
import RobotInterface
public import Foundation
import HDF5
import TensorCore

/// Writes a data set in another form, one episode in memory at a time.
///
/// Numbers keep the bits they have in single precision, HDF5 to HDF5 all of them. Images are turned as the target wants
/// them; PNG and pixels are kept exactly, RLDS stores JPEG and loses what that loses. Interrupted, also by `kill -9`, it
/// goes on where it was when it is run again, and doubles nothing.
public struct DatasetConversion: Sendable {
    public let source: LiberoDataset
    public let target: URL
    public let format: LiberoDataset.Format
    /// What a LeRobot set calls its features; by default as the source, openpi's for 2.1 and Hugging Face's for 3.0.
    public var featureNames: LeRobotFeatureNames?
    /// Megabytes per data file of LeRobot 3.0.
    public var dataFileSize = 100.0
    /// Files of an RLDS set; by default one per 50 episodes, at most 32.
    public var shardCount: Int?

    /// - Throws: ``LiberoDataError`` for forms that are read only.
    public init(_ source: LiberoDataset, to target: URL, as format: LiberoDataset.Format) throws {
        guard format != .leRobot20 else {
            throw LiberoDataError(
                .unsupported, level: .open, file: target.path, "LeRobot 2.0 is not written",
                advice: "Take lerobot-v2.1.")
        }
        guard format != .hdf5 || source.description.actionSpace.command != .unspecified else {
            throw LiberoDataError(
                .unsupported, level: .open, file: source.url.lastPathComponent,
                "LIBERO's HDF5 layout has no place for actions and states whose meaning is not stated",
                advice: "Take lerobot-v2.1 or lerobot-v3.")
        }
        (self.source, self.target, self.format) = (source, target, format)
    }

    /// What the target's numbers and images mean.
    public var description: DatasetDescription {
        var result = source.description
        // what a real camera shows is not turned
        guard result.actionSpace.command != .unspecified else { return result }
        for camera in result.cameras.keys {
            result.cameras[camera]?.orientation = format == .hdf5 ? .raw : .rotated180
        }
        return result
    }

    var imageForm: ImageForm { format == .hdf5 ? .pixels : format == .rlds ? .jpeg : .png }

    /// Columns that every form makes anew.
    private static let generated: Set<String> = [
        "timestamp", "frame_index", "episode_index", "index", "task_index", "discount", "is_first", "is_last",
        "is_terminal",
    ]
    /// Parts of the state that HDF5 files hold beside the whole.
    private static let stateParts: Set<String> = [
        "obs/ee_pos", "obs/ee_ori", "obs/ee_states", "obs/gripper_states", "obs/robot0_eef_pos", "obs/robot0_eef_quat",
        "obs/robot0_gripper_qpos",
    ]

    /// Whether a column beside action and state is taken along.
    func isCarried(_ column: String) -> Bool {
        switch format {
        case .hdf5: !Self.generated.contains(column) && !Self.stateParts.contains(column)
        case .leRobot20, .leRobot21, .leRobot30:
            column == ColumnName.jointState || others.contains { $0.name == column }
        case .rlds: column == ColumnName.jointState
        }
    }

    private var leRobot: LeRobotEpisodeStorage? { source.storage as? LeRobotEpisodeStorage }
    private var isToLeRobot: Bool { format != .hdf5 && format != .rlds }

    /// Columns of a LeRobot source that a LeRobot set takes as they are.
    var others: [LeRobotSchema.Other] {
        guard isToLeRobot, let leRobot else { return [] }
        let own = [leRobot.names.action, leRobot.names.state, LeRobotSchema.jointStateName]
        return leRobot.info.features.filter { feature in
            !feature.isImage && feature.type != "string" && feature.shape.count <= 1 && !own.contains(feature.name)
                && !Self.generated.contains(feature.name)
        }.map { LeRobotSchema.Other(feature: $0) }
    }

    /// Columns of text, and images that are no color images, of a LeRobot source.
    var carriedTexts: [String] {
        isToLeRobot ? leRobot?.info.features.filter { $0.type == "string" }.map(\.name) ?? [] : []
    }
    var carriedRawImages: [LeRobotInfo.Feature] {
        isToLeRobot ? leRobot?.info.features.filter { $0.type == "image" && !$0.isColor } ?? [] : []
    }

    /// What the source holds and the target has no place for, in words; empty where everything is carried.
    ///
    /// - Throws: ``LiberoDataError`` when the source cannot be read.
    public func leftOut() throws -> [String] {
        var (columns, texts, images, aside, attributes) = (
            Set<String>(), Set<String>(), Set<String>(), Set<String>(), Set<String>()
        )
        // the features of a LeRobot set are those of all episodes
        for index in leRobot == nil ? Array(source.episodes.indices) : [0] {
            columns.formUnion((try? source.storage.columnNames(of: index)) ?? [])
            images.formUnion((try? source.storage.rawImageNames(of: index)) ?? [])
            aside.formUnion((try? source.storage.leftAside(of: index)) ?? [])
            if format != .hdf5 {
                attributes.formUnion(
                    (try? (source.storage as? HDF5EpisodeStorage)?.allAttributes(of: index))?.keys ?? [:].keys)
            }
        }
        texts.formUnion(leRobot?.info.features.filter { $0.type == "string" }.map(\.name) ?? [])
        let (action, state) = (ColumnName.action, ColumnName.state)
        let lost = columns.filter { name in
            name != action && name != state && !isCarried(name) && !Self.generated.contains(name)
                && !Self.stateParts.contains(name)
        }
        var result: [String] = []
        func add(_ names: Set<String>, _ kind: String) {
            if !names.isEmpty { result.append("\(kind) \(names.sorted().joined(separator: ", "))") }
        }
        add(lost, "columns")
        add(texts.subtracting(carriedTexts), "texts")
        add(images.subtracting(carriedRawImages.map(\.name)), "images that are no color images:")
        add(aside, "arrays that are not read:")
        add(attributes, "attributes of demonstrations:")
        let several = source.episodes.count { !$0.instructions.isEmpty }
        if format == .hdf5, several > 0 {
            result.append("the instructions behind the first of \(several) episodes: HDF5 has one for each file")
        }
        return result
    }

    /// An episode of the source with everything that is carried.
    func record(of index: Int) throws -> EpisodeRecord {
        var record = try source.record(of: index, columns: isCarried)
        if !carriedTexts.isEmpty { record.texts = try source.storage.textColumns(of: index) }
        for image in carriedRawImages {
            record.rawImages[image.name] = try source.storage.rawImages(image.name, of: index)
        }
        return record
    }

    /// Converts what is not converted yet.
    ///
    /// - Parameter progress: Called after each episode with how many of how many are done; throwing ends the conversion at
    ///   a safe point.
    /// - Throws: ``LiberoDataError`` when the source is damaged, or the target holds something else.
    public func run(progress: (Int, Int) throws -> Void = { _, _ in }) throws {
        let lock: FolderLock
        do { lock = try FolderLock(of: target) } catch {
            throw LiberoDataError(error, level: .open, file: target.lastPathComponent)
        }
        defer { withExtendedLifetime(lock) {} }
        let total = source.episodes.count
        let provenance = Provenance(
            description: description, source: source.url.lastPathComponent, sourceFormat: source.format.rawValue)
        if format == .hdf5 {
            try writeHDF5(provenance, progress)
        } else {
            let writer = try writer(provenance)
            guard writer.committedCount <= total else {
                throw LiberoDataError(
                    .mismatch, level: .open, file: target.lastPathComponent,
                    "the target has \(writer.committedCount) episodes, the source \(total)")
            }
            var next = writer.committedCount
            while next < total {
                try progress(next, total)
                let record = try record(of: next)
                try writer.append(record.converted(from: source.description, to: description, as: imageForm))
                next += 1
            }
            try writer.finish()
        }
        try progress(total, total)
    }

    private func writer(_ provenance: Provenance) throws -> any EpisodeWriter {
        let hasJointState = try source.episode(0).columnNames().contains(ColumnName.jointState)
        switch format {
        case .rlds:
            return try RLDSWriter(
                at: target, description: description, hasJointState: hasJointState, provenance: provenance,
                episodeCount: source.episodes.count, shardCount: shardCount)
        default:
            var schema = LeRobotSchema(
                names: names, description: description,
                extras: hasJointState ? [(LeRobotSchema.jointStateName, 7)] : [])
            (schema.others, schema.texts, schema.rawImages) = (others, carriedTexts, carriedRawImages)
            schema.robotType = leRobot?.info.robotType ?? schema.robotType
            return format == .leRobot21
                ? try LeRobotV21Writer(at: target, schema: schema, provenance: provenance)
                : try LeRobotV30Writer(at: target, schema: schema, provenance: provenance, fileSize: dataFileSize)
        }
    }

    private var names: LeRobotFeatureNames {
        var names =
            featureNames ?? (source.storage as? LeRobotEpisodeStorage)?.names
            ?? (format == .leRobot21 ? .openPI : .huggingFace)
        // cameras beyond the two have their own names
        for camera in description.cameras.keys where names.cameras[camera] == nil {
            names.cameras[camera] = "observation.images.\(camera)"
        }
        return names
    }

    /// Task by task; the demonstrations keep their names where the source has them.
    private func writeHDF5(_ provenance: Provenance, _ progress: (Int, Int) throws -> Void) throws {
        let writer = try HDF5SetWriter(at: target, description: description, provenance: provenance)
        let groups = Dictionary(grouping: source.episodes) { source.task(of: $0) }
        let tasks = groups.sorted { ($0.value[0].index) < ($1.value[0].index) }
        var done = 0
        for (task, episodes) in tasks {
            guard !writer.isCommitted(suite: task.suite, task: task.name) else {
                done += episodes.count
                continue
            }
            for (number, info) in episodes.enumerated() {
                try progress(done, source.episodes.count)
                let name = source.format == .hdf5 ? info.name : "demo_\(number)"
                let record = try record(of: info.index)
                try writer.append(
                    record.converted(from: source.description, to: description, as: imageForm), name: name)
                done += 1
            }
            let members = Dictionary(
                uniqueKeysWithValues: episodes.enumerated().map { number, info in
                    (info.index, source.format == .hdf5 ? info.name : "demo_\(number)")
                })
            let original = try (source.storage as? HDF5EpisodeStorage)?.fileAttributes(of: episodes[0].index)
            try writer.commit(
                masks: source.filterKeys.mapValues { $0.compactMap { members[$0] } }, keeping: original ?? [:])
        }
    }
}
