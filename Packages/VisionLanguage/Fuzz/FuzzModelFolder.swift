// Fuzzes folders of models: indices of shards, shards and configurations that do not belong together.
// modules: VisionLanguage
// fixtures: golden/models/loader/*.pth
import FileSupport
import Foundation
import TensorCore
import VisionLanguage

private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "fuzz-\(ProcessInfo.processInfo.processIdentifier)")
private let names = [
    "config.json", "model.safetensors.index.json", "model.safetensors", "pytorch_model.bin.index.json",
    "pytorch_model.bin", "a.safetensors", "b.safetensors", "a.bin", "vision_language.json",
]

/// A file of a folder in the fuzzer's input: the number of its name, its length in three bytes, its bytes.
private func entry(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
    let count = bytes.count
    return [UInt8(names.firstIndex(of: name)!), UInt8(count & 255), UInt8(count >> 8 & 255), UInt8(count >> 16)] + bytes
}

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    writeSeeds {
        let table: [(name: String, tensor: Tensor)] = [("model.embed_tokens.weight", .zeros([6, 4]))]
        let norm: [(name: String, tensor: Tensor)] = [("model.norm.weight", .zeros([4]))]
        let index = """
            {"metadata": {"total_size": 112}, "weight_map": {"model.embed_tokens.weight": "a.safetensors", \
            "model.norm.weight": "b.safetensors"}}
            """
        let config = """
            {"hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 1, "num_key_value_heads": 1, \
            "n_routed_experts": 4, "vocab_size": 6, "max_position_embeddings": 8}
            """
        let whole = """
            {"tower": {"keypoints": {"imageSize": 8, "stageWidths": [2], "residualCount": 0, "keypointCount": 1, \
            "tokenWidth": 4}}, "projector": {"linear": {}}}
            """
        let bins = #"{"weight_map": {"model.norm.weight": "a.bin"}}"#
        return [
            (
                "sharded",
                entry("config.json", Array(config.utf8)) + entry("model.safetensors.index.json", Array(index.utf8))
                    + entry("a.safetensors", Safetensors.data(table)) + entry("b.safetensors", Safetensors.data(norm))
            ),
            (
                "whole",
                entry("config.json", Array(config.utf8)) + entry("model.safetensors", Safetensors.data(table + norm))
                    + entry("vision_language.json", Array(whole.utf8))
            ),
            ("single", entry("model.safetensors", Safetensors.data(table + norm))),
            ("bins", entry("pytorch_model.bin.index.json", Array(bins.utf8)) + entry("a.bin", Array("PK".utf8))),
        ]
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzModelFolder(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    for name in names { try? FileManager.default.removeItem(at: folder.appendingPathComponent(name)) }
    var place = 0
    while place + 4 <= count {
        let name = names[Int(bytes[place]) % names.count]
        let length = Int(bytes[place + 1]) | Int(bytes[place + 2]) << 8 | Int(bytes[place + 3]) << 16
        let end = min(count, place + 4 + length)
        try? Data(bytes[(place + 4)..<end]).write(to: folder.appendingPathComponent(name))
        place = end
    }
    do {
        let checkpoint = try Checkpoint(at: folder)
        let description = try ModelDescription(of: checkpoint)
        _ = (description.summary, description.parameterCount)
        // a table of positions is as long as the configuration says
        if description.mismatch == nil, description.decoder?.positionCount ?? 0 <= 4096 {
            _ = try? ModelFolder.decoder(at: folder)
            _ = try? ModelFolder.visionTower(at: folder)
            _ = try? VisionLanguageFolder(at: folder)
        }
    } catch {
        precondition(error is SerializationError || error is ConfigurationError, "\(error)")
    }
    return 0
}
