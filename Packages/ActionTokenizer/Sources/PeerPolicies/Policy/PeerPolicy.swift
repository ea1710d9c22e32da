public import RobotInterface
public import Foundation
import ImageProcessing
import TensorCore
import TensorNN

/// Other projects' policies as ``VLAPolicy/Policy``.
public enum PeerPolicy {
    /// Whether a folder holds a policy of another project.
    public static func isPeerFolder(_ folder: URL) -> Bool { PeerFamily(at: folder) != nil }

    /// Loads the policy of a folder and binds it to a world of LIBERO's action space.
    ///
    /// - Parameters:
    ///   - folder: As the project publishes it.
    ///   - options: What the folder does not say; an error asks for what is missing and shows what is likely meant.
    /// - Throws: ``PeerPolicyError`` or `SerializationError`.
    public static func load(_ folder: URL, options: PeerPolicyOptions = PeerPolicyOptions()) throws -> any Policy {
        guard let family = PeerFamily(at: folder) else {
            throw PeerPolicyError(
                .unsupported, file: folder.lastPathComponent, "no policy folder of LeRobot or OpenVLA",
                remedy: "Give the folder that holds config.json and the weights.")
        }
        switch family {
        case .act:
            let policy = try ACTPolicy(LeRobotFolder(at: folder, statisticsPrefix: options.statistics))
            let c = policy.configuration
            return try LeRobotWorldPolicy(
                policy.preparation, options, horizon: c.ensembleCoefficient == nil ? c.actionSteps : c.chunkSize,
                findings: policy.findings
            ) { inputs, _ in try policy.chunks(inputs) }
        case .diffusion:
            let policy = try DiffusionPolicy(LeRobotFolder(at: folder, statisticsPrefix: options.statistics))
            let steps = policy.configuration.observationSteps
            var findings = policy.findings
            if steps > 1 {
                findings.append(
                    PeerFinding(
                        .suspicious, "a history of \(steps) observations: the present one stands for those before it"))
            }
            return try LeRobotWorldPolicy(
                policy.preparation, options, horizon: policy.configuration.actionSteps, findings: findings
            ) { inputs, generator in
                try policy.chunk(.history([LeRobotInputs](repeating: inputs, count: steps)), using: &generator)
            }
        case .smolVLA:
            let policy = try SmolVLAPolicy(
                LeRobotFolder(at: folder, statisticsPrefix: options.statistics),
                vlmFolder: options.visionLanguageModel.map { URL(fileURLWithPath: $0) })
            return try LeRobotWorldPolicy(
                policy.preparation, options, horizon: policy.configuration.actionSteps, findings: policy.findings
            ) { inputs, generator in try policy.chunk(inputs, using: &generator) }
        case .openVLA:
            var policy = try OpenVLAPolicy(OpenVLAFolder(at: folder), key: options.statistics)
            if options.usesByteWeights { policy.model.storeLinearWeights(as: .int8) }
            return try OpenVLAWorldPolicy(policy, options)
        case .openVLAOFT:
            guard let chunkSize = options.chunkSize else {
                throw PeerPolicyOptions.asking(
                    "chunk", "the folder does not say how many actions a chunk has", likely: "8 (LIBERO)")
            }
            var policy = try OpenVLAOFTPolicy(
                OpenVLAFolder(at: folder), key: options.statistics,
                settings: .init(chunkSize: chunkSize, imageCount: max(options.cameras.count, 2)))
            if options.usesByteWeights { policy.model.storeLinearWeights(as: .int8) }
            return try OpenVLAWorldPolicy(policy, options)
        case .pi0, .pi05, .otherLeRobot:
            let type = (try? JSONFile("config.json", in: folder).text("type")) ?? "none"
            throw PeerPolicyError(
                .unsupported, file: "config.json", key: "type", "'\(type)': \(family.title) cannot be loaded here",
                remedy: "act, diffusion, smolvla, OpenVLA and OpenVLA-OFT are built.")
        }
    }
}

/// A LeRobot policy in a world: cameras by name, a state by its parts, LIBERO's actions.
struct LeRobotWorldPolicy: Policy {
    let requirements: PolicyRequirements
    let findings: [PeerFinding]
    private let preparation: LeRobotPreparation
    private let cameras: [(feature: String, camera: CameraName)]
    private let gripper: GripperConvention
    private let horizon: Int
    private let chunk: @Sendable (LeRobotInputs, inout AnyGenerator) throws -> Tensor

