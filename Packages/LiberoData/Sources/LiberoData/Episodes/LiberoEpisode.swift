public import RobotInterface
public import ImageProcessing

/// One demonstration: numbers in memory, images on disk.
public struct LiberoEpisode: Sendable {
    public let info: EpisodeInfo
    /// One row per frame, in the units of `description.actionSpace`.
    public let actions: NumberColumn
    /// One row per frame, laid out as `description.stateLayout`.
    public let states: NumberColumn
    let dataset: LiberoDataset
    /// The instruction of each frame where they differ.
    private let instructions: [String]?
    /// Rows that observations lie in front of their actions in the file.
    private let shift: Int

    init(
        dataset: LiberoDataset, info: EpisodeInfo, actions: NumberColumn, states: NumberColumn,
        instructions: [String]?, shift: Int
    ) {
        (self.dataset, self.info, self.shift) = (dataset, info, shift)
        self.instructions = instructions.map { Array($0.dropFirst(shift)) }
        self.actions = shift == 0 ? actions : actions.rows(shift..<actions.count)
        self.states = shift == 0 ? states : states.rows(0..<states.count - shift)
    }

    /// The same with another column in place of the actions, such as an expert's before noise was added.
    ///
    /// - Throws: ``LiberoDataError`` when there is none, or it is of another size.
    public func replacingActions(by name: String) throws -> LiberoEpisode {
        let column = try column(name)
        guard column.width == description.actionSpace.dimensionCount, column.count == length else {
            throw LiberoDataError(
                .mismatch, level: .episode, file: info.file, episode: info.index, episodeName: info.name, column: name,
                "\(column.count) rows of \(column.width) numbers, for \(length) actions of "
                    + "\(description.actionSpace.dimensionCount)",
                advice: "Name a column of actions, or none.")
        }
        return LiberoEpisode(self, actions: column)
    }

    private init(_ episode: LiberoEpisode, actions: NumberColumn) {
        (info, dataset, shift, instructions) = (episode.info, episode.dataset, episode.shift, episode.instructions)
        (self.actions, states) = (actions, episode.states)
    }

    public var description: DatasetDescription { dataset.description }
    /// Frames.
    public var length: Int { actions.count }
    /// The cameras there are images of, by name.
    public var cameras: [CameraName] { dataset.description.cameras.keys.sorted() }
    /// The instruction of the first frame, and of all where the task does not change.
    public var instruction: String { info.instruction }

    /// Every instruction of the episode, in order.
    public var allInstructions: [String] { info.instructions.isEmpty ? [info.instruction] : info.instructions }

    /// The instruction at a frame.
    public func instruction(at frame: Int) -> String {
        precondition(0..<length ~= frame, "frame \(frame) of \(length)")
        guard let instructions, frame < instructions.count else { return info.instruction }
        return instructions[frame]
    }

    /// Names of further columns, such as `joint_state` or what a recorder was given.
    public func columnNames() throws -> [String] {
        try dataset.storage.columnNames(of: info.index).filter { $0 != ColumnName.action && $0 != ColumnName.state }
    }

    /// A column by name; rows of what the robot was told, and the simulator's state before it, lie with the actions, others
    /// with the observations.
    ///
    /// - Throws: ``LiberoDataError`` when there is none or it is damaged.
    public func column(_ name: String) throws -> NumberColumn {
        if name == ColumnName.action { return actions }
        if name == ColumnName.state { return states }
        let column = try dataset.column(name, of: info.index)
        guard shift > 0, column.count >= shift else { return column }
        let isWithActions =
            name.contains("action")
            || [ColumnName.reward, ColumnName.done, ColumnName.simulatorState].contains(name)
        return isWithActions
            ? column.rows(shift..<column.count) : column.rows(0..<column.count - shift)
    }

    /// What else is kept with the episode as text, such as seeds; empty in formats that have no place for it.
    public func attributes() throws -> [String: String] { try dataset.storage.attributes(of: info.index) }

    /// An image as it is stored.
    public func storedImage(of camera: CameraName, at frame: Int) throws -> StoredImage {
        precondition(0..<length ~= frame, "frame \(frame) of \(length)")
        return try dataset.storage.storedImage(of: camera, frame: frame, episode: info.index)
    }

    /// The pixels of an image, in the data set's orientation.
    ///
    /// - Throws: ``LiberoDataError`` of level `frame` when it is missing or cannot be decoded.
    public func image(of camera: CameraName, at frame: Int) throws -> RGBImage {
        precondition(0..<length ~= frame, "frame \(frame) of \(length)")
        if let image = try dataset.frameCache?.image(of: camera, frame: frame, episode: info.index) { return image }
        let stored = try storedImage(of: camera, at: frame)
        func failure(_ kind: LiberoDataError.Kind, _ reason: String) -> LiberoDataError {
            LiberoDataError(
                kind, level: .frame, file: info.file, episode: info.index, episodeName: info.name, frame: frame,
                column: dataset.storage.columnName(of: camera), reason)
        }
        let image: RGBImage
        do {
            image = try stored.image(inverseTransform: dataset.options.inverseTransform)
        } catch {
            throw failure(.undecodable, "the image cannot be decoded: \(error)")
        }
        if let described = dataset.description.cameras[camera],
            image.width != described.width || image.height != described.height
        {
            throw failure(
                .mismatch,
                "the image is \(image.width) × \(image.height), not \(described.width) × \(described.height)")
        }
        return image
    }

    /// What the robot felt at a frame.
    public func state(at frame: Int) throws -> RobotState {
        let values = Array(states[frame])
        guard description.stateLayout.unspecifiedNames.isEmpty else { return RobotState(unspecified: values) }
        var (position, orientation, fingers, joints) = (
            SIMD3<Double>.zero, SIMD3<Double>.zero, [Double](), [Double]?.none
        )
        var start = 0
        for part in description.stateLayout.parts {
            let numbers = values[start..<start + part.count]
            start += part.count
            switch part {
            case .endEffectorPosition: position = SIMD3(numbers)
            case .axisAngle: orientation = SIMD3(numbers)
            case .fingerPositions: fingers = Array(numbers)
            case .jointPositions: joints = Array(numbers)
            }
        }
        return RobotState(
            endEffectorPosition: position, endEffectorOrientation: .axisAngle(orientation), fingerPositions: fingers,
            jointPositions: joints)
    }

    /// What a policy gets at a frame; images are decoded when it looks at them.
    public func observation(at frame: Int) throws -> Observation {
        var frames: [CameraName: CameraFrame] = [:]
        for (camera, description) in description.cameras {
            frames[camera] = CameraFrame(description) { try image(of: camera, at: frame) }
        }
        return Observation(cameras: frames, state: try state(at: frame), instruction: instruction(at: frame))
    }

    /// The actions from a frame on; behind the end the last one is repeated.
    public func actionChunk(at frame: Int, horizon: Int) -> ActionChunk {
        precondition(0..<length ~= frame && horizon > 0, "frame \(frame) of \(length), horizon \(horizon)")
        let available = min(horizon, length - frame)
        var values = Array(actions.values[frame * actions.width..<(frame + available) * actions.width])
        for _ in available..<horizon { values += actions[length - 1] }
        return ActionChunk(values: values, dimensionCount: actions.width)
    }
}
