public import Foundation
public import TensorCore

/// An OpenVLA folder in Hugging Face's layout: `config.json`, `preprocessor_config.json`, shards, tokenizer, statistics.
public struct OpenVLAFolder: Sendable {
    public let url: URL
    public let configuration: OpenVLAConfiguration
    public let statistics: OpenVLAStatistics
    public let weights: [String: Tensor]
    public let tokenizer: LlamaTokenizer
    public let findings: [PeerFinding]

    /// - Throws: ``PeerPolicyError`` or `SerializationError`.
    public init(at url: URL) throws {
        self.url = url
        let file = try JSONFile("config.json", in: url)
        configuration = try OpenVLAConfiguration(
            file, preprocessor: try JSONFile("preprocessor_config.json", in: url))
        var findings: [PeerFinding] = []
        let hasStatistics = FileManager.default.fileExists(
            atPath: url.appendingPathComponent("dataset_statistics.json").path)
        statistics = try OpenVLAStatistics(
            statistics: hasStatistics ? try JSONFile("dataset_statistics.json", in: url) : nil, configuration: file)
        if hasStatistics, file.has("norm_stats") {
            findings.append(
                PeerFinding(.ignored, "config.json: norm_stats are replaced by dataset_statistics.json"))
        }
        if FileManager.default.fileExists(atPath: url.appendingPathComponent("lora_adapter").path) {
            findings.append(PeerFinding(.ignored, "lora_adapter/ is left over: the weights are merged already"))
        }
        let shards = try ShardedSafetensors(at: url)
        var weights: [String: Tensor] = [:]
        for name in shards.names { weights[name] = try shards.tensor(name) }
        self.weights = weights
        tokenizer = try LlamaTokenizer(in: url)
        guard tokenizer.vocabularySize <= configuration.vocabularySize else {
            throw PeerPolicyError(
                .damaged, file: "tokenizer.json",
                "\(tokenizer.vocabularySize) ids for \(configuration.vocabularySize) embeddings",
                remedy: "Use the tokenizer that was saved with the weights.")
        }
        self.findings = findings
    }

    /// The one file of a component such as `action_head--150000_checkpoint.pt`; nil where there is none.
    ///
    /// - Throws: ``PeerPolicyError`` when there are several.
    static func component(_ name: String, in folder: URL) throws -> URL? {
        let entries = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        let found = entries.filter {
            $0.lastPathComponent.hasPrefix("\(name)--") && $0.pathExtension == "pt"
        }.sorted { $0.lastPathComponent < $1.lastPathComponent }
        guard found.count < 2 else {
            throw PeerPolicyError(
                .damaged, file: folder.lastPathComponent, key: name,
                "several files: \(found.map(\.lastPathComponent).joined(separator: ", "))",
                remedy: "Keep the one of the step that the weights are of.")
        }
        return found.first
    }

    /// Tensors of a component's file, `module.` removed from names; low-rank changes merged with scale ½.
    static func tensors(at url: URL) throws -> [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        for (name, tensor) in try TorchArchive(at: url).stateDict() {
            tensors[name.hasPrefix("module.") ? String(name.dropFirst("module.".count)) : name] = tensor
        }
        return try merged(tensors, file: url.lastPathComponent)
    }

    /// W + ½ · B A in place of `base_layer`, `lora_A` and `lora_B`.
    private static func merged(_ tensors: [String: Tensor], file: String) throws -> [String: Tensor] {
        var result = tensors
        for (name, base) in tensors where name.contains(".base_layer.") {
            let plain = name.replacing(".base_layer.", with: ".")
            result[name] = nil
            result[plain] = base
            guard name.hasSuffix(".weight") else { continue }
            let stem = String(plain.dropLast(".weight".count))
            let names = ["\(stem).lora_A.default.weight", "\(stem).lora_B.default.weight"]
            guard let a = tensors[names[0]], let b = tensors[names[1]] else { continue }
            guard base.rank == 2, a.rank == 2, b.rank == 2, a.shape[1] == base.shape[1], b.shape[0] == base.shape[0],
                a.shape[0] == b.shape[1]
            else {
                throw PeerPolicyError(
                    .weights, file: file, key: names[0],
                    "\(a.shape) and \(b.shape) do not change a matrix \(base.shape)",
                    remedy: "Merge the adapter with its own library.")
            }
            result[plain] =
                base.converted(to: .float32) + matmul(b.converted(to: .float32), a.converted(to: .float32)) * 0.5
            for name in names { result[name] = nil }
        }
        return result
    }
}
