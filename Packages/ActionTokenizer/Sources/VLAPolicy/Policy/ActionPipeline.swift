public import RobotInterface
public import ActionTokenizer

/// Every step between what a model predicts and what the robot does, and the way back for training.
public struct ActionPipeline: Hashable, Codable, Sendable {
    public static let currentVersion = 1

    public let version: Int
    /// What the numbers of an action mean.
    public let space: ActionSpace
    public let normalization: Normalization
    /// Actions of a chunk.
    public let horizon: Int
    public let gripper: GripperCoding
    /// How normalized actions become tokens; nil for models that predict numbers.
    public let tokens: ActionTokenCoding?

    /// - Throws: ``PipelineError`` or `ActionStatisticsError` when the statistics are of another number of dimensions or
    ///   of another gripper convention than the space.
    public init(
        space: ActionSpace, normalization: Normalization, horizon: Int, gripper: GripperCoding,
        tokens: ActionTokenCoding? = nil
    ) throws {
        try self.init(
            version: Self.currentVersion, space: space, normalization: normalization, horizon: horizon,
            gripper: gripper, tokens: tokens)
    }

    private init(
        version: Int, space: ActionSpace, normalization: Normalization, horizon: Int, gripper: GripperCoding,
        tokens: ActionTokenCoding?
    ) throws {
        guard version == Self.currentVersion else {
            throw PipelineError.version(found: version, known: Self.currentVersion)
        }
        guard normalization.dimensionCount == space.dimensionCount else {
            throw PipelineError.dimensions(
                "statistics of the actions", found: normalization.dimensionCount, expected: space.dimensionCount)
        }
        guard (1...10_000).contains(horizon) else {
            throw PipelineError.dimensions("the action chunk", found: horizon, expected: 1)
        }
        // a gripper coded as a class needs no statistics, and theirs need not be known
        if normalization.method != .identity, normalization.statistics.gripperConvention != nil || gripper == .number {
            try normalization.statistics.requireGripperConvention(space.gripperConvention)
        }
        try tokens?.check(dimensionCount: space.dimensionCount, horizon: horizon)
        self.version = version
        self.space = space
        self.normalization = normalization
        self.horizon = horizon
        self.gripper = gripper
        self.tokens = tokens
    }

    private enum CodingKeys: CodingKey { case version, space, normalization, horizon, gripper, tokens }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            version: container.decode(Int.self, forKey: .version),
            space: container.decode(ActionSpace.self, forKey: .space),
            normalization: container.decode(Normalization.self, forKey: .normalization),
            horizon: container.decode(Int.self, forKey: .horizon),
            gripper: container.decode(GripperCoding.self, forKey: .gripper),
            tokens: container.decodeIfPresent(ActionTokenCoding.self, forKey: .tokens))
    }

    public var dimensionCount: Int { space.dimensionCount }

    /// Compares with the space in which a data set's or an environment's actions are given.
    ///
    /// - Throws: ``PipelineError/mismatch(_:_:)`` with every field that differs.
    public func requireSpace(_ found: ActionSpace) throws {
        let differences = try FieldDifference.between(found, and: space)
        guard differences.isEmpty else { throw PipelineError.mismatch("The action space", differences) }
    }

    /// Compares with another pipeline.
    ///
    /// - Throws: ``PipelineError/mismatch(_:_:)`` with every field that differs.
    public func requireSame(as expected: ActionPipeline) throws {
        let differences = try FieldDifference.between(self, and: expected)
        guard differences.isEmpty else { throw PipelineError.mismatch("The action pipeline", differences) }
    }

    /// What a model is to predict for recorded actions: `horizon · dimensions` normalized numbers.
    ///
    /// - Throws: ``PipelineError`` when the chunk has another length or width or a number is not finite.
    public func encode(_ chunk: ActionChunk) throws -> [Float] {
        guard chunk.horizon == horizon else {
            throw PipelineError.dimensions("the action chunk's horizon", found: chunk.horizon, expected: horizon)
        }
        guard chunk.dimensionCount == dimensionCount else {
            throw PipelineError.dimensions("the action", found: chunk.dimensionCount, expected: dimensionCount)
        }
        guard chunk.values.allSatisfy(\.isFinite) else { throw PipelineError.notFinite("The action chunk") }
        var numbers: [Float] = []
        numbers.reserveCapacity(chunk.values.count)
        for step in 0..<horizon {
            let action = chunk[step]
            numbers += normalization.normalizer.normalized(action).map { Float($0) }
            if gripper == .binary {
                numbers[numbers.count - 1] =
                    GripperCoding.closes(action[dimensionCount - 1], space.gripperConvention) ? 1 : 0
            }
        }
        return numbers
    }

    /// The actions of what a model predicted: brought back to the space's units, the gripper decided, the motion cut to
    /// what the controller takes.
    ///
    /// - Throws: ``PipelineError`` when there are not `horizon · dimensions` finite numbers.
    public func decode(_ numbers: [Float]) throws -> ActionChunk {
        guard numbers.count == horizon * dimensionCount else {
            throw PipelineError.dimensions(
                "the prediction", found: numbers.count, expected: horizon * dimensionCount)
        }
        guard numbers.allSatisfy(\.isFinite) else { throw PipelineError.notFinite("The model's prediction") }
        let last = dimensionCount - 1
        var values: [Double] = []
        values.reserveCapacity(numbers.count)
        for step in 0..<horizon {
            let row = numbers[step * dimensionCount..<(step + 1) * dimensionCount].map(Double.init)
            var action = normalization.normalizer.denormalized(row)
            if gripper == .binary {
                action[last] = GripperCoding.command(closing: row[last] >= 0.5, space.gripperConvention)
            }
            let limit = space.limit
            for d in 0..<last { action[d] = min(max(action[d], -limit), limit) }
            values += action
        }
        return ActionChunk(values: values, dimensionCount: dimensionCount)
    }
}
