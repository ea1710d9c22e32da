public import Foundation
public import TensorCore

/// A policy folder that LeRobot saved: configuration, weights, statistics and processors, checked against each other.
///
/// Both layouts are read: statistics in the processors' files (since 0.4) and inside the weights (0.1–0.3).
public struct LeRobotFolder: Sendable {
    public let url: URL
    public let configuration: LeRobotConfiguration
    /// Weights by name, without statistics, names repaired.
    public let weights: [String: Tensor]
    /// Of observations and, for training, of the action.
    public let inputNormalizer: FeatureNormalizer
    /// Of the action, back.
    public let outputNormalizer: FeatureNormalizer
    public let preprocessor: ProcessorPipeline?
    public let postprocessor: ProcessorPipeline?
    /// Repairs and surprises.
    public private(set) var findings: [PeerFinding]

    /// Whether statistics are inside the weights.
    public var isLegacy: Bool { preprocessor == nil }

    public static let weightsName = "model.safetensors"
    public static let preprocessorName = "policy_preprocessor.json"
    public static let postprocessorName = "policy_postprocessor.json"

    /// Reads and checks a folder.
    ///
    /// - Parameter statisticsPrefix: The data set whose statistics count, where the file holds those of several.
    /// - Throws: ``PeerPolicyError`` or `SerializationError`.
    public init(at url: URL, statisticsPrefix: String? = nil) throws {
        self.url = url
        var findings: [PeerFinding] = []
        let configuration = try LeRobotConfiguration(JSONFile("config.json", in: url))
        self.configuration = configuration
        guard FileManager.default.fileExists(atPath: url.appendingPathComponent(Self.weightsName).path) else {
            let adapter = url.appendingPathComponent("adapter_model.safetensors").path
            let isAdapter = FileManager.default.fileExists(atPath: adapter)
            throw PeerPolicyError(
                .missingFile, file: Self.weightsName,
                isAdapter ? "the folder holds an adapter only" : "the file is missing from \(url.path)",
                remedy: isAdapter ? "Merge the adapter into its base model." : "Copy the whole checkpoint folder.")
        }
        var weights = try Self.readWeights(at: url.appendingPathComponent(Self.weightsName), findings: &findings)

        // which layout?
        let manager = FileManager.default
        func has(_ name: String) -> Bool { manager.fileExists(atPath: url.appendingPathComponent(name).path) }
        let bufferNames = weights.keys.filter { name in Self.bufferModules.contains { name.hasPrefix($0 + ".") } }
        let pairs = configuration.used.map { (feature: $0, mode: configuration.mode(of: $0)) }
        let needed = pairs.filter { $0.mode != .identity }

        if has(Self.preprocessorName) || has(Self.postprocessorName) {
            if !bufferNames.isEmpty {
                findings.append(
                    PeerFinding(.suspicious, "the weights hold statistics too; those of the processors' files count"))
            }
            for name in bufferNames { weights[name] = nil }
            guard has(Self.postprocessorName) else {
                throw PeerPolicyError(
                    .missingFile, file: Self.postprocessorName,
                    "the file is missing, so the action cannot be un-normalised",
                    remedy: "Copy it from the checkpoint; without it normalized numbers would reach the robot.")
            }
            guard has(Self.preprocessorName) else {
                throw PeerPolicyError(
                    .missingFile, file: Self.preprocessorName, "the file is missing, so inputs cannot be normalized",
                    remedy: "Copy it from the checkpoint.")
            }
            let preprocessor = try ProcessorPipeline(Self.preprocessorName, in: url)
            let postprocessor = try ProcessorPipeline(Self.postprocessorName, in: url)
            inputNormalizer = try Self.normalizer(
                preprocessor.normalizer, preprocessor.file.name, pairs, configuration, prefix: statisticsPrefix,
                findings: &findings)
            outputNormalizer = try Self.normalizer(
                postprocessor.denormalizer, postprocessor.file.name, pairs.filter { $0.feature.kind == .action },
                configuration, prefix: statisticsPrefix, findings: &findings)
            self.preprocessor = preprocessor
            self.postprocessor = postprocessor
        } else {
            guard !bufferNames.isEmpty || needed.isEmpty else {
                let modes = Set(needed.map(\.mode.rawValue)).sorted().joined(separator: " and ")
                throw PeerPolicyError(
                    .statistics, file: url.lastPathComponent,
                    "no statistics for \(modes) features: neither processors' files nor statistics inside the weights",
                    remedy: "Copy policy_preprocessor.json, policy_postprocessor.json and the files they name.")
            }
            (inputNormalizer, outputNormalizer) = try Self.legacyNormalizers(
                weights, pairs, prefix: statisticsPrefix)
            for name in bufferNames { weights[name] = nil }
            (preprocessor, postprocessor) = (nil, nil)
        }
        for (feature, mode) in needed {
            let normalizer = feature.kind == .action ? outputNormalizer : inputNormalizer
            let dimensions = normalizer.degenerateDimensions(feature.name)
            guard !dimensions.isEmpty else { continue }
            findings.append(
                PeerFinding(
                    .suspicious,
                    "'\(feature.name)' hardly varies in dimension \(dimensions.map(String.init).joined(separator: ", "))"
                        + " of its \(mode.rawValue) statistics: small differences become large numbers"))
        }
        self.weights = weights
        self.findings = findings
    }

