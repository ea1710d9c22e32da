import TensorCore

/// An input or output of a LeRobot policy.
public struct LeRobotFeature: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case visual = "VISUAL"
        case state = "STATE"
        case environment = "ENV"
        case action = "ACTION"
    }

    /// The name, such as `observation.images.top`.
    public let name: String
    public let kind: Kind
    /// `[channels, height, width]` of an image, `[size]` of a vector.
    public let shape: [Int]

    public init(name: String, kind: Kind, shape: [Int]) {
        self.name = name
        self.kind = kind
        self.shape = shape
    }

    /// Numbers that statistics have: one per channel of an image, one per entry of a vector.
    var statisticCount: Int { kind == .visual ? shape[0] : shape.reduce(1, *) }
}

/// How the numbers of a kind of feature are normalized.
public enum LeRobotNormalization: String, Sendable, CaseIterable {
    case meanStandardDeviation = "MEAN_STD"
    case minimumMaximum = "MIN_MAX"
    case quantiles = "QUANTILES"
    case quantiles10 = "QUANTILE10"
    case identity = "IDENTITY"

    /// The statistics that are read.
    var statisticNames: [String] {
        switch self {
        case .meanStandardDeviation: ["mean", "std"]
        case .minimumMaximum: ["min", "max"]
        case .quantiles: ["q01", "q99"]
        case .quantiles10: ["q10", "q90"]
        case .identity: []
        }
    }
}

/// `config.json` of a LeRobot policy: features, their order, and the policy's own keys.
///
/// Source: LeRobot 0.3.3 and 0.6.1, `PreTrainedConfig`.
public struct LeRobotConfiguration: Sendable {
    /// `act`, `diffusion`, `smolvla`, …
    public let type: String
    /// In the order of the text, which is the order of cameras.
    public let inputs: [LeRobotFeature]
    public let outputs: [LeRobotFeature]
    /// A kind that is absent is not normalized.
    public let normalization: [LeRobotFeature.Kind: LeRobotNormalization]
    public let file: JSONFile

    public var cameras: [LeRobotFeature] { inputs.filter { $0.kind == .visual } }
    /// The feature `observation.state`.
    public var state: LeRobotFeature? { inputs.first { $0.kind == .state && $0.name == "observation.state" } }
    /// The first feature of the environment's state.
    public var environment: LeRobotFeature? { inputs.first { $0.kind == .environment } }
    public let action: LeRobotFeature

    /// Features that a policy reads or writes.
    var used: [LeRobotFeature] { cameras + [state, environment].compactMap { $0 } + [action] }

    public init(_ file: JSONFile) throws {
        self.file = file
        guard file.has("type") else {
            let isOld = file.root["input_shapes"] != nil || file.root["input_features"] != nil
            throw file.error(
                "type", isOld ? "config.json has no type: a layout from before 2025" : "config.json has no type",
                .unsupported,
                remedy: "Convert the folder with LeRobot's migration script, or fetch a newer revision of it.")
        }
        type = try file.text("type")
        if try file.bool("use_peft", default: false) {
            throw file.error(
                "use_peft", "the folder holds an adapter, not a whole policy", .unsupported,
                remedy: "Merge the adapter into its base model with LeRobot and save the result.")
        }
        inputs = try Self.features(file, "input_features")
        outputs = try Self.features(file, "output_features")
        guard let action = outputs.first(where: { $0.kind == .action && $0.name == "action" }) else {
            throw file.error("output_features", "there is no output 'action' of type ACTION")
        }
        self.action = action
        var normalization: [LeRobotFeature.Kind: LeRobotNormalization] = [:]
        if file.has("normalization_mapping") {
            normalization = try Self.normalization(file.object("normalization_mapping"))
        }
        self.normalization = normalization
        if try file.bool("use_relative_actions", default: false) {
            throw file.error(
                "use_relative_actions", "relative actions", .unsupported, remedy: "Use a policy of absolute actions.")
        }
    }

    /// How a feature is normalized.
    public func mode(of feature: LeRobotFeature) -> LeRobotNormalization { normalization[feature.kind] ?? .identity }

    static func normalization(_ map: JSONFile) throws -> [LeRobotFeature.Kind: LeRobotNormalization] {
        var result: [LeRobotFeature.Kind: LeRobotNormalization] = [:]
        for (key, value) in map.root.object ?? [] {
            guard let kind = LeRobotFeature.Kind(rawValue: key) else { continue }
            guard let name = value.string, let mode = LeRobotNormalization(rawValue: name) else {
                throw map.error(
                    key, "unknown normalization \(value.text())", .unsupported,
                    remedy: "Known are \(LeRobotNormalization.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            result[kind] = mode
        }
        return result
    }

    static func features(_ file: JSONFile, _ key: String) throws -> [LeRobotFeature] {
        guard let members = file.root[key]?.object else { throw file.error(key, "not an object of features") }
        guard members.count <= 256 else { throw file.error(key, "\(members.count) features; at most 256 are read") }
        var result: [LeRobotFeature] = []
        for (name, value) in members {
            guard let type = value["type"]?.string, let kind = LeRobotFeature.Kind(rawValue: type) else {
                // language and reward features are no inputs of these policies
                if value["type"]?.string != nil { continue }
                throw file.error("\(key).\(name)", "the feature has no type")
            }
            let shape = (value["shape"]?.array ?? []).compactMap(\.integer)
            let isImage = kind == .visual
            guard shape.count == value["shape"]?.array?.count, shape.count == (isImage ? 3 : 1),
                shape.allSatisfy({ (1...16_384).contains($0) }), !isImage || shape[0] == 3
            else {
                throw file.error(
                    "\(key).\(name)", "the shape \(value["shape"]?.text() ?? "null") of a \(type) feature",
                    remedy: isImage ? "Images are [3, height, width]." : "Vectors are [size].")
            }
            result.append(LeRobotFeature(name: name, kind: kind, shape: shape))
        }
        return result
    }

    /// Keys that have no effect on acting, and unknown keys: the latter are reported.
    func unknownKeys(known: Set<String>) -> [String] {
        let common: Set<String> = [
            "type", "n_obs_steps", "input_features", "output_features", "device", "use_amp", "use_peft", "push_to_hub",
            "repo_id", "private", "tags", "license", "pretrained_path", "pretrained_revision", "normalization_mapping",
            "use_relative_actions", "rtc_config",
        ]
        return (file.root.object ?? []).map(\.key).filter { key in
            !common.contains(key) && !known.contains(key) && !key.hasPrefix("optimizer_")
                && !key.hasPrefix("scheduler_") && !key.hasPrefix("compile_")
        }
    }
}
