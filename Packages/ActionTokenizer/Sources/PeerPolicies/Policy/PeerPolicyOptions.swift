public import RobotInterface
import Foundation

/// What the folder of another project's policy does not say and its use in a world needs.
public struct PeerPolicyOptions: Codable, Hashable, Sendable {
    /// Cameras of the world by the policy's image features, such as `observation.images.top`.
    public var cameras: [String: CameraName] = [:]
    /// How the images of the training data lay.
    public var orientation: ImageOrientation?
    /// What the numbers of the state are.
    public var stateLayout: StateLayout?
    /// What the last number of an action means.
    public var gripper: GripperConvention?
    /// The data set whose statistics count.
    public var statistics: String?
    /// Actions of a chunk that are executed; the folder's when nil.
    public var actionSteps: Int?
    /// The folder of the vision-language model that SmolVLA names.
    public var visionLanguageModel: String?
    /// Actions of a chunk of OpenVLA-OFT.
    public var chunkSize: Int?
    /// How the world renders, compared before the first step.
    public var renderProfile = "faithful"
    /// Weights of matrices as bytes with a scale for each row.
    public var usesByteWeights = false

    public init() {}

    /// Reads settings of the form `key=value`: `camera.FEATURE=NAME`, `orientation=rotated180`,
    /// `state=endEffectorPosition,axisAngle,fingerPositions`, `gripper=environment`, `statistics=NAME`, `steps=N`,
    /// `vlm=FOLDER`, `chunk=N`, `render=NAME`, `weights=int8`.
    ///
    /// - Throws: ``PeerPolicyError`` for a setting that is not known.
    public init(_ settings: [String]) throws {
        for setting in settings {
            guard let equal = setting.firstIndex(of: "=") else {
                throw Self.error(setting, "no '='", remedy: "Write key=value.")
            }
            try set(String(setting[..<equal]), to: String(setting[setting.index(after: equal)...]))
        }
    }

    private static func error(_ key: String, _ found: String, remedy: String) -> PeerPolicyError {
        PeerPolicyError(.needsOption, file: "option", key: key, found, remedy: remedy)
    }

    private mutating func set(_ key: String, to value: String) throws {
        func choice<Choice: RawRepresentable & CaseIterable>() throws -> Choice where Choice.RawValue == String {
            guard let choice = Choice(rawValue: value) else {
                let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
                throw Self.error(key, "'\(value)'", remedy: "Known are \(known).")
            }
            return choice
        }
        func count() throws -> Int {
            guard let count = Int(value), (1...100_000).contains(count) else {
                throw Self.error(key, "'\(value)'", remedy: "Give a number of at least 1.")
            }
            return count
        }
        switch key {
        case "orientation": orientation = try choice()
        case "gripper": gripper = try choice()
        case "state":
            stateLayout = StateLayout(
                try value.split(separator: ",").map { part in
                    guard let part = StateLayout.Part(rawValue: String(part)) else {
                        let known = StateLayout.Part.allCases.map(\.rawValue).joined(separator: ", ")
                        throw Self.error(key, "'\(part)'", remedy: "Known parts are \(known).")
                    }
                    return part
                })
        case "statistics": statistics = value
        case "steps": actionSteps = try count()
        case "chunk": chunkSize = try count()
        case "vlm": visionLanguageModel = value
        case "render": renderProfile = value
        case "weights":
            guard value == "int8" || value == "stored" else {
                throw Self.error(key, "'\(value)'", remedy: "Known are stored and int8.")
            }
            usesByteWeights = value == "int8"
        default:
            guard key.hasPrefix("camera."), key.count > "camera.".count else {
                throw Self.error(
                    key, "not a setting",
                    remedy: "Known are camera.FEATURE, orientation, state, gripper, statistics, steps, chunk, vlm, "
                        + "render and weights.")
            }
            cameras[String(key.dropFirst("camera.".count))] = CameraName(value)
        }
    }

    /// Asks for what is missing: the setting, and what is likely meant.
    static func asking(_ key: String, _ question: String, likely: String) -> PeerPolicyError {
        PeerPolicyError(
            .needsOption, file: "option", key: key, question, remedy: "Likely meant: \(key)=\(likely)")
    }
}