    /// Notes something about the folder.
    mutating func note(_ finding: PeerFinding) { findings.append(finding) }

    // MARK: Weights

    /// Tensors by name, with the repairs that are allowed: `_orig_mod.` anywhere, `module.` in front, tied names.
    static func readWeights(at url: URL, findings: inout [PeerFinding]) throws -> [String: Tensor] {
        let file = try SafetensorsFile(at: url)
        var weights: [String: Tensor] = [:]
        var repairs: [String: Int] = [:]
        for name in file.names {
            var repaired = name
            while repaired.contains("_orig_mod.") {
                repaired = repaired.replacing("_orig_mod.", with: "")
                repairs["_orig_mod.", default: 0] += 1
            }
            if repaired.hasPrefix("module.") {
                repaired = String(repaired.dropFirst("module.".count))
                repairs["module.", default: 0] += 1
            }
            guard weights[repaired] == nil else {
                throw PeerPolicyError(
                    .weights, file: url.lastPathComponent, key: name, "two tensors are called '\(repaired)'",
                    remedy: "Save the checkpoint again.")
            }
            weights[repaired] = try file.tensor(name)
        }
        for (part, count) in repairs.sorted(by: { $0.key < $1.key }) {
            findings.append(
                PeerFinding(.repaired, "\(url.lastPathComponent): '\(part)' removed from \(count) names"))
        }
        // a tied tensor is stored once; metadata maps the dropped name to the kept one
        for (dropped, kept) in file.metadata where weights[dropped] == nil {
            if let tensor = weights[kept] { weights[dropped] = tensor }
        }
        return weights
    }

    private static let bufferModules = ["normalize_inputs", "normalize_targets", "unnormalize_outputs"]

    // MARK: Statistics

