public import Foundation
public import TensorCore

/// One of LeRobot's processor files: its steps in order.
///
/// `{"name", "steps": [{"registry_name", "config", "state_file"?}]}`. Only steps whose effect is known are accepted.
/// Source: LeRobot 0.6.1, `DataProcessorPipeline`.
public struct ProcessorPipeline: Sendable {
    public enum Step: Sendable {
        /// New names of observations by their old ones.
        case rename([String: String])
        /// A leading axis.
        case batch
        case device
        case normalize(Normalizer)
        case denormalize(Normalizer)
        /// Appends a line feed to a task that does not end with one.
        case newLine
        case tokenize(Tokenization)
    }

    /// A normalizer's settings and the tensors of its state file.
    public struct Normalizer: Sendable {
        public let epsilon: Float
        public let features: [LeRobotFeature]
        public let modes: [LeRobotFeature.Kind: LeRobotNormalization]
        /// The name of the state file; nil when the step names none.
        public let stateFile: String?
        public let state: [String: Tensor]
    }

    public struct Tokenization: Hashable, Sendable {
        /// A hub name or a folder.
        public let tokenizerName: String
        public let maximumLength: Int
        public let padsToMaximum: Bool
        public let truncates: Bool
    }

    public let steps: [Step]
    public let file: JSONFile

    /// Reads a processor file and the state files it names.
    public init(_ name: String, in folder: URL) throws {
        let file = try JSONFile(name, in: folder)
        guard let entries = file.root["steps"]?.array, entries.count <= 64 else {
            throw file.error("steps", "not a list of at most 64 steps")
        }
        self.file = file
        steps = try entries.enumerated().map { index, entry in
            try Self.step(JSONFile(name: name, root: entry), index: index, folder: folder)
        }
    }

    private static func step(_ entry: JSONFile, index: Int, folder: URL) throws -> Step {
        let registryName = try entry.text("registry_name")
        let config = entry.has("config") ? try entry.object("config") : JSONFile(name: entry.name, root: .object([]))
        switch registryName {
        case "rename_observations_processor":
            var map: [String: String] = [:]
            for (old, new) in config.root["rename_map"]?.object ?? [] {
                guard let new = new.string else {
                    throw config.error("rename_map", "'\(old)' is not renamed to a text")
                }
                map[old] = new
            }
            return .rename(map)
        case "to_batch_processor": return .batch
        case "device_processor":
            guard !config.has("float_dtype") || config.root["float_dtype"]?.string == "float32" else {
                throw config.error(
                    "float_dtype", "numbers are to be converted to \(config.root["float_dtype"]!.text())", .unsupported,
                    remedy: "Set float_dtype to null.")
            }
            return .device
        case "normalizer_processor": return .normalize(try normalizer(entry, config, folder: folder))
        case "unnormalizer_processor": return .denormalize(try normalizer(entry, config, folder: folder))
        case "smolvla_new_line_processor", "pi0_new_line_processor": return .newLine
        case "tokenizer_processor":
            let side = try config.text("padding_side", default: "right")
            guard side == "right" else {
                throw config.error("padding_side", "'\(side)'", .unsupported, remedy: "Only the right side is padded.")
            }
            return .tokenize(
                Tokenization(
                    tokenizerName: try config.text("tokenizer_name"),
                    maximumLength: try config.integer("max_length", default: 512, in: 1...65_536),
                    padsToMaximum: try config.text("padding", default: "max_length") == "max_length",
                    truncates: try config.bool("truncation", default: true)))
        default:
            throw PeerPolicyError(
                .unsupported, file: entry.name, key: "steps.\(index)", "the step '\(registryName)' is not known",
                remedy: "Its effect would be lost silently; remove it if it has none, or apply it before.")
        }
    }

    private static func normalizer(_ entry: JSONFile, _ config: JSONFile, folder: URL) throws -> Normalizer {
        let features = config.has("features") ? try LeRobotConfiguration.features(config, "features") : []
        var modes: [LeRobotFeature.Kind: LeRobotNormalization] = [:]
        if config.has("norm_map") { modes = try LeRobotConfiguration.normalization(config.object("norm_map")) }
        let epsilon = try config.number("eps", default: 1e-8)
        var stateFile: String?
        var state: [String: Tensor] = [:]
        if entry.has("state_file") {
            let name = try entry.text("state_file")
            guard !name.isEmpty, name != ".", name != "..", !name.contains(where: { "/\\\0".contains($0) }) else {
                throw entry.error("state_file", "'\(name)' is not a plain file name")
            }
            let url = folder.appendingPathComponent(name)
            guard FileManager.default.fileExists(atPath: url.path) else {
                throw PeerPolicyError(
                    .missingFile, file: entry.name, key: "state_file", "the file '\(name)' is missing",
                    remedy: "Copy all files of the checkpoint.")
            }
            let file = try SafetensorsFile(at: url)
            for tensor in file.names { state[tensor] = try file.tensor(tensor) }
            stateFile = name
        }
        return Normalizer(
            epsilon: Float(epsilon), features: features, modes: modes, stateFile: stateFile, state: state)
    }

    /// The new names of observations.
    var renames: [String: String] {
        for case .rename(let map) in steps { return map }
        return [:]
    }

    var normalizer: Normalizer? {
        for case .normalize(let normalizer) in steps { return normalizer }
        return nil
    }

    var denormalizer: Normalizer? {
        for case .denormalize(let normalizer) in steps { return normalizer }
        return nil
    }

    var tokenization: Tokenization? {
        for case .tokenize(let tokenization) in steps { return tokenization }
        return nil
    }

    var appendsNewLine: Bool {
        steps.contains { if case .newLine = $0 { true } else { false } }
    }
}