    init(
        _ preparation: LeRobotPreparation, _ options: PeerPolicyOptions, horizon: Int, findings: [PeerFinding],
        chunk: @escaping @Sendable (LeRobotInputs, inout AnyGenerator) throws -> Tensor
    ) throws {
        if let environment = preparation.environment {
            throw PeerPolicyError(
                .unsupported, file: "config.json", key: environment.name,
                "the policy reads the state of the environment, which no robot observes",
                remedy: "Use a policy trained on images.")
        }
        let space = ActionSpace.libero
        guard preparation.action.shape[0] == space.dimensionCount else {
            throw PeerPolicyError(
                .unsupported, file: "config.json", key: "output_features.action",
                "actions of \(preparation.action.shape[0]) numbers; the world's have \(space.dimensionCount)",
                remedy: "Use a policy of this robot.")
        }
        guard let orientation = options.orientation else {
            throw PeerPolicyOptions.asking(
                "orientation", "the folder does not say how images lie", likely: "rotated180 (LeRobot's LIBERO data)")
        }
        var descriptions: [CameraName: CameraDescription] = [:]
        var cameras: [(feature: String, camera: CameraName)] = []
        for feature in preparation.cameras where !feature.name.contains("empty_camera") {
            guard let camera = options.cameras[feature.name] else {
                let isWrist = ["wrist", "hand", "image2", "camera2"].contains { feature.name.contains($0) }
                throw PeerPolicyOptions.asking(
                    "camera.\(feature.name)", "the folder does not say which camera of the world this is",
                    likely: (isWrist ? CameraName.wrist : .agentView).rawValue)
            }
            cameras.append((feature.name, camera))
            descriptions[camera] = CameraDescription(
                width: feature.shape[2], height: feature.shape[1], orientation: orientation,
                renderProfile: options.renderProfile)
        }
        var layout: StateLayout?
        if let state = preparation.state {
            guard let parts = options.stateLayout else {
                throw PeerPolicyOptions.asking(
                    "state", "the folder does not say what the \(state.shape[0]) numbers of the state are",
                    likely: StateLayout.libero.parts.map(\.rawValue).joined(separator: ","))
            }
            guard parts.count == state.shape[0] else {
                throw PeerPolicyError(
                    .needsOption, file: "option", key: "state",
                    "\(parts.count) numbers, the policy takes \(state.shape[0])",
                    remedy: "Name parts that have \(state.shape[0]) numbers together.")
            }
            layout = parts
        }
        // the extremes of the training data tell the gripper's convention, where they are stored
        let statistics = preparation.outputNormalizer.statistics[preparation.action.name]
        let known = statistics["min"]?.last.flatMap { low in
            statistics["max"]?.last.flatMap { GripperConvention(minimum: Double(low), maximum: Double($0)) }
        }
        guard let gripper = options.gripper ?? known else {
            throw PeerPolicyOptions.asking(
                "gripper", "the folder does not say what the last number of an action means", likely: "environment")
        }
        let available = horizon
        let executed = options.actionSteps ?? available
        guard executed <= available else {
            throw PeerPolicyError(
                .needsOption, file: "option", key: "steps", "\(executed) actions; a chunk has \(available)",
                remedy: "Execute at most \(available).")
        }
        self.horizon = executed
        self.preparation = preparation
        self.cameras = cameras
        self.gripper = gripper
        self.findings = findings
        self.chunk = chunk
        requirements = PolicyRequirements(actionSpace: space, cameras: descriptions, stateLayout: layout)
    }

    func actionChunks<Generator: RandomNumberGenerator>(
        for observations: [Observation], using generators: inout [Generator]
    ) throws -> [ActionChunk] {
        precondition(generators.count == observations.count, "actionChunks: a generator for each observation")
        var result: [ActionChunk] = []
        for (index, observation) in observations.enumerated() {
            var inputs = LeRobotInputs(tasks: [observation.instruction])
            for (feature, camera) in cameras {
                let image = try observation.image(camera)
                inputs.images[feature] = Tensor(scalars: image.pixels, [1, image.height, image.width, 3])
            }
            if let layout = requirements.stateLayout, let feature = preparation.state {
                guard let state = observation.state else { throw ObservationError.missingState("state") }
                let values = try layout.values(of: state).map { Float($0) }
                inputs.vectors[feature.name] = Tensor(values, [1, values.count])
            }
            var generator = AnyGenerator(generators[index])
            let actions = try chunk(inputs, &generator)
            if let used = generator.base as? Generator { generators[index] = used }
            result.append(
                .libero((0..<horizon).map { actions[0][$0].floats.map(Double.init) }, gripper: gripper))
        }
        return result
    }
}

