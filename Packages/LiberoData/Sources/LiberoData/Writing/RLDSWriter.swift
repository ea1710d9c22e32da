import RobotInterface
import FileSupport
import Foundation
import ImageProcessing
import TFRecord
import TensorCore

/// Writes an RLDS set as tensorflow-datasets lays it out: JPEG images, one record per episode.
///
/// Each record is on the disk when `append` returns; one that was cut off is found by its checksums and removed when the
/// writing goes on. A conversion's shard gets its name when it is whole; the number of shards is part of every name, so
/// the number of episodes has to be known. A recording has one shard.
final class RLDSWriter: EpisodeWriter {
    let description: DatasetDescription
    private(set) var committedCount = 0
    private let root: URL
    private let name: String
    private let hasJointState: Bool
    private let provenance: Provenance
    /// Episodes of each shard; nil for a recording.
    private let plan: [Int]?
    /// Of whole shards.
    private var shardLengths: [Int] = []
    private var byteCounts: [Int] = []
    /// Episodes, and bytes of their records, of the shard that is being written.
    private var waiting = 0
    private var waitingBytes = 0

    static let version = "1.0.0"

    /// - Parameters:
    ///   - folder: Named after the data set; the files lie in its folder `1.0.0`.
    ///   - episodeCount: How many episodes will come; nil for a recording.
    ///   - shardCount: Into how many files they are divided.
    init(
        at folder: URL, description: DatasetDescription, hasJointState: Bool, provenance: Provenance,
        episodeCount: Int? = nil, shardCount: Int? = nil
    ) throws {
        (self.description, self.hasJointState, self.provenance) = (description, hasJointState, provenance)
        root = folder.appendingPathComponent(Self.version)
        name = folder.lastPathComponent
        plan = episodeCount.map { total in
            let count = max(1, min(shardCount ?? max(1, min(32, total / 50)), max(total, 1)))
            return (0..<count).map { total * ($0 + 1) / count - total * $0 / count }
        }
        if FileManager.default.fileExists(atPath: root.appendingPathComponent(RLDSFolder.provenancePath).path) {
            try provenance.requireSame(in: root, at: RLDSFolder.provenancePath)
            StaleFiles.remove(below: root)
            try resume()
        } else {
            try provenance.begin(in: root, at: RLDSFolder.provenancePath, endings: [".json", ".tfrecord"])
            try AtomicFile.write(
                Data(RLDSFeatures.text(description, hasJointState: hasJointState).utf8),
                to: root.appendingPathComponent("features.json"))
        }
        try writeInfo()
    }

    private func url(ofShard index: Int) -> URL {
        let count = plan?.count ?? 1
        return root.appendingPathComponent(String(format: "%@-train.tfrecord-%05d-of-%05d", name, index, count))
    }

    /// Where a shard's records gather: a recording's in the file itself, a conversion's beside it until it is whole.
    private func gathering(_ index: Int) -> URL {
        let url = url(ofShard: index)
        guard plan != nil else { return url }
        return root.appendingPathComponent(".\(url.lastPathComponent).part")
    }

    private func failure(_ url: URL, _ step: String) -> LiberoDataError {
        LiberoDataError(
            .cannotWrite, level: .episode, file: url.lastPathComponent,
            "\(step) failed: \(String(cString: strerror(errno)))")
    }

    private func resume() throws {
        // whole shards
        if let plan {
            while shardLengths.count < plan.count {
                let url = url(ofShard: shardLengths.count)
                guard FileManager.default.fileExists(atPath: url.path) else { break }
                let file = try TFRecordFile(at: url)
                guard file.records.count == plan[shardLengths.count] else {
                    throw LiberoDataError(
                        .mismatch, level: .open, file: url.lastPathComponent,
                        "the shard has \(file.records.count) episodes, \(plan[shardLengths.count]) belong there",
                        advice: "Remove it.")
                }
                shardLengths.append(file.records.count)
                byteCounts.append(file.records.reduce(0) { $0 + $1.count })
                committedCount += file.records.count
            }
        }
        // the one that was being written, without the tail of a record that was cut off
        let url = gathering(shardLengths.count)
        guard FileManager.default.fileExists(atPath: url.path) else { return }
        let (records, damage) = try TFRecordFile.wholeRecords(at: url)
        if damage != nil, truncate(url.path, off_t(records.last.map { $0.upperBound + 4 } ?? 0)) != 0 {
            throw failure(url, "cutting off a broken record")
        }
        (waiting, waitingBytes) = (records.count, records.reduce(0) { $0 + $1.count })
        committedCount += waiting
        try commitShard()
    }

