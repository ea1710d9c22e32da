public import RobotInterface

/// Every step between what a robot sees and what a model gets: the one way to prepare an input.
///
/// Training, evaluation, serving and checks read it from the checkpoint. An observation that contradicts it is an error
/// that names each field; nothing is resized, turned or guessed to make it fit.
public struct ObservationPipeline: Hashable, Codable, Sendable {
    public static let currentVersion = 1

    public let version: Int
    /// In the model's input order; empty if the policy takes no images.
    public let cameras: [CameraPipeline]
    /// Nil for a model that gets no state.
    public let state: StatePipeline?
    /// Nil for a model that gets no words.
    public let prompt: PromptPipeline?

    /// - Throws: ``PipelineError/repeatedCamera(_:)``.
    public init(cameras: [CameraPipeline], state: StatePipeline?, prompt: PromptPipeline?) throws {
        try self.init(version: Self.currentVersion, cameras: cameras, state: state, prompt: prompt)
    }

    private init(version: Int, cameras: [CameraPipeline], state: StatePipeline?, prompt: PromptPipeline?) throws {
        guard version == Self.currentVersion else {
            throw PipelineError.version(found: version, known: Self.currentVersion)
        }
        for (index, camera) in cameras.enumerated() where cameras[..<index].contains(where: { $0.name == camera.name })
        {
            throw PipelineError.repeatedCamera(camera.name)
        }
        (self.version, self.cameras, self.state, self.prompt) = (version, cameras, state, prompt)
    }

    private enum CodingKeys: CodingKey { case version, cameras, state, prompt }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            version: container.decode(Int.self, forKey: .version),
            cameras: container.decode([CameraPipeline].self, forKey: .cameras),
            state: container.decodeIfPresent(StatePipeline.self, forKey: .state),
            prompt: container.decodeIfPresent(PromptPipeline.self, forKey: .prompt))
    }

    /// The cameras a policy with this pipeline has to be given.
    public var requiredCameras: [CameraName: CameraDescription] {
        Dictionary(uniqueKeysWithValues: cameras.map { ($0.name, $0.source) })
    }

    /// Compares with another pipeline, such as the one a policy that is trained further was trained with.
    ///
    /// - Throws: ``PipelineError/mismatch(_:_:)`` with every field that differs.
    public func requireSame(as expected: ObservationPipeline) throws {
        let differences = try FieldDifference.between(self, and: expected)
        guard differences.isEmpty else { throw PipelineError.mismatch("The observation pipeline", differences) }
    }

    /// Prepares an observation.
    ///
    /// - Parameters:
    ///   - observation: Images, state and instruction as they come.
    ///   - tokenizer: The one the prompt names; needed when there is a prompt.
    /// - Throws: ``ObservationError`` when the observation contradicts the pipeline, ``PipelineError`` when the tokenizer
    ///   or the instruction does.
    public func prepare(_ observation: Observation, using tokenizer: InstructionTokenizer?) throws
        -> PreparedObservation
    {
        var images: [[UInt8]] = []
        for camera in cameras {
            guard let frame = observation.cameras[camera.name] else {
                throw ObservationError.missingCamera(camera.name, found: observation.cameras.keys.sorted())
            }
            images.append(try camera.image(frame).pixels)
        }
        var result = try prepareNumbers(observation, using: tokenizer)
        result.images = images
        return result
    }

    /// The same without the images.
    func prepareNumbers(_ observation: Observation, using tokenizer: InstructionTokenizer?) throws
        -> PreparedObservation
    {
        let state = try state.map { try $0.numbers(of: observation.state) } ?? []
        var promptIDs: [Int] = []
        if let prompt {
            guard let tokenizer else { throw PipelineError.tokenizer("there is none") }
            promptIDs = try prompt.tokenIDs(for: observation.instruction, using: tokenizer)
        }
        return PreparedObservation(images: [], state: state, promptIDs: promptIDs)
    }
}

/// An observation that went through an ``ObservationPipeline``, in the small form that data sets keep in memory.
public struct PreparedObservation: Sendable, Hashable {
    /// 8-bit values of each camera, `height · width · 3`.
    public var images: [[UInt8]]
    /// Normalized; empty without a state.
    public var state: [Float]
    /// Empty without a prompt.
    public var promptIDs: [Int]
}
