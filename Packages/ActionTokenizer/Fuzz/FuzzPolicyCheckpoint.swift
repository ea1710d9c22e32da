// Fuzzes the files of a policy's checkpoint: one of them is the input, the others and the manifest fit it.
// modules: VLAPolicy
import RobotInterface
import ActionTokenizer
import Foundation
import TensorCore
import TensorNN
import VLAPolicy

/// The files that an input stands for by its first byte.
private let names = [
    "config.json", "pipeline.json", "training.json", "statistics.json", "tokenizer.json", "model.safetensors",
]

/// A small policy's checkpoint, of each family.
private let checkpoints: [[String: [UInt8]]] = PolicyFamily.registered.map { family in
    do { return try checkpoint(family) } catch { fatalError("the sample checkpoint cannot be made: \(error)") }
}

private func checkpoint(_ family: PolicyFamily) throws -> [String: [UInt8]] {
    var recipe = PolicyRecipe(name: "fuzz", family: family)
    recipe.cameras = []
    recipe.action.horizon = 2
    recipe.action.gripper = .number
    recipe.action.tokens?.kind = .fast
    var encoder = PolicyEncoder.Configuration()
    (encoder.vision, encoder.width, encoder.layerCount, encoder.headCount) = (nil, 4, 1, 1)
    encoder.intermediateSize = 4
    recipe.regression?.encoder = encoder
    recipe.flowMatching?.encoder = encoder
    if var decoder = recipe.token?.decoder {
        (decoder.hiddenSize, decoder.layerCount, decoder.headCount) = (4, 1, 1)
        (decoder.keyValueHeadCount, decoder.headSize, decoder.intermediateSize) = (1, 4, 4)
        recipe.token?.decoder = decoder
    }
    let actions = (0..<6).map { [Double($0 % 3) / 4, 0.5, -0.5, 0, 0, 0.25, $0 < 3 ? -1 : 1] }
    let set = InMemoryDemonstrationSet(
        name: "fuzz", cameras: [:], stateLayout: .libero, actionSpace: .libero,
        demonstrations: (0..<2).map { _ in
            InMemoryDemonstration(
                instruction: "go there", task: "go", actions: actions,
                states: actions.indices.map { frame in (0..<8).map { Double((frame + $0) % 3) } }
            ) { _ in Observation(cameras: [:], state: nil, instruction: "go there") }
        })
    let assembly = try PolicyAssembly(recipe, set)
    func files<Model: PolicyModel>(_: Model.Type) throws -> [String: [UInt8]] {
        var generator = PhiloxGenerator(seed: 1)
        let configuration = try Model.configuration(
            for: recipe, sizes: assembly.sizes(), actions: assembly.actionPipeline)
        let policy = try LearnedPolicy(
            model: Model(configuration, using: &generator), observationPipeline: assembly.observationPipeline,
            actionPipeline: assembly.actionPipeline, tokenizer: assembly.tokenizer)
        return try PolicyCheckpoint(policy, training: TrainingRecord(recipe: recipe, data: "", dataHash: "")).files()
    }
    return try files(family.model)
}

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds {
        checkpoints.enumerated().flatMap { family, files in
            names.enumerated().compactMap { index, name in
                files[name].map { ("\(family)-\(name)", [UInt8(family), UInt8(index)] + $0) }
            }
        }
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPolicyCheckpoint(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard count > 2 else { return 0 }
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    var files = checkpoints[Int(bytes[0]) % checkpoints.count]
    files[names[Int(bytes[1]) % names.count]] = Array(bytes[2...])
    guard let manifest = try? PolicyCheckpoint.manifest(of: files) else { return 0 }
    files["checkpoint.json"] = manifest
    guard let checkpoint = try? PolicyCheckpoint(files: files), let policy = try? checkpoint.policy() else { return 0 }
    // what is accepted acts, or says why not
    var generators = [PhiloxGenerator(seed: 1)]
    let observation = Observation(
        cameras: [:],
        state: RobotState(
            endEffectorPosition: [0.1, 0.2, 0.3], endEffectorOrientation: .axisAngle([3, 0, 0]),
            fingerPositions: [0.02, -0.02]), instruction: "go there")
    _ = try? act(policy, observation, &generators)
    return 0
}

private func act(
    _ policy: some Policy, _ observation: Observation, _ generators: inout [PhiloxGenerator]
) throws -> [ActionChunk] {
    try policy.actionChunks(for: [observation], using: &generators)
}
