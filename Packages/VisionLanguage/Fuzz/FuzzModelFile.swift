// Fuzzes what is told from weight files and configurations: no file makes it stop or allocate without bound.
// modules: VisionLanguage
// fixtures: golden/models/loader/*.pth golden/models/loader/*.bin
import Foundation
import TensorCore
import VisionLanguage

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds {
        let layer = "model.layers.0."
        let tensors: [(name: String, tensor: Tensor)] = [
            ("model.embed_tokens.weight", .zeros([6, 4])), (layer + "self_attn.q_proj.weight", .zeros([4, 4])),
            (layer + "self_attn.k_proj.weight", .zeros([2, 4])), (layer + "mlp.gate.weight", .zeros([3, 4])),
            (layer + "self_attn.q_norm.weight", .zeros([2])), ("vision_proj.mlp.0.weight", .zeros([4])),
            ("vision_encoder.vision_model.embeddings.patch_embedding.weight", .zeros([4, 3, 2, 2])),
            ("vision_encoder.vision_model.embeddings.position_embedding.weight", .zeros([4, 4])),
        ]
        let old: [(name: String, tensor: Tensor)] = [
            ("tok_embeddings.weight", .zeros([6, 4])), ("layers.0.attention.wq.weight", .zeros([4, 4])),
        ]
        let json =
            #"{"hidden_size": 32, "num_experts": 4, "head_dim": 8, "use_moe": true, "inference_rope_scaling": true}"#
        let clip =
            #"{"model_type": "clip", "vision_config": {"hidden_size": 32, "patch_size": 8, "hidden_act": "gelu"}}"#
        return [
            ("model", Safetensors.data(tensors)), ("old", Safetensors.data(old)), ("minimind", Array(json.utf8)),
            ("clip", Array(clip.utf8)),
        ]
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzModelFile(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    for generation in [nil] + MiniMindGeneration.allCases.map(Optional.init) {
        _ = try? DecoderConfiguration(miniMind: Data(bytes), generation: generation)
    }
    for family in [nil] + VisionTransformerConfiguration.Family.allCases.map(Optional.init) {
        _ = try? VisionTransformerConfiguration(huggingFace: Data(bytes), family: family)
    }
    guard let archive = try? TensorArchive.open(bytes: bytes, name: "input"),
        let tensors = try? archive.names.map({ (name: $0, tensor: try archive.tensor($0)) })
    else { return 0 }
    let checkpoint = Checkpoint(tensors: tensors, name: "input")
    if let description = try? ModelDescription(of: checkpoint) { _ = description.summary }
    _ = try? checkpoint.convertedToCurrentLayout(headSize: 4)
    return 0
}