    /// One episode is in memory at a time; when this returns it is on the disk.
    func append(_ record: EpisodeRecord) throws {
        let content = try example(record).serialized()
        try append(TFRecordFile.framed(content), to: gathering(shardLengths.count))
        waiting += 1
        waitingBytes += content.count
        committedCount += 1
        try commitShard()
    }

    func finish() throws {
        precondition(waiting == 0 || plan == nil, "RLDS: \(waiting) episodes are left of a shard")
        try writeInfo()
    }

    /// Gives a shard that is whole its name; a recording's never is.
    private func commitShard() throws {
        if let plan, waiting > 0, waiting >= plan[shardLengths.count] {
            let (from, to) = (gathering(shardLengths.count), url(ofShard: shardLengths.count))
            guard rename(from.path, to.path) == 0 else { throw failure(to, "renaming") }
            shardLengths.append(waiting)
            byteCounts.append(waitingBytes)
            (waiting, waitingBytes) = (0, 0)
        }
        if plan == nil || waiting == 0 { try writeInfo() }
    }

    private func append(_ bytes: [UInt8], to url: URL) throws {
        let descriptor = open(url.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(url, "opening") }
        defer { close(descriptor) }
        let end = lseek(descriptor, 0, SEEK_END)
        do {
            try bytes.withUnsafeBytes { bytes in
                var start = 0
                while start < bytes.count {
                    let count = write(descriptor, bytes.baseAddress! + start, bytes.count - start)
                    guard count > 0 || errno == EINTR else { throw failure(url, "writing") }
                    start += max(count, 0)
                }
            }
            guard fsync(descriptor) == 0 else { throw failure(url, "fsync") }
        } catch {
            // nothing of a record that is not whole stays
            ftruncate(descriptor, end)
            throw error
        }
    }

    private func writeInfo() throws {
        let isRecording = plan == nil && waiting > 0
        let lengths = shardLengths + (isRecording ? [waiting] : [])
        let bytes = byteCounts.reduce(0, +) + (isRecording ? waitingBytes : 0)
        let info = StrictJSON.object([
            ("fileFormat", .string("tfrecord")), ("moduleName", .string("vla")), ("name", .string(name)),
            ("releaseNotes", .object([(Self.version, .string("Initial release."))])),
            (
                "splits",
                .array([
                    .object([
                        ("filepathTemplate", .string("{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}")),
                        ("name", .string("train")), ("numBytes", .string("\(bytes)")),
                        ("shardLengths", .array(lengths.map { .string("\($0)") })),
                    ])
                ])
            ), ("version", .string(Self.version)),
        ])
        try AtomicFile.write(
            Data(info.text(indentation: 2).utf8), to: root.appendingPathComponent(RLDSFolder.infoPath))
    }

