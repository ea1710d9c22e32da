import RobotInterface
import FileSupport
import Foundation
import ImageProcessing
import LiberoTasks
import TFRecord
import TensorCore

/// Episodes of an RLDS set, `modified_libero_rlds` and its like: one TFRecord record each.
///
/// Opening steps over the records' fields without decoding them; an image is reached without its neighbours.
struct RLDSEpisodeStorage: EpisodeStorage {
    /// A record, its features' places and its images' places.
    struct Place: Sendable {
        var shard: Int
        var record: Int
        var features: TFExampleIndex?
        var images: [String: [Range<Int>]]
        /// What was wrong when the record was stepped over.
        var damage: LiberoDataError?
    }

    private(set) var description: DatasetDescription
    let episodes: [EpisodeInfo]
    private(set) var warnings: [DatasetWarning]
    private let shards: [TFRecordFile]
    private let places: [Place]
    private let cameras: [CameraName: String]
    private let stateKey: String

    private static let observation = "steps/observation/"
    private static let instructionKey = "steps/language_instruction"

    init(at root: URL, options: DatasetOptions) throws {
        let folder = try RLDSFolder(at: root)
        var shards: [TFRecordFile] = []
        var (infos, places): ([EpisodeInfo], [Place]) = ([], [])
        var warnings: [DatasetWarning] = []
        var tasks: [String: Int] = [:]
        for (shardNumber, shard) in folder.shards.enumerated() {
            let (url, name) = (shard.url, shard.url.lastPathComponent)
            let (file, damage): (TFRecordFile, SerializationError?)
            do {
                (file, damage) = try TFRecordFile.opening(url)
            } catch {
                throw LiberoDataError(error, level: .open, file: name)
            }
            let announced = folder.announced(shard.number) ?? 0
            if let damage, file.records.count >= announced {
                // what a recorder that was killed left; it is removed when the recording goes on
                warnings.append(DatasetWarning(file: name, "behind the episodes: \(damage.found)"))
            } else if damage == nil, folder.announced(shard.number).map({ $0 != file.records.count }) == true {
                warnings.append(
                    DatasetWarning(
                        file: RLDSFolder.infoPath,
                        "shard \(shard.number) is said to have \(announced) episodes, it has \(file.records.count)"))
            }
            for record in file.records.indices {
                let (place, length, instructions) = Self.look(
                    file, shard: shardNumber, record: record, episode: infos.count)
                let instruction = instructions.first ?? ""
                var number = tasks[instruction] ?? tasks.count
                if let suite = options.suite {
                    guard let found = suite.taskIndex(instruction: instruction) else { continue }
                    number = found
                }
                tasks[instruction] = number
                infos.append(
                    EpisodeInfo(
                        index: infos.count, name: "record \(record)", file: name, instruction: instruction,
                        taskIndex: number, length: length, instructions: instructions.count > 1 ? instructions : []))
                places.append(place)
            }
            if let damage, file.records.count < announced {
                // the episode that is cut off fails when it is read; those behind it cannot be found
                let episodeName = "record \(file.records.count)"
                infos.append(
                    EpisodeInfo(
                        index: infos.count, name: episodeName, file: name, instruction: "", taskIndex: -1, length: 0))
                let error = LiberoDataError(
                    damage, level: .episode, file: name, episode: infos.count - 1, episodeName: episodeName)
                places.append(
                    Place(shard: shardNumber, record: file.records.count, features: nil, images: [:], damage: error))
            }
            shards.append(file)
        }
        for (name, number) in folder.missing {
            guard let announced = folder.announced(number) else {
                warnings.append(DatasetWarning(file: name, "the file does not exist; the set is not complete"))
                continue
            }
            let error = LiberoDataError(
                .cannotRead, level: .episode, file: name, episode: infos.count, "the file does not exist",
                advice: "Fetch it: \(announced) episodes are said to be in it.")
            infos.append(
                EpisodeInfo(
                    index: infos.count, name: "record 0", file: name, instruction: "", taskIndex: -1, length: 0))
            places.append(Place(shard: 0, record: 0, features: nil, images: [:], damage: error))
        }
        guard let first = places.first(where: { $0.features != nil }), let keys = first.features?.features.keys else {
            throw places.first?.damage
                ?? LiberoDataError(.missing, level: .open, file: root.lastPathComponent, "there is no episode")
        }
        (self.shards, self.places, episodes) = (shards, places, infos)

        // images are lists of bytes below the observation
        var cameras: [CameraName: String] = [:]
        let images = first.images.keys.filter { $0.hasPrefix(Self.observation) }.sorted()
        for key in images {
            let short = String(key.dropFirst(Self.observation.count))
            let isWrist = ["wrist", "hand"].contains { short.contains($0) }
            let camera: CameraName = isWrist ? .wrist : cameras[.agentView] == nil ? .agentView : CameraName(short)
            cameras[camera] = key
        }
        self.cameras = cameras
        stateKey =
            keys.contains("steps/observation/state")
            ? "steps/observation/state" : keys.sorted().first { $0.contains("state") && !$0.contains("joint") } ?? ""

        if let said = try Provenance.read(in: root, at: RLDSFolder.provenancePath)?.description {
            try said.compare(with: options, file: RLDSFolder.provenancePath)
            description = said
        } else {
            description = try Self.description(shards, places, cameras, options)
        }
        self.warnings = warnings

        // the gripper's convention is the one the data tell, where no writer noted it
        let isNoted = FileManager.default.fileExists(
            atPath: root.appendingPathComponent(RLDSFolder.provenancePath).path)
        let evidence = GripperEvidence(of: infos.count) { try? column(ColumnName.action, of: $0) }
        let (convention, warning) = try evidence.resolved(
            stated: isNoted ? description.actionSpace.gripperConvention : options.gripperConvention,
            file: infos[0].file, column: "steps/action")
        description.actionSpace.gripperConvention = convention
        if let warning { self.warnings.append(warning) }
    }

