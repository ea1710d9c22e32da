public import FileSupport
import Foundation

/// What a policy's checkpoint holds, checked while it was read.
public struct PolicyInspection: Codable, TextReport, Sendable {
    public struct Camera: Codable, Sendable {
        public var name: String
        public var source: String
        public var input: String
    }

    public var file: String
    public var contentHash: String
    public var family: String
    public var parameterCount: Int
    public var tensorCount: Int
    public var cameras: [Camera]
    public var state: [String]
    public var prompt: String?
    public var horizon: Int
    public var dimensionNames: [String]
    public var normalization: String
    public var gripper: String
    /// What actions are written with, for a policy that writes tokens.
    public var tokens: String?
    public var training: TrainingRecord

    /// Whether a folder claims to be a checkpoint of a policy.
    public static func isCheckpoint(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path + "/checkpoint.json")
    }

    /// - Throws: `CheckpointError` and its relatives for what does not fit.
    public init(of path: String) throws {
        let checkpoint = try PolicyCheckpoint(at: URL(fileURLWithPath: path))
        // its weights and pipelines have to belong together
        _ = try checkpoint.policy()
        file = path
        contentHash = checkpoint.contentHash ?? ""
        family = checkpoint.family.rawValue
        parameterCount = checkpoint.weights.values.reduce(0) { $0 + $1.elementCount }
        tensorCount = checkpoint.weights.count
        cameras = checkpoint.observationPipeline.cameras.map { camera in
            let source = camera.source
            return Camera(
                name: camera.name.rawValue,
                source: "\(source.width) × \(source.height) \(source.orientation.rawValue) \(source.renderProfile)",
                input: "\(camera.size)")
        }
        state = checkpoint.observationPipeline.state?.layout.parts.map(\.rawValue) ?? []
        prompt = checkpoint.observationPipeline.prompt?.template
        let action = checkpoint.actionPipeline
        (horizon, dimensionNames) = (action.horizon, action.space.dimensionNames)
        (normalization, gripper) = (action.normalization.method.rawValue, action.gripper.rawValue)
        tokens = action.tokens.map { coding in
            let ids = "ids from \(coding.tokenIDs.min()!) to \(coding.tokenIDs.max()!)"
            guard let fast = coding.fast else { return "\(coding.tokenIDs.count) bins, \(ids)" }
            return "FAST, \(coding.tokenIDs.count) tokens, at most \(fast.tokenLimit) a chunk, \(ids)"
        }
        training = checkpoint.training
    }

    public var text: String {
        var lines = [
            "\(file): a \(family) policy, \(parameterCount) weights in \(tensorCount) tensors; all files are as written",
            "  content  \(contentHash)",
        ]
        lines += cameras.map { "  camera   \($0.name): \($0.source) → \($0.input)" }
        lines.append("  state    \(state.isEmpty ? "none" : state.joined(separator: ", "))")
        lines.append("  prompt   \(prompt ?? "none")")
        lines.append("  actions  \(horizon) × \(dimensionNames.joined(separator: ", ")); \(normalization), \(gripper)")
        if let tokens { lines.append("  tokens   \(tokens)") }
        lines.append(
            "  trained  on \(training.data), \(training.exampleCount) examples; weights after \(training.step) of "
                + "\(training.stepCount) updates")
        for (name, value) in training.metrics.sorted(by: { $0.key < $1.key }) {
            lines.append("           \(name) \(value)")
        }
        if !training.parents.isEmpty { lines.append("  parents  \(training.parents.joined(separator: " "))") }
        return lines.joined(separator: "\n")
    }
}
