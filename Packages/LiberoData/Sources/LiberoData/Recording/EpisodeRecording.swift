import RobotInterface
public import LiberoTasks
import ImageProcessing

/// An episode that is being recorded, in memory until it is finished; to discard it, let it go.
public struct EpisodeRecording: Sendable {
    /// The task that is done.
    public let task: LiberoTask
    /// Its number among the task's demonstrations; nil takes the next one.
    public let demonstration: Int?
    /// What the robot is told; `nil` for the task's own sentence.
    public var instruction: String?
    /// Kept with the episode, such as seeds.
    public var attributes: [String: String] = [:]
    private let meaning: DatasetDescription
    private let commit: @Sendable (EpisodeRecord, Int?) throws -> Int
    private var numbers: [String: (width: Int, values: [Double])] = [:]
    private var images: [CameraName: [StoredImage]] = [:]
    /// Frames so far.
    public private(set) var length = 0

    /// - Parameter commit: Writes the episode under its number, the next one for nil, and returns that.
    init(
        task: LiberoTask, demonstration: Int?, description: DatasetDescription,
        commit: @escaping @Sendable (EpisodeRecord, Int?) throws -> Int
    ) {
        (self.task, self.demonstration, meaning, self.commit) = (task, demonstration, description, commit)
    }

    /// Adds a step.
    ///
    /// - Throws: ``LiberoDataError`` of level `frame` when a camera or column is missing, has another size than described
    ///   or than in the frames before, or a number is not finite; the frame is not added.
    public mutating func append(_ frame: RecordedFrame) throws {
        let description = meaning
        func failure(_ kind: LiberoDataError.Kind, _ column: String, _ reason: String) -> LiberoDataError {
            LiberoDataError(kind, level: .frame, file: task.name, frame: length, column: column, reason)
        }

        // images as described
        for (camera, image) in frame.images {
            guard let described = description.cameras[camera] else {
                throw failure(.mismatch, camera.rawValue, "the description knows no such camera")
            }
            guard image.width == described.width, image.height == described.height else {
                throw failure(
                    .mismatch, camera.rawValue,
                    "\(image.width) × \(image.height) pixels, described are \(described.width) × \(described.height)")
            }
        }
        if let missing = description.cameras.keys.sorted().first(where: { frame.images[$0] == nil }) {
            throw failure(.missing, missing.rawValue, "there is no image")
        }

        // numbers, of the same names and counts as before
        var row = frame.extras
        row[ColumnName.action] = frame.action
        row[ColumnName.state] = try description.stateLayout.values(of: frame.state)
        row[ColumnName.jointState] = frame.state.jointPositions
        row[ColumnName.simulatorState] = frame.simulatorState
        if case .quaternionXYZW(let q) = frame.state.endEffectorOrientation {
            let p = frame.state.endEffectorPosition
            row[ColumnName.robotState] = frame.state.fingerPositions + [p.x, p.y, p.z, q.x, q.y, q.z, q.w]
        }
        guard frame.action.count == description.actionSpace.dimensionCount else {
            throw failure(
                .mismatch, ColumnName.action,
                "\(frame.action.count) numbers, not \(description.actionSpace.dimensionCount)")
        }
        for name in Set(row.keys).union(length > 0 ? Array(numbers.keys) : []).sorted() {
            guard let values = row[name] else { throw failure(.missing, name, "it was there in the frames before") }
            guard values.allSatisfy(\.isFinite) else { throw failure(.notFinite, name, "a number is NaN or infinite") }
            guard !values.isEmpty else { throw failure(.missing, name, "there is no number") }
            guard length > 0 else { continue }
            guard let width = numbers[name]?.width else {
                throw failure(.mismatch, name, "it was absent in the frames before")
            }
            guard values.count == width else {
                throw failure(.mismatch, name, "\(values.count) numbers, \(width) before")
            }
        }

        for (name, values) in row { numbers[name, default: (values.count, [])].values += values }
        for (camera, image) in frame.images { images[camera, default: []].append(.pixels(image)) }
        length += 1
    }

    /// Writes the episode; when this returns it survives the end of the process.
    ///
    /// - Returns: Its number among the task's demonstrations.
    /// - Throws: ``LiberoDataError`` when it has no frame, the number is taken, or writing fails.
    @discardableResult
    public consuming func finish(succeeded: Bool) throws -> Int {
        var attributes = attributes
        attributes[HDF5TaskFile.attributeOfInstruction] = instruction
        let record = EpisodeRecord(
            suite: task.suite, taskName: task.name, instruction: task.instruction,
            columns: numbers.mapValues { NumberColumn(width: $0.width, values: $0.values) }, images: images,
            succeeded: succeeded, attributes: attributes)
        return try commit(record, demonstration)
    }
}