    /// Finds the fields of a record.
    private static func look(
        _ file: TFRecordFile, shard: Int, record: Int, episode: Int
    ) -> (place: Place, length: Int, instructions: [String]) {
        var place = Place(shard: shard, record: record, features: nil, images: [:], damage: nil)
        do {
            return try file.withRecord(record, verifies: false) { bytes in
                let index = try TFExampleIndex(bytes, name: file.name)
                guard let count = try index.feature("steps/is_first", of: bytes)?.count, count > 0 else {
                    throw SerializationError(
                        .notFound, file: file.name, member: "steps/is_first", "the episode has no step")
                }
                place.features = index
                for key in index.features.keys where key.hasPrefix(observation) {
                    // numbers are no byte strings
                    if let strings = try index.byteStrings(key, of: bytes) { place.images[key] = strings }
                }
                // one for all steps, or several in the order in which they begin
                var (instructions, last) = ([String](), Range<Int>?.none)
                for text in try index.byteStrings(instructionKey, of: bytes) ?? [] {
                    if let last, bytes[last].elementsEqual(bytes[text]) { continue }
                    last = text
                    let instruction = String(decoding: bytes[text], as: UTF8.self)
                    if !instructions.contains(instruction) { instructions.append(instruction) }
                }
                return (place, count, instructions)
            }
        } catch {
            place.damage = LiberoDataError(
                error, level: .episode, file: URL(fileURLWithPath: file.name).lastPathComponent, episode: episode,
                episodeName: "record \(record)")
            return (place, 0, [])
        }
    }

    private static func description(
        _ shards: [TFRecordFile], _ places: [Place], _ names: [CameraName: String], _ options: DatasetOptions
    ) throws -> DatasetDescription {
        var cameras: [CameraName: CameraDescription] = [:]
        for (camera, key) in names {
            // the size is the first image's
            let place = places.first { $0.images[key]?.isEmpty == false }
            guard let place, let range = place.images[key]?.first else { continue }
            let file = shards[place.shard]
            let bytes = try file.withRecord(place.record, verifies: false) { [UInt8]($0[range]) }
            guard let image = try? RGBImage(decoding: bytes, name: key) else { continue }
            cameras[camera] = CameraDescription(
                width: image.width, height: image.height, orientation: options.orientation ?? .rotated180,
                renderProfile: options.renderProfile)
        }
        var space = ActionSpace.libero
        space.gripperConvention = options.gripperConvention ?? .environment
        return DatasetDescription(
            cameras: cameras, actionSpace: space, alignment: options.alignment ?? .beforeAction,
            framesPerSecond: options.framesPerSecond ?? 20)
    }

    // MARK: - EpisodeStorage

    private func failure(
        _ kind: LiberoDataError.Kind, _ episode: Int, frame: Int? = nil, column: String, _ reason: String
    ) -> LiberoDataError {
        LiberoDataError(
            kind, level: frame == nil ? .episode : .frame, file: episodes[episode].file, episode: episode,
            episodeName: episodes[episode].name, frame: frame, column: column, reason)
    }