    private static func normalizer(
        _ step: ProcessorPipeline.Normalizer?, _ file: String,
        _ pairs: [(feature: LeRobotFeature, mode: LeRobotNormalization)], _ configuration: LeRobotConfiguration,
        prefix: String?, findings: inout [PeerFinding]
    ) throws -> FeatureNormalizer {
        let needed = pairs.filter { $0.mode != .identity }
        guard let step else {
            if let first = needed.first {
                throw PeerPolicyError(
                    .statistics, file: file, key: first.feature.name,
                    "the file has no normalizer, but \(first.feature.name) is normalized by \(first.mode.rawValue)",
                    remedy: "Copy the processors' files of the checkpoint.")
            }
            return FeatureNormalizer(statistics: FeatureStatistics(), modes: [:], epsilon: 1e-8, isLegacy: false)
        }
        func sameName(_ a: String, _ b: String) -> Bool { a.replacing("_", with: ".") == b.replacing("_", with: ".") }
        // the step's own settings are what the library computes with
        var used: [(feature: LeRobotFeature, mode: LeRobotNormalization)] = []
        for (feature, mode) in pairs {
            let stepMode = step.modes[feature.kind] ?? .identity
            guard let own = step.features.first(where: { sameName($0.name, feature.name) }) else {
                guard mode == .identity || feature.name.contains("empty_camera") else {
                    throw PeerPolicyError(
                        .statistics, file: file, key: feature.name,
                        "the normalizer's features do not list it, though config.json says \(mode.rawValue)",
                        remedy: "Use processors' files of the same save as config.json.")
                }
                continue
            }
            guard own.shape == feature.shape || feature.kind == .visual else {
                throw PeerPolicyError(
                    .statistics, file: file, key: feature.name,
                    "the normalizer's shape \(own.shape) is not config.json's \(feature.shape)",
                    remedy: "Use processors' files of the same save as config.json.")
            }
            if stepMode != mode {
                findings.append(
                    PeerFinding(
                        .suspicious,
                        "\(file): '\(feature.name)' is normalized by \(stepMode.rawValue), config.json says "
                            + "\(mode.rawValue); the processor counts"))
            }
            used.append((feature, stepMode))
        }
        if used.contains(where: { $0.mode != .identity }), step.state.isEmpty {
            throw PeerPolicyError(
                .statistics, file: file, key: "state_file",
                "the normalizer has no statistics, so it would change nothing",
                remedy: "Copy the state file of the checkpoint.")
        }
        let statistics = try FeatureStatistics(
            step.state, file: step.stateFile ?? file, features: used, prefix: prefix, findings: &findings)
        return FeatureNormalizer(
            statistics: statistics,
            modes: Dictionary(used.map { ($0.feature.name, $0.mode) }, uniquingKeysWith: { a, _ in a }),
            epsilon: step.epsilon, isLegacy: false)
    }

    /// Statistics of `normalize_inputs.buffer_<feature>.<statistic>`, found from the features' names.
    private static func legacyNormalizers(
        _ weights: [String: Tensor], _ pairs: [(feature: LeRobotFeature, mode: LeRobotNormalization)], prefix: String?
    ) throws -> (FeatureNormalizer, FeatureNormalizer) {
        func buffer(_ module: String, _ feature: LeRobotFeature, _ mode: LeRobotNormalization) throws
            -> [String: [Float]]?
        {
            let flat = feature.name.replacing(".", with: "_")
            let name = "\(module).\(prefix.map { "\($0)_" } ?? "")buffer_\(flat)"
            var tensors: [String: Tensor] = [:]
            for statistic in mode.statisticNames { tensors[statistic] = weights["\(name).\(statistic)"] }
            guard !tensors.isEmpty else {
                let ending = "_buffer_\(flat).\(mode.statisticNames[0])"
                let prefixes = weights.keys.filter { $0.hasPrefix(module + ".") && $0.hasSuffix(ending) }
                    .map { String($0.dropFirst(module.count + 1).dropLast(ending.count)) }.sorted()
                if let first = prefixes.first {
                    throw PeerPolicyError(
                        .statistics, file: weightsName, key: feature.name,
                        "statistics stand only under \(prefixes.map { "'\($0)_buffer_'" }.joined(separator: " and "))",
                        remedy: "Name the data set whose robot this is: --peer statistics=\(first).")
                }
                return nil
            }
            return try FeatureStatistics.checked(tensors, feature, mode, file: weightsName)
        }
        var (inputs, outputs) = (FeatureStatistics(), FeatureStatistics())
        var modes: [String: LeRobotNormalization] = [:]
        for (feature, mode) in pairs where mode != .identity {
            modes[feature.name] = mode
            let isAction = feature.kind == .action
            guard let values = try buffer(isAction ? "unnormalize_outputs" : "normalize_inputs", feature, mode) else {
                throw PeerPolicyError(
                    .statistics, file: weightsName, key: feature.name,
                    "the weights hold no statistics of a feature that is normalized by \(mode.rawValue)",
                    remedy: "Use the file that LeRobot saved.")
            }
            if isAction {
                outputs[feature.name] = values
                inputs[feature.name] = try buffer("normalize_targets", feature, mode) ?? values
            } else {
                inputs[feature.name] = values
            }
        }
        return (
            FeatureNormalizer(statistics: inputs, modes: modes, epsilon: 1e-8, isLegacy: true),
            FeatureNormalizer(statistics: outputs, modes: modes, epsilon: 1e-8, isLegacy: true)
        )
    }
}
