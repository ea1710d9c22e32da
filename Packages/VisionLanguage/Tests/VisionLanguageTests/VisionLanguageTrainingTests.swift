import Foundation
import ImageProcessing
import TensorCore
import TensorTestSupport
import TensorTraining
import TextTokenizers
import VisionLanguage
import Testing

/// A model's folder, a tower and conversations become the folder of a trained model.
@Suite(.serialized) struct VisionLanguageTrainingTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tuning-\(UUID().uuidString)")

    private static let tokenizers = SharedFixtures.folders(in: "data/minimind") { $0.hasPrefix("2025") }
        .map { $0.appendingPathComponent("tokenizer.json") }

    private func url(_ name: String) -> URL { folder.appendingPathComponent(name) }

    /// A small model, its tower and six conversations about images.
    private func training(_ tokenizer: URL, _ name: String) throws -> VisionLanguageTraining {
        if !FileManager.default.fileExists(atPath: url("model").path) {
            var generator = PhiloxGenerator(seed: 2)
            let decoder = DecoderTests.small { ($0.vocabularySize, $0.positionCount) = (6400, 256) }
            let model = VisionLanguageModel(
                vision: ModelFolderTests.vision, projector: .linear, decoder: decoder, using: &generator)
            try ModelFolder.save(model, to: url("model"))
            try FileManager.default.copyItem(at: tokenizer, to: url("model/tokenizer.json"))
            try Safetensors.write(model.tower!.parameters.map { ($0.key, $0.value) }, to: url("clip.safetensors"))
            let lines = try (0..<6).map { index in
                try Data(PNG.encode(RGBImage(width: 20, height: 16, color: [UInt8(40 * index), 90, 200])))
                    .write(to: url("\(index).png"))
                return #"{"conversations": [{"role": "user", "content": "<image>\nWhich?"}, "#
                    + #"{"role": "assistant", "content": "Number \#(index)."}], "image": "\#(index).png"}"#
            }
            try Data(lines.joined(separator: "\n").utf8).write(to: url("set.jsonl"))
        }
        var recipe = VisionLanguageRecipe.tuning07
        (recipe.epochCount, recipe.batchSize, recipe.maximumLength, recipe.baseRate) = (4, 2, 128, 1e-3)
        return VisionLanguageTraining(
            recipe, model: url("model"), tower: url("clip.safetensors"),
            on: try ConversationLines(at: url("set.jsonl")), output: url(name))
    }

    @Test(arguments: tokenizers)
    func aStoppedTrainingEndsInTheSameBytes(tokenizer: URL) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var events: [String] = []
        let result = try training(tokenizer, "whole").run(progress: { events.append("\($0)") })
        #expect(result.stoppedAfter == nil && result.conversationCount == 6)
        #expect(events.first?.hasPrefix("6 conversations; trained: decoder") == true)
        #expect(events.contains { $0.hasPrefix("step 12/12") })
        let trained = try Data(contentsOf: url("whole/model.safetensors"))
        #expect(trained != (try Data(contentsOf: url("model/model.safetensors"))))
        #expect(FileManager.default.fileExists(atPath: url("whole/tokenizer.json").path))

        var asked = 0
        let stopped = try training(tokenizer, "stopped").run(shouldStop: {
            asked += 1
            return asked > 5
        })
        #expect(stopped.stoppedAfter == 5)
        #expect(!FileManager.default.fileExists(atPath: url("stopped/model.safetensors").path))
        #expect(try training(tokenizer, "stopped").run().stoppedAfter == nil)
        #expect(try Data(contentsOf: url("stopped/model.safetensors")) == trained)

        // with its tower it is whole
        var whole = try training(tokenizer, "with tower")
        whole.includesTower = true
        try whole.run()
        #expect(try VisionLanguageFolder(at: url("with tower")).model.tower != nil)
    }

    @Test(arguments: tokenizers)
    func whatDoesNotFitIsTold(tokenizer: URL) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var training = try training(tokenizer, "policy")
        try training.run()
        training.recipe.baseRate = 1
        #expect { try training.run() } throws: { "\($0)".contains("recipe.baseRate") && $0 is RunPlanError }
        training.recipe.generation = .june2026
        #expect(
            throws: VisionLanguageTrainingError.otherGeneration(recipe: .june2026, tokenizer: .july2025)
        ) { try training.run() }
        training = try self.training(tokenizer, "nothing")
        training.conversationLimit = 0
        #expect(throws: VisionLanguageTrainingError.noConversations) { try training.run() }
        try FileManager.default.removeItem(at: url("model/tokenizer.json"))
        #expect(throws: VisionLanguageTrainingError.noTokenizer(folder: url("model").path)) { try training.run() }
    }
}
