import FileSupport
public import Foundation
import VisionLanguage

/// Names of another program's weights and what they are called here, by their beginnings.
///
/// As a file: `{"state_proj.0.": "state_proj.fc1.", "optimizer.": null}`; null leaves tensors aside. Of several beginnings
/// that fit, the longest counts; a name that none fits stays.
public struct WeightNameMap: Hashable, Sendable {
    public var beginnings: [String: String?]

    public init(_ beginnings: [String: String?]) { self.beginnings = beginnings }

    /// The 2025 system's: MiniMind-V's names, which are those of ``TokenModel``, and the state's projector as PyTorch numbers
    /// the parts of a sequence.
    public static let microVLA2025 = WeightNameMap([
        "state_proj.0.": "state_proj.fc1.", "state_proj.3.": "state_proj.fc2.", "state_proj.4.": "state_proj.norm.",
        "model.vision_encoder.": "vision_encoder.", "model.vision_proj.": "vision_proj.",
    ])

    /// Reads the file's form.
    ///
    /// - Throws: ``CheckpointError/damaged(file:_:)`` when it is no object of texts.
    public init(at file: URL) throws {
        let data = try FileContent.data(at: file)
        guard data.count < 1 << 20 else { throw CheckpointError.damaged(file: file.path, "it has \(data.count) bytes") }
        let map: [String: String?]
        do { map = try JSONDecoder().decode([String: String?].self, from: ByteOrderMark.dropped(from: data)) } catch {
            let found = JSONReading.explanation(of: error, in: data)
            throw CheckpointError.damaged(
                file: file.path, "it is no object from beginnings of names to others: \(found)")
        }
        beginnings = map
    }

    /// What a tensor is called here; nil for one that is left aside.
    public func name(of other: String) -> String? {
        let longest = beginnings.keys.filter { other.hasPrefix($0) }.max { $0.count < $1.count }
        guard let longest else { return other }
        guard let replacement = beginnings[longest]! else { return nil }
        return replacement + other.dropFirst(longest.count)
    }

    /// The same tensors under this program's names.
    ///
    /// - Throws: ``CheckpointError/damaged(file:_:)`` when two tensors get one name.
    func renamed(_ checkpoint: Checkpoint) throws -> Checkpoint {
        var found: Set<String> = []
        let tensors = try checkpoint.names.compactMap { other in
            try name(of: other).map { name in
                guard found.insert(name).inserted else {
                    throw CheckpointError.damaged(
                        file: checkpoint.url.path, "two of its tensors are called '\(name)' here, one is '\(other)'")
                }
                return (name: name, tensor: checkpoint.tensors[other]!)
            }
        }
        return Checkpoint(tensors: tensors, name: checkpoint.url.path, configuration: checkpoint.configuration)
    }
}

extension TokenModel: WeightTying {
    public var tiedWeights: [String: String] { decoder.tiedWeights }
}

extension TokenModel {
    /// Takes over the weights of another program, such as the 2025 system's `.pth` state dict; strictly, or not at all.
    ///
    /// Files of MiniMind from before 2025-04-26 are converted, their rotated rows too.
    ///
    /// - Parameters:
    ///   - file: A `.pth`, `.bin` or safetensors file, or a folder of them.
    ///   - names: Which of its names is which parameter.
    ///   - vision: The published vision model, when the file does not hold it.
    /// - Returns: What was loaded from each.
    /// - Throws: `SerializationError`, or `CheckpointMismatch` with everything that does not fit.
    @discardableResult
    public mutating func loadWeights(
        ofOtherProgram file: URL, names: WeightNameMap = .microVLA2025, vision: URL? = nil
    ) throws -> [LoadingReport] {
        var reports: [LoadingReport] = []
        var result = self
        if let vision {
            guard case .transformer(var tower) = result.visionLanguage.tower else {
                throw CheckpointError.unsupported("a published vision model of a tower that is trained from nothing")
            }
            let (loaded, report) = try ModelFolder.visionTower(at: vision)
            try tower.load(loaded.parameters)
            result.visionLanguage.tower = .transformer(tower)
            reports.append(report)
        }
        var checkpoint = try Checkpoint(at: file)
        if checkpoint.layout != .current {
            checkpoint = try checkpoint.convertedToCurrentLayout(headSize: configuration.settings.decoder.headSize)
        }
        var options = LoadingOptions()
        options.mayBeAbsent = { vision != nil && $0.hasPrefix("vision_encoder.") }
        reports.append(try result.load(names.renamed(checkpoint), options))
        if configuration.settings.freezesVision { result.visionLanguage.tower?.setTrainable(false) }
        self = result
        return reports
    }
}