    /// The features of an episode of T steps.
    private func example(_ record: EpisodeRecord) throws -> TFExample {
        let length = record.length
        func floats(_ name: String) -> TFFeature { .floats((record.columns[name]?.values ?? []).map { Float($0) }) }
        func flags(_ isSet: (Int) -> Bool) -> TFFeature { .integers((0..<length).map { isSet($0) ? 1 : 0 }) }
        let isSuccess = record.succeeded != false
        let path =
            record.suite.isEmpty ? "\(record.taskName)_demo.hdf5" : "\(record.suite)/\(record.taskName)_demo.hdf5"
        var features: [String: TFFeature] = [
            "steps/action": floats(ColumnName.action), "steps/observation/state": floats(ColumnName.state),
            "steps/discount": .floats(Array(repeating: 1, count: length)),
            "steps/reward": .floats((0..<length).map { $0 == length - 1 && isSuccess ? 1 : 0 }),
            "steps/is_first": flags { $0 == 0 }, "steps/is_last": flags { $0 == length - 1 },
            "steps/is_terminal": flags { $0 == length - 1 },
            "steps/language_instruction": .bytes(
                (0..<length).map { Data(record.instruction(at: $0).utf8) }),
            "episode_metadata/file_path": .bytes([Data(path.utf8)]),
        ]
        if hasJointState { features["steps/observation/joint_state"] = floats(ColumnName.jointState) }
        for (camera, images) in record.images {
            features["steps/observation/\(RLDSFeatures.name(of: camera))"] = .bytes(
                images.map { image in
                    guard case .jpeg(let bytes) = image else { preconditionFailure("RLDS stores JPEG") }
                    return Data(bytes)
                })
        }
        return TFExample(features: features)
    }
}

/// `features.json`: what tensorflow-datasets needs to decode the records.
enum RLDSFeatures {
    static func name(of camera: CameraName) -> String {
        camera == .agentView ? "image" : camera == .wrist ? "wrist_image" : camera.rawValue
    }

    private static let module = "tensorflow_datasets.core.features."

    static func text(_ description: DatasetDescription, hasJointState: Bool) -> String {
        func kind(_ name: String) -> StrictJSON { .string(module + name) }
        func dictionary(_ members: [(key: String, value: StrictJSON)]) -> StrictJSON {
            .object([
                ("featuresDict", .object([("features", .object(members))])),
                ("pythonClassName", kind("features_dict.FeaturesDict")),
            ])
        }
        func shape(_ sizes: [Int]) -> StrictJSON {
            .object(sizes.isEmpty ? [] : [("dimensions", .array(sizes.map { .string("\($0)") }))])
        }
        func tensor(_ type: String, _ sizes: [Int], _ name: String) -> StrictJSON {
            .object([
                ("pythonClassName", kind(name)),
                (
                    "tensor",
                    .object([("dtype", .string(type)), ("encoding", .string("none")), ("shape", shape(sizes))])
                ),
            ])
        }
        func vector(_ count: Int) -> StrictJSON { tensor("float32", [count], "tensor_feature.Tensor") }
        func scalar(_ type: String) -> StrictJSON { tensor(type, [], "scalar.Scalar") }
        let text = StrictJSON.object([("pythonClassName", kind("text_feature.Text")), ("text", .object([]))])

        var observation: [(key: String, value: StrictJSON)] = description.cameras.map { camera, size in
            let image = StrictJSON.object([
                ("dtype", .string("uint8")), ("encodingFormat", .string("jpeg")),
                ("shape", shape([size.height, size.width, 3])),
            ])
            return (name(of: camera), .object([("image", image), ("pythonClassName", kind("image_feature.Image"))]))
        }
        if hasJointState { observation.append(("joint_state", vector(7))) }
        observation.append(("state", vector(description.stateLayout.count)))
        observation.sort { $0.key < $1.key }
        let step = dictionary([
            ("action", vector(description.actionSpace.dimensionCount)), ("discount", scalar("float32")),
            ("is_first", scalar("bool")), ("is_last", scalar("bool")), ("is_terminal", scalar("bool")),
            ("language_instruction", text), ("observation", dictionary(observation)), ("reward", scalar("float32")),
        ])
        let steps = StrictJSON.object([
            ("pythonClassName", kind("dataset_feature.Dataset")),
            ("sequence", .object([("feature", step), ("length", .string("-1"))])),
        ])
        return dictionary([("episode_metadata", dictionary([("file_path", text)])), ("steps", steps)])
            .text(indentation: 4)
    }
}
