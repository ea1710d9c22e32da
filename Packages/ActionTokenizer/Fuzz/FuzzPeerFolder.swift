// Fuzzes the readers of other projects' policy folders: the input is one file of a folder whose others fit it.
// modules: PeerPolicies
// fixtures: golden/peers/*/pretrained_model/*.json golden/peers/*/checkpoint/*.json golden/peers/traps/*/*.json golden/peers/*/pretrained_model/policy_*.safetensors
import Foundation
import PeerPolicies
import TensorCore

/// The files that an input stands for by its first byte; the rest is the content. Files that begin with a brace stand
/// for every JSON file in turn.
private let names = [
    "config.json", "policy_preprocessor.json", "policy_postprocessor.json", "stats.safetensors", "model.safetensors",
    "preprocessor_config.json", "dataset_statistics.json", "tokenizer.json",
]

private let processor = """
    {"name": "p", "steps": [{"registry_name": "KIND", "config": {"eps": 1e-8, "features": {
    "observation.state": {"type": "STATE", "shape": [2]}, "action": {"type": "ACTION", "shape": [2]}},
    "norm_map": {"STATE": "MEAN_STD", "ACTION": "MEAN_STD"}}, "state_file": "stats.safetensors"}]}
    """

private let samples: [String: [UInt8]] = [
    "config.json": Array(
        """
        {"type": "act", "input_features": {"observation.state": {"type": "STATE", "shape": [2]},
        "observation.environment_state": {"type": "ENV", "shape": [2]}}, "output_features": {"action": {"type": "ACTION",
        "shape": [2]}}, "normalization_mapping": {"STATE": "MEAN_STD", "ACTION": "MEAN_STD"}, "dim_model": 4,
        "n_heads": 2}
        """.utf8),
    "policy_preprocessor.json": Array(processor.replacing("KIND", with: "normalizer_processor").utf8),
    "policy_postprocessor.json": Array(processor.replacing("KIND", with: "unnormalizer_processor").utf8),
    "stats.safetensors": Safetensors.data([
        ("observation.state.mean", Tensor([0, 0])), ("observation.state.std", Tensor([1, 1])),
        ("action.mean", Tensor([0, 0])), ("action.std", Tensor([1, 1])),
    ]),
    "model.safetensors": Safetensors.data([("model.action_head.bias", Tensor([0, 0]))]),
]

private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fuzz-peer-\(getpid())")

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?) -> CInt {
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    guard size > 1 else { return 0 }
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    let isPlain = bytes[0] == UInt8(ascii: "{")
    let chosen = isPlain ? names.filter { $0.hasSuffix(".json") } : [names[Int(bytes[0]) % names.count]]
    let content = isPlain ? bytes : Array(bytes.dropFirst())
    for name in chosen {
        var files = samples
        files[name] = content
        for (file, bytes) in files { try? Data(bytes).write(to: folder.appendingPathComponent(file)) }
        if let inspection = PeerInspection(of: folder) { _ = inspection.text }
        for name in names { try? FileManager.default.removeItem(at: folder.appendingPathComponent(name)) }
    }
    return 0
}