/// OpenVLA or OpenVLA-OFT in a world: images as its evaluation prepares them, LIBERO's actions.
struct OpenVLAWorldPolicy: Policy {
    let requirements: PolicyRequirements
    private let act: @Sendable ([RGBImage], [Double]?, String) throws -> [[Double]]
    private let cameras: [CameraName]
    private let preparation: ImageTransform

    init(_ policy: OpenVLAPolicy, _ options: PeerPolicyOptions) throws {
        try self.init(
            options, imageCount: 1, size: policy.model.configuration.images[0].size,
            actionSize: policy.actions.low.count,
            stateSize: nil
        ) { images, _, task in [try policy.action(images[0], task: task)] }
    }

    init(_ policy: OpenVLAOFTPolicy, _ options: PeerPolicyOptions) throws {
        try self.init(
            options, imageCount: policy.settings.imageCount, size: policy.model.configuration.images[0].size,
            actionSize: policy.actions.low.count, stateSize: policy.state?.low.count
        ) { images, state, task in try policy.actions(images, state: state, task: task) }
    }

    private init(
        _ options: PeerPolicyOptions, imageCount: Int, size: Int, actionSize: Int, stateSize: Int?,
        act: @escaping @Sendable ([RGBImage], [Double]?, String) throws -> [[Double]]
    ) throws {
        guard actionSize == ActionSpace.libero.dimensionCount else {
            throw PeerPolicyError(
                .unsupported, file: "statistics", key: "action",
                "actions of \(actionSize) numbers; the world's have \(ActionSpace.libero.dimensionCount)",
                remedy: "Use a policy of this robot.")
        }
        // main camera first; the world of OpenVLA's data is LIBERO's
        let known: [CameraName] = [.agentView, .wrist]
        let named = options.cameras.sorted { $0.key < $1.key }.map(\.value)
        cameras = named.isEmpty ? Array(known.prefix(imageCount)) : named
        guard cameras.count == imageCount else {
            throw PeerPolicyOptions.asking(
                "camera.0", "\(imageCount) images need \(imageCount) cameras", likely: "agentview camera.1=eye_in_hand")
        }
        let layout = stateSize == nil ? nil : options.stateLayout ?? .libero
        if let layout, let stateSize, layout.count != stateSize {
            throw PeerPolicyError(
                .needsOption, file: "option", key: "state", "\(layout.count) numbers, the policy takes \(stateSize)",
                remedy: "Name parts that have \(stateSize) numbers together.")
        }
        let orientation = options.orientation ?? .rotated180
        var descriptions: [CameraName: CameraDescription] = [:]
        for camera in cameras {
            descriptions[camera] = CameraDescription(
                width: 256, height: 256, orientation: orientation, renderProfile: options.renderProfile)
        }
        preparation = .openVLA(size: size)
        requirements = PolicyRequirements(actionSpace: .libero, cameras: descriptions, stateLayout: layout)
        self.act = act
    }

    func actionChunks<Generator: RandomNumberGenerator>(
        for observations: [Observation], using generators: inout [Generator]
    ) throws -> [ActionChunk] {
        try observations.map { observation in
            let images = try cameras.map { try preparation.image(try observation.image($0)) }
            var state: [Double]?
            if let layout = requirements.stateLayout {
                guard let found = observation.state else { throw ObservationError.missingState("state") }
                state = try layout.values(of: found)
            }
            return .libero(try act(images, state, observation.instruction), gripper: .openVLA)
        }
    }
}

/// A generator of any type, drawn from where a closure cannot be generic.
struct AnyGenerator: RandomNumberGenerator {
    var base: any RandomNumberGenerator
    init(_ base: any RandomNumberGenerator) { self.base = base }
    mutating func next() -> UInt64 { base.next() }
}

extension Observation {
    /// The image of a camera.
    ///
    /// - Throws: `ObservationError` when there is none.
    fileprivate func image(_ camera: CameraName) throws -> RGBImage {
        guard let frame = cameras[camera] else {
            throw ObservationError.missingCamera(camera, found: cameras.keys.sorted())
        }
        return try frame.image()
    }
}

extension ActionChunk {
    /// Actions cut to what LIBERO's controller takes, the gripper in its convention.
    fileprivate static func libero(_ actions: [[Double]], gripper: GripperConvention) -> ActionChunk {
        let space = ActionSpace.libero
        return ActionChunk(
            actions.map { action in
                var action = action.map { min(max($0, -space.limit), space.limit) }
                let last = action.count - 1
                action[last] = gripper.converted(action[last], to: space.gripperConvention)
                return action
            })
    }
}
