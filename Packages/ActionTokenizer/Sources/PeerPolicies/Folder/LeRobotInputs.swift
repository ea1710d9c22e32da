public import TensorCore

/// Observations of a LeRobot policy as its processors get them, a batch of them.
///
/// With a history, the axis of observation steps follows the batch, oldest first.
public struct LeRobotInputs: Sendable {
    /// By feature: `uint8`, `[batch, (steps,) height, width, 3]`, RGB.
    public var images: [String: Tensor]
    /// By feature: `[batch, (steps,) size]`.
    public var vectors: [String: Tensor]
    /// The instruction of each row.
    public var tasks: [String]

    public init(images: [String: Tensor] = [:], vectors: [String: Tensor] = [:], tasks: [String] = []) {
        self.images = images
        self.vectors = vectors
        self.tasks = tasks
    }

    /// These inputs stacked along a new axis after the batch axis, oldest first.
    public static func history(_ steps: [LeRobotInputs]) -> LeRobotInputs {
        precondition(!steps.isEmpty, "a history of no observations")
        var result = steps[steps.count - 1]
        for name in result.images.keys {
            result.images[name] = .stacked(steps.map { $0.images[name]! }, axis: 1)
        }
        for name in result.vectors.keys {
            result.vectors[name] = .stacked(steps.map { $0.vectors[name]! }, axis: 1)
        }
        return result
    }

    /// One row of the batch.
    public func row(_ index: Int) -> LeRobotInputs {
        func row(_ x: Tensor) -> Tensor { x.slice(axis: 0, index..<index + 1).contiguous }
        return LeRobotInputs(
            images: images.mapValues(row), vectors: vectors.mapValues(row),
            tasks: tasks.isEmpty ? [] : [tasks[index]])
    }
}

/// Normalized inputs in the order of the configuration.
public struct PreparedInputs: Sendable {
    /// Of each camera: `[batch, (steps,) height, width, 3]`.
    public var images: [Tensor]
    /// `[batch, (steps,) size]`.
    public var state: Tensor?
    public var environment: Tensor?
}

extension LeRobotFolder {
    /// Scales and normalizes inputs: `uint8` / 255, then the statistics.
    ///
    /// - Parameter steps: Observation steps; nil for inputs without that axis.
    /// - Throws: ``PeerPolicyError`` when a feature is missing or of another shape.
    public func prepare(_ inputs: LeRobotInputs, steps: Int? = nil) throws -> PreparedInputs {
        try LeRobotPreparation(self).prepare(inputs, steps: steps)
    }
}

/// What turns observations into a policy's inputs, and its outputs into actions.
public struct LeRobotPreparation: Sendable {
    public let cameras: [LeRobotFeature]
    public let state: LeRobotFeature?
    public let environment: LeRobotFeature?
    public let action: LeRobotFeature
    public let renames: [String: String]
    public let inputNormalizer: FeatureNormalizer
    public let outputNormalizer: FeatureNormalizer

    public init(_ folder: LeRobotFolder) {
        let configuration = folder.configuration
        cameras = configuration.cameras
        state = configuration.state
        environment = configuration.environment
        action = configuration.action
        renames = folder.preprocessor?.renames ?? [:]
        inputNormalizer = folder.inputNormalizer
        outputNormalizer = folder.outputNormalizer
    }

    private func renamed(_ values: [String: Tensor]) -> [String: Tensor] {
        guard !renames.isEmpty else { return values }
        return Dictionary(values.map { (renames[$0.key] ?? $0.key, $0.value) }, uniquingKeysWith: { a, _ in a })
    }

    private func missing(_ name: String, among names: [String]) -> PeerPolicyError {
        PeerPolicyError(
            .observation, file: "observation", key: name,
            "the feature is missing; present are \(names.isEmpty ? "none" : names.joined(separator: ", "))",
            remedy: "Map the world's names to the policy's.")
    }

    /// - Throws: ``PeerPolicyError`` when a feature is missing or of another shape.
    public func prepare(_ inputs: LeRobotInputs, steps: Int? = nil) throws -> PreparedInputs {
        let (images, vectors) = (renamed(inputs.images), renamed(inputs.vectors))
        let stepAxis = steps.map { [$0] } ?? []
        func vector(_ feature: LeRobotFeature?) throws -> Tensor? {
            guard let feature else { return nil }
            guard let x = vectors[feature.name] else { throw missing(feature.name, among: vectors.keys.sorted()) }
            guard x.shape.sizes.dropFirst().elementsEqual(stepAxis + feature.shape) else {
                throw PeerPolicyError(
                    .observation, file: "observation", key: feature.name,
                    "shape \(x.shape), expected [batch] + \(stepAxis + feature.shape)",
                    remedy: "Give the numbers the policy was trained with.")
            }
            return inputNormalizer.normalized(x.converted(to: .float32), feature.name)
        }
        let prepared = try cameras.map { camera -> Tensor in
            guard let image = images[camera.name] else { throw missing(camera.name, among: images.keys.sorted()) }
            return try prepare(image, camera, stepAxis: stepAxis)
        }
        return PreparedInputs(images: prepared, state: try vector(state), environment: try vector(environment))
    }

    private func prepare(_ image: Tensor, _ camera: LeRobotFeature, stepAxis: [Int]) throws -> Tensor {
        let expected = stepAxis + [camera.shape[1], camera.shape[2], 3]
        guard image.dtype == .uint8, image.shape.sizes.dropFirst().elementsEqual(expected) else {
            throw PeerPolicyError(
                .observation, file: "observation", key: camera.name,
                "an image \(image.shape) of \(image.dtype), expected [batch] + \(expected) of uint8",
                remedy: "Render or resize the image to \(camera.shape[2]) × \(camera.shape[1]).")
        }
        return inputNormalizer.normalized(image.converted(to: .float32) / Tensor(255), camera.name)
    }

    /// Actions in the robot's units: `[batch, horizon, size]`.
    public func actions(_ normalized: Tensor) -> Tensor { outputNormalizer.denormalized(normalized, action.name) }

    /// Actions of a data set as the model predicts them.
    public func normalizedActions(_ actions: Tensor) -> Tensor { inputNormalizer.normalized(actions, action.name) }
}
