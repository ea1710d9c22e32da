public import Foundation
import TensorCore

/// What a foreign policy folder is, how large, with which statistics, what is missing and what is suspicious.
public struct PeerInspection: Codable, Hashable, Sendable {
    public let folder: String
    public let family: PeerFamily
    /// Sizes and settings, a line each.
    public private(set) var facts: [String] = []
    /// Repairs and surprises.
    public private(set) var findings: [String] = []
    /// Why the policy cannot be used as it is; nil when it can.
    public private(set) var problem: String?
    public private(set) var parameterCount: Int?

    /// Reads a folder as far as it can be read; nil when it is no policy of another project.
    ///
    /// - Parameters:
    ///   - folder: The folder.
    ///   - options: Chooses statistics, and says where a vision-language model lies.
    public init?(of folder: URL, options: PeerPolicyOptions = PeerPolicyOptions()) {
        guard let family = PeerFamily(at: folder) else { return nil }
        self.folder = folder.path
        self.family = family
        do {
            switch family {
            case .openVLA, .openVLAOFT: try describeOpenVLA(folder, options)
            case .act, .diffusion, .smolVLA: try describeLeRobot(folder, options)
            case .pi0, .pi05, .otherLeRobot: _ = try PeerPolicy.load(folder, options: options)
            }
        } catch {
            problem = "\(error)"
        }
    }

    private mutating func describeLeRobot(_ url: URL, _ options: PeerPolicyOptions) throws {
        // what the configuration says comes first: it is shown even if the rest is damaged
        let configuration = try LeRobotConfiguration(JSONFile("config.json", in: url))
        for feature in configuration.inputs + configuration.outputs {
            let mode = configuration.mode(of: feature).rawValue
            facts.append("\(feature.kind.rawValue.lowercased()) \(feature.name) \(feature.shape), \(mode)")
        }
        let folder = try LeRobotFolder(at: url, statisticsPrefix: options.statistics)
        facts.append(
            folder.isLegacy ? "statistics inside the weights (LeRobot to 0.3)" : "statistics in processors' files")
        for feature in configuration.used {
            let normalizer = feature.kind == .action ? folder.outputNormalizer : folder.inputNormalizer
            let values = normalizer.statistics[feature.name]
            for name in values.keys.sorted() where feature.kind != .visual && name != "count" {
                let numbers = values[name]!.prefix(8).map { String(format: "%.4g", Double($0)) }
                facts.append("  \(feature.name) \(name): \(numbers.joined(separator: " "))")
            }
        }
        let elements = folder.weights.values.reduce(0) { $0 + $1.elementCount }
        parameterCount = elements
        findings = folder.findings.map(\.description)
        switch family {
        case .act:
            let policy = try ACTPolicy(folder)
            let c = policy.configuration
            facts.append(
                "width \(c.width), \(c.encoderLayerCount) + \(c.decoderLayerCount) layers, \(c.backbone); chunk "
                    + "\(c.chunkSize), \(c.actionSteps) executed"
                    + (c.ensembleCoefficient.map { ", temporal ensemble \($0)" } ?? ""))
            findings = policy.findings.map(\.description)
        case .diffusion:
            let policy = try DiffusionPolicy(folder)
            let c = policy.configuration
            facts.append(
                "U-Net \(c.downSizes), \(c.scheduler.kind.rawValue) with \(c.inferenceSteps) steps; horizon \(c.horizon), "
                    + "\(c.actionSteps) executed, \(c.observationSteps) observations")
            findings = policy.findings.map(\.description)
        default:
            let policy = try SmolVLAPolicy(
                folder, vlmFolder: options.visionLanguageModel.map { URL(fileURLWithPath: $0) })
            let c = policy.configuration
            facts.append(
                "text \(c.textWidth) × \(c.textLayerCount) layers, expert \(c.expertWidth) × \(c.expertLayerCount), "
                    + "images \(c.imageWidth) × \(c.imageHeight); chunk \(c.chunkSize), \(c.actionSteps) executed, "
                    + "\(c.stepCount) steps")
            findings = policy.findings.map(\.description)
        }
    }

    private mutating func describeOpenVLA(_ url: URL, _ options: PeerPolicyOptions) throws {
        let folder = try OpenVLAFolder(at: url)
        let c = folder.configuration
        facts.append(
            "Llama \(c.hiddenSize) × \(c.layerCount) layers, \(c.headCount) heads, \(c.vocabularySize) tokens; images "
                + "\(c.images[0].size) × \(c.images[0].size)")
        facts.append("statistics of \(folder.statistics.keys.joined(separator: ", "))")
        parameterCount = folder.weights.values.reduce(0) { $0 + $1.elementCount }
        findings = folder.findings.map(\.description)
        let key = try folder.statistics.key(options.statistics ?? folder.statistics.keys.first)
        if folder.statistics.keys.count > 1, options.statistics == nil {
            findings.append("suspicious: several data sets; one has to be chosen, likely statistics=\(key)")
        }
        let range = try folder.statistics.range(key, "action")
        func numbers(_ values: [Double]) -> String {
            values.map { String(format: "%.4g", $0) }.joined(separator: " ")
        }
        facts.append("  \(key) action q01: \(numbers(range.low))")
        facts.append("  \(key) action q99: \(numbers(range.high))")
        let equal = range.low.indices.filter { range.mask[$0] && range.low[$0] == range.high[$0] }
        if !equal.isEmpty {
            findings.append("suspicious: action dimensions \(equal) do not vary between q01 and q99")
        }
        if family == .openVLAOFT {
            findings.append(
                "suspicious: chunk length and number of images are not in the folder; likely chunk=8 and 2 images (LIBERO)"
            )
            _ = try OpenVLAOFTPolicy(
                folder, key: key, settings: .init(chunkSize: options.chunkSize ?? 8, imageCount: 2))
        } else {
            _ = try OpenVLAPolicy(folder, key: key)
        }
    }

    /// Lines for a terminal.
    public var text: String {
        var lines = ["\(folder): \(family.title)"]
        if let parameterCount { lines.append("  \(parameterCount) numbers in the weights") }
        lines += facts.map { "  \($0)" }
        lines += findings.map { "  \($0)" }
        lines.append(problem.map { "  CANNOT BE USED: \($0)" } ?? "  all names, shapes and statistics fit")
        return lines.joined(separator: "\n")
    }
}
