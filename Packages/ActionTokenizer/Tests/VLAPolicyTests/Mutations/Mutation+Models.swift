import RobotInterface
import ActionTokenizer
import Foundation
import TensorCore
import TensorNN
import Testing
import VLAPolicy

extension Mutation {
    private static func policy(
        _ change: (inout PolicyRecipe) -> Void = { _ in }
    ) throws -> LearnedPolicy<RegressionModel> {
        let assembly = try MutationWorld.assembly.get()
        let recipe = SmallWorld.recipe(change)
        return try RegressionPolicy(
            model: PolicyTrainerTests.model(recipe, assembly), observationPipeline: assembly.observationPipeline,
            actionPipeline: assembly.actionPipeline, tokenizer: assembly.tokenizer)
    }

    private static func loaded(_ change: (inout PolicyCheckpoint) throws -> Void) throws {
        var checkpoint = try PolicyCheckpoint(policy(), training: TrainingRecord(data: "", dataHash: ""))
        try change(&checkpoint)
        _ = try checkpoint.policy()
    }

    /// Writes a checkpoint, changes the folder, reads it.
    private static func reread(_ change: (URL) throws -> Void) throws {
        let folder = PolicyTrainerTests.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try PolicyCheckpoint(policy(), training: TrainingRecord(data: "", dataHash: "")).write(to: folder)
        try change(folder)
        _ = try PolicyCheckpoint(at: folder)
    }

    private static func edit(_ file: URL, _ old: String, _ new: String) throws {
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.contains(old))
        try text.replacingOccurrences(of: old, with: new).write(to: file, atomically: true, encoding: .utf8)
    }

    static let ofModels: [Mutation] = [
        .refused("a tensor is missing", by: "strict loading", naming: "missing", "queries") {
            try loaded { $0.weights["queries"] = nil }
        },
        .refused("nothing is loaded, unnoticed", by: "strict loading", naming: "missing") {
            try loaded { $0.weights = [:] }
        },
        .refused("a tensor nobody asked for", by: "strict loading", naming: "no place", "module.queries") {
            try loaded { $0.weights["module.queries"] = .zeros([1]) }
        },
        .refused("a tensor of another shape", by: "strict loading", naming: "wrong shape", "queries") {
            try loaded { $0.weights["queries"] = .zeros([2, 2]) }
        },
        .refused("weights that are not numbers", by: "strict loading", naming: "NaN") {
            try loaded { $0.weights["queries"] = .full($0.weights["queries"]!.shape, .nan) }
        },
        .refused("a configuration of another model", by: "model and pipelines compared", naming: "horizon") {
            let assembly = try MutationWorld.assembly.get()
            var sizes = try assembly.sizes()
            sizes.horizon = 5
            var generator = PhiloxGenerator(seed: 0)
            let model = RegressionModel(
                .init(sizes: sizes, settings: SmallWorld.recipe().regression!), using: &generator)
            _ = try RegressionPolicy(
                model: model, observationPipeline: assembly.observationPipeline,
                actionPipeline: assembly.actionPipeline, tokenizer: assembly.tokenizer)
        },
        .refused("a pipeline edited by hand", by: "content hash", naming: "pipeline.json") {
            try reread { try edit($0.appendingPathComponent("pipeline.json"), "rotated180", "raw") }
        },
        .refused("statistics of another checkpoint", by: "content hash", naming: "statistics.json") {
            try reread { try edit($0.appendingPathComponent("statistics.json"), "\"q99\"", "\"q98\"") }
        },
        .refused("weights damaged on the way", by: "content hash", naming: "model.safetensors") {
            try reread { folder in
                let file = folder.appendingPathComponent("model.safetensors")
                var bytes = try Data(contentsOf: file)
                bytes[bytes.count - 5] ^= 1
                try bytes.write(to: file)
            }
        },
        .refused("a checkpoint half copied", by: "manifest", naming: "tokenizer.json") {
            try reread { try FileManager.default.removeItem(at: $0.appendingPathComponent("tokenizer.json")) }
        },
        Mutation("images are ignored", .detected, by: "`imageInfluence`") {
            let observations = (0..<4).map { SmallWorld.observation([Double($0) / 4, 0.5], at: [0, 0, 0.2]) }
            let others = (0..<4).map { SmallWorld.observation([0.9, Double($0) / 4], at: [0, 0, 0.2]) }
            let generator = PhiloxGenerator(seed: 0)
            #expect(try policy().imageInfluence(observations, imagesOf: others, using: generator) > 1e-4)
            let blind = try BlindPolicy(policy())
            #expect(try blind.imageInfluence(observations, imagesOf: others, using: generator) == 0)
        },
        Mutation("two batches differ in a row that is the same", .impossible, by: "each observation is computed alone")
        {
            let policy = try Self.policy()
            let (a, b) = (
                SmallWorld.observation([0.1, 0.5], at: [0, 0, 0.2]),
                SmallWorld.observation([0.8, 0.2], at: [0.1, 0, 0.1])
            )
            var generators = [PhiloxGenerator(seed: 0), PhiloxGenerator(seed: 1)]
            let together = try policy.actionChunks(for: [a, b], using: &generators)
            var generator = PhiloxGenerator(seed: 1)
            #expect(try policy.actionChunk(for: b, using: &generator) == together[1])
        },
    ]
}

/// A policy that sees one image whatever is in front of it.
private struct BlindPolicy: Policy {
    let policy: LearnedPolicy<RegressionModel>
    init(_ policy: LearnedPolicy<RegressionModel>) { self.policy = policy }
    var requirements: PolicyRequirements { policy.requirements }

    func actionChunks<Generator: RandomNumberGenerator>(
        for observations: [Observation], using generators: inout [Generator]
    ) throws -> [ActionChunk] {
        let blind = observations.map { observation in
            var observation = observation
            observation.cameras = SmallWorld.observation([0.5, 0.5], at: .zero).cameras
            return observation
        }
        return try policy.actionChunks(for: blind, using: &generators)
    }
}
