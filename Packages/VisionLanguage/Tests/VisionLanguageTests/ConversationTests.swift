import Foundation
import ImageProcessing
import TensorCore
import TensorTestSupport
import TextTokenizers
import Testing
import VisionLanguage

/// Conversations as text and as examples, with the tokenizers of both generations.
@Suite struct ConversationTests {
    static let tokenizers = ChatPromptTests.tokenizers

    @Test(arguments: tokenizers)
    func conversationsBecomeExamples(url: URL) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ConversationTests-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("data.jsonl")
        let lines = [
            #"{"conversations": [{"content": "What?\n<image>"}, {"content": "A bowl."}], "image": "a.png"}"#, "",
            #"{"text": "some words"}"#, #"{"conversations": [{"role": "alien", "content": "x"}]}"#, #"{"a": 1}"#,
            #"{"conversations": [{"content": "<image>"}, {"content": "x"}], "image": "../a.png"}"#,
        ]
        try lines.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
        let image = RGBImage(width: 20, height: 20, color: [10, 20, 30])
        try image.write(to: folder.appendingPathComponent("a.png"))

        let conversations = try ConversationFile(at: file)
        #expect(conversations.count == 5)
        let tokenizer = try BPETokenizer(at: url)
        let reader = ConversationReader(
            tokenizer: tokenizer, generation: MiniMindGeneration(of: tokenizer), transform: .clip(size: 16),
            imageFolder: folder, tokensPerImage: 4, maximumLength: 200)
        let example = try reader.example(conversations.conversation(at: 0))
        #expect(example.pixels?.shape == [1, 3, 16, 16])
        #expect(example.runs.count == 1 && example.runs[0].tokens.count == 4)
        let learned = zip(example.ids, example.labels).filter { $1 != -100 }.map(\.0)
        #expect(tokenizer.decode(learned).contains("A bowl."))
        #expect(!tokenizer.decode(learned).contains("What?"))
        let text = try reader.example(conversations.conversation(at: 1))
        #expect(text.ids == tokenizer.encode("some words") && text.labels == text.ids)
        #expect { try conversations.conversation(at: 2) } throws: {
            "\($0)".contains("line 4") && "\($0)".contains("alien")
        }
        #expect { try conversations.conversation(at: 3) } throws: { "\($0)".contains("line 5") }
        #expect(throws: ConversationError.imageElsewhere("../a.png")) {
            try reader.example(conversations.conversation(at: 4))
        }
        var short = reader
        short.maximumLength = example.runs[0].tokens.lowerBound + 2
        #expect(throws: ConversationError.self) { try short.example(conversations.conversation(at: 0)) }
    }

    /// A set's column holds the array of turns alone; images come as bytes.
    @Test(arguments: tokenizers)
    func turnsAloneAreAConversation(url: URL) throws {
        let turns = #"[{"role": "user", "content": "<image>\nWhat?"}, {"role": "assistant", "content": "A bowl."}]"#
        let conversation = try Conversation(json: Data(turns.utf8))
        #expect(conversation == (try Conversation(json: Data(#" {"conversations": \#(turns)}"#.utf8))))
        let tokenizer = try BPETokenizer(at: url)
        let reader = ConversationReader(
            tokenizer: tokenizer, generation: MiniMindGeneration(of: tokenizer), transform: .clip(size: 16),
            imageFolder: url, tokensPerImage: 4, maximumLength: 200)
        let image = RGBImage(width: 20, height: 20, color: [10, 20, 30])
        let example = try reader.example(conversation, images: [image])
        #expect(example.pixels?.shape == [1, 3, 16, 16] && example.runs.count == 1)
        #expect(throws: ConversationError.imageCount(marks: 1, images: 0)) {
            try reader.example(conversation, images: [])
        }
        for json in [
            #"[{"content": 1}]"#, "[3]", "{}", "", #"[{"role": "system", "content": "", "functions": [{}]}]"#,
        ] {
            #expect(throws: ConversationError.self) { try Conversation(json: Data(json.utf8)) }
        }
    }

    @Test(arguments: tokenizers.filter { $0.path.contains("2026") })
    func variationsComeAsOftenAsTheirShares(url: URL) throws {
        let tokenizer = try BPETokenizer(at: url)
        var variation = ConversationVariation()
        variation.systemLines = ["Be kind.", "Be brief."]
        let reader = ConversationReader(
            tokenizer: tokenizer, generation: .june2026, transform: .clip(size: 16), imageFolder: url,
            tokensPerImage: 4, maximumLength: 200, variation: variation)
        let conversation = Conversation(messages: [ChatMessage(.user, "What?"), ChatMessage(.assistant, "A bowl.")])
        var texts: [String: Int] = [:]
        for seed in 0..<1000 {
            let generator = PhiloxGenerator(seed: UInt64(seed))
            let example = try reader.example(conversation, using: generator)
            #expect(try example.ids == reader.example(conversation, using: generator).ids)
            texts[tokenizer.decode(example.ids), default: 0] += 1
            // the answer is learned in any form
            let learned = zip(example.ids, example.labels).filter { $1 != -100 }.map(\.0)
            #expect(tokenizer.decode(learned).contains("A bowl."))
        }
        func share(_ text: String) -> Double {
            Double(texts.filter { $0.key.contains(text) }.reduce(0) { $0 + $1.value }) / 1000
        }
        // standard deviation of a share of 0.2: 0.013
        #expect(abs(share("<think>") - 0.2) < 0.05)
        #expect(abs(share("system") - 0.2) < 0.05 && share("Be kind.") > 0.05 && share("Be brief.") > 0.05)
        #expect(texts.count == 6)
    }
}