    private func withRecord<Result>(
        _ episode: Int, verifies: Bool = false, column: String? = nil,
        _ body: (UnsafeRawBufferPointer, TFExampleIndex) throws -> Result
    ) throws -> Result {
        let place = places[episode]
        if let damage = place.damage { throw damage }
        do {
            return try shards[place.shard].withRecord(place.record, verifies: verifies) {
                try body($0, place.features!)
            }
        } catch {
            throw LiberoDataError(
                error, level: .episode, file: episodes[episode].file, episode: episode,
                episodeName: episodes[episode].name, column: column)
        }
    }

    func check(_ episode: Int) throws {
        let length = episodes[episode].length
        try withRecord(episode, verifies: true) { bytes, index in
            let texts = try index.byteStrings(Self.instructionKey, of: bytes) ?? []
            guard texts.count == length else {
                throw failure(
                    .mismatch, episode, column: Self.instructionKey, "\(texts.count) instructions, \(length) steps")
            }
        }
        for (camera, key) in cameras {
            let count = places[episode].images[key]?.count
            guard let count else {
                throw failure(.missing, episode, column: key, "there are no images of '\(camera)'")
            }
            guard count == length else {
                throw failure(.mismatch, episode, column: key, "\(count) images, \(length) steps")
            }
        }
        for (name, width) in [
            (ColumnName.action, description.actionSpace.dimensionCount),
            (ColumnName.state, description.stateLayout.count),
        ] {
            let column = try column(name, of: episode)
            guard column.width == width, column.count == length else {
                throw failure(
                    .mismatch, episode, column: key(name),
                    "\(column.values.count) numbers, not \(width) for each of \(length) steps")
            }
            if let frame = column.firstNotFinite {
                throw failure(.notFinite, episode, frame: frame, column: key(name), "a number is NaN or infinite")
            }
        }
    }

    func instructions(of episode: Int) throws -> [String]? {
        guard !episodes[episode].instructions.isEmpty else { return nil }
        return try withRecord(episode, column: Self.instructionKey) { bytes, index in
            try index.byteStrings(Self.instructionKey, of: bytes)?.map { String(decoding: bytes[$0], as: UTF8.self) }
        }
    }

    private func key(_ name: String) -> String {
        switch name {
        case ColumnName.action: "steps/action"
        case ColumnName.state: stateKey
        case ColumnName.jointState: "steps/observation/joint_state"
        case ColumnName.reward: "steps/reward"
        default: name.hasPrefix("steps/") ? name : "steps/\(name)"
        }
    }

    func columnNames(of episode: Int) throws -> [String] {
        let common = Dictionary(
            uniqueKeysWithValues: [ColumnName.action, ColumnName.state, ColumnName.jointState, ColumnName.reward]
                .map { (key($0), $0) })
        let images = places[episode].images
        return (places[episode].features?.features.keys.map { $0 } ?? []).filter {
            $0.hasPrefix("steps/") && images[$0] == nil && $0 != Self.instructionKey
        }.map { common[$0] ?? String($0.dropFirst("steps/".count)) }.sorted()
    }

    func column(_ name: String, of episode: Int) throws -> NumberColumn {
        let (key, length) = (key(name), episodes[episode].length)
        return try withRecord(episode, column: key) { bytes, index in
            let (values, type): ([Double], NumberColumn.ElementType)
            switch try index.feature(key, of: bytes) {
            case .floats(let numbers): (values, type) = (numbers.map(Double.init), .float32)
            case .integers(let numbers): (values, type) = (numbers.map(Double.init), .int64)
            case .bytes: throw failure(.unsupported, episode, column: key, "it holds bytes, not numbers")
            case nil: throw failure(.missing, episode, column: key, "the episode has no such feature")
            }
            guard length > 0, !values.isEmpty, values.count.isMultiple(of: length) else {
                throw failure(.mismatch, episode, column: key, "\(values.count) numbers for \(length) steps")
            }
            return NumberColumn(width: values.count / length, values: values, elementType: type)
        }
    }

    func columnName(of camera: CameraName) -> String { cameras[camera] ?? camera.rawValue }

    func storedImage(of camera: CameraName, frame: Int, episode: Int) throws -> StoredImage {
        let key = columnName(of: camera)
        guard let places = places[episode].images[key], frame < places.count else {
            throw failure(.missing, episode, frame: frame, column: key, "there is no image")
        }
        return try withRecord(episode, column: key) { bytes, _ in
            let content = [UInt8](bytes[places[frame]])
            return content.first == 0x89 ? .png(content) : .jpeg(content)
        }
    }

    /// The path of the file an episode came from, as its writer noted it.
    func sourcePath(of episode: Int) -> String? {
        try? withRecord(episode) { bytes, index in
            try index.byteStrings("episode_metadata/file_path", of: bytes)?.first.map {
                String(decoding: bytes[$0], as: UTF8.self)
            }
        }
    }
}
