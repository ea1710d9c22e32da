import FileSupport
import Foundation
import TensorCore
import TensorTestSupport
import Testing
import TextTokenizers
import VisionLanguage

/// `cases/15…19`: weights and configurations as other programs write them.
@Suite struct WeightCasesTests {
    static func folders(_ kind: String) -> [URL] { SharedFixtures.folders(in: "cases") { $0.hasPrefix(kind) } }

    /// The weight file of a folder whose file has a name of its own, else the folder.
    private func weights(in folder: URL) throws -> URL {
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return files.first { ["pt", "pth", "ckpt", "bin"].contains($0.pathExtension) } ?? folder
    }

    private func expectUsable(_ decoder: Decoder) {
        let ids = Tensor(integers: [1, 7, 3, 9], [1, 4])
        #expect(decoder.logits(decoder(decoder.embed(ids)).hidden).isFinite)
    }

    @Test(arguments: folders("15"))
    func prefixesOfTrainersAreStrippedAndSaid(folder: URL) throws {
        let checkpoint = try Checkpoint(at: weights(in: folder))
        #expect(!checkpoint.wrappings.isEmpty && !checkpoint.wrappingDescriptions.contains(""))
        #expect(checkpoint.names.allSatisfy { !$0.contains("_orig_mod") && !$0.hasPrefix("module.") })
        let description = try ModelDescription(of: checkpoint)
        #expect(description.kind == .languageModel && description.mismatch == nil)
        expectUsable(try ModelFolder.decoder(at: weights(in: folder)).decoder)
    }

    @Test(arguments: folders("16"))
    func theDictionaryOfTensorsInATrainingStateIsTaken(folder: URL) throws {
        let file = try weights(in: folder)
        let checkpoint = try Checkpoint(at: file)
        let place = try #require(checkpoint.stateDictionary)
        #expect(checkpoint.wrappingDescriptions.contains { $0.contains("'\(place)'") })
        #expect(try ModelDescription(of: checkpoint).mismatch == nil)
        expectUsable(try ModelFolder.decoder(at: file).decoder)
    }

    /// `rope_parameters` is read, or what is not understood of it is refused by name.
    @Test(arguments: folders("17"))
    func rotaryParametersAreRead(folder: URL) throws {
        let json = try Data(contentsOf: folder.appendingPathComponent("config.json"))
        let object = try #require(JSONSerialization.jsonObject(with: json) as? [String: Any])
        let rotary = object["rope_parameters"] as? [String: Any] ?? [:]
        let decoder: Decoder
        do {
            decoder = try ModelFolder.decoder(at: folder).decoder
        } catch let error as ConfigurationError {
            #expect(error.description.contains("rop") || error.description.contains("rotary"), "\(error)")
            return
        }
        if let base = (rotary["rope_theta"] ?? object["rope_theta"]) as? Double {
            #expect(decoder.configuration.rotaryBase == Float(base))
        }
        // the loss that the table beside the cases gives for this one
        guard folder.lastPathComponent == "17b-rope-parameters", let tokenizer = try Self.tokenizer() else { return }
        let lines = try ConversationFile(at: folder.appendingPathComponent("text.jsonl"))
        var perplexity = Perplexity()
        let text = try #require(try lines.conversation(at: 0).text)
        perplexity.add(tokenizer.encode(text), decoder: decoder)
        #expect(abs(perplexity.loss - 9.42999) < 2e-5, "\(perplexity.loss)")
    }

    static func tokenizer() throws -> BPETokenizer? {
        guard let file = SharedFixtures.root?.appendingPathComponent("data/minimind/2025-07/tokenizer.json"),
            FileManager.default.fileExists(atPath: file.path)
        else { return nil }
        return try BPETokenizer(at: file)
    }

    @Test(arguments: folders("18"))
    func miniMindsConvertedTypesAreRead(folder: URL) throws {
        let json = try Data(contentsOf: folder.appendingPathComponent("config.json"))
        let object = try #require(JSONSerialization.jsonObject(with: json) as? [String: Any])
        let type = try #require(object["model_type"] as? String)
        let description = try ModelDescription(of: Checkpoint(at: folder))
        #expect(description.mismatch == nil)
        #expect(description.generation == (type == "llama" ? .july2025 : .june2026))
        let (decoder, report) = try ModelFolder.decoder(at: folder)
        #expect(report.unused.isEmpty && report.absent.isEmpty)
        expectUsable(decoder)

        // the same tensors under MiniMind's own type compute the same
        var own = object
        own["model_type"] = "minimind"
        own["use_moe"] = type == "qwen3_moe"
        if let dense = object["num_experts"] { own["num_experts"] = dense }
        let (same, _) = try ModelFolder.decoder(
            at: folder, configuration: JSONSerialization.data(withJSONObject: own),
            generation: type == "llama" ? .july2025 : .june2026)
        let ids = Tensor(integers: [1, 7, 3, 9], [1, 4])
        #expect(
            same.logits(same(same.embed(ids)).hidden).floats
                == decoder.logits(decoder(decoder.embed(ids)).hidden).floats)
    }

    @Test(arguments: folders("19"))
    func unsupportedTowersAreNamed(folder: URL) throws {
        let description = try ModelDescription(of: Checkpoint(at: folder))
        let reason = try #require(description.unsupported)
        #expect(description.kind == .unknown && reason.contains("not supported"))
        let error = #expect(throws: SerializationError.self) { try ModelFolder.visionTower(at: folder) }
        #expect(error?.description.contains(reason) == true)
    }

    /// `cases/25…`: a question longer than the positions is an error with both numbers.
    @Test(arguments: folders("25"))
    func longPromptsAreRefusedWithTheirLength(folder: URL) throws {
        guard let tokenizer = try Self.tokenizer() else { return }
        let question = try String(contentsOf: folder.appendingPathComponent("question.txt"), encoding: .utf8)
        let prompt = try ChatPrompt(
            [ChatMessage(.user, question)], generation: .july2025, tokenizer: tokenizer, tokensPerImage: 1)
        var configuration = DecoderConfiguration.miniMind07()
        configuration.positionCount = 2048
        try #require(prompt.ids.count > configuration.positionCount)
        let error = #expect(throws: PromptLengthError.self) { try prompt.requireFit(in: configuration) }
        #expect(error == PromptLengthError(tokenCount: prompt.ids.count, positionCount: 2048))
        #expect(error?.description.contains("\(prompt.ids.count) tokens, the model has 2048 positions") == true)
        configuration.positionCount = prompt.ids.count + 1
        try prompt.requireFit(in: configuration)
    }
}
