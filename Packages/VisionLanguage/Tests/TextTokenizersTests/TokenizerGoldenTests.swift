import Foundation
import TensorTestSupport
import Testing
import TextTokenizers

/// The tokenizers of `data/minimind` by generation: `07` is the folder of 2025, `26` that of 2026.
enum MiniMind {
    /// Those of each root of fixtures.
    private static let allTokenizers: [URL: [String: BPETokenizer]] = {
        var result: [URL: [String: BPETokenizer]] = [:]
        for folder in SharedFixtures.folders(in: "data/minimind") {
            let file = folder.appendingPathComponent("tokenizer.json")
            guard let tokenizer = try? BPETokenizer(at: file), let root = SharedFixtures.root(of: file) else {
                continue
            }
            result[root, default: [:]][folder.lastPathComponent.hasPrefix("2025") ? "07" : "26"] = tokenizer
        }
        return result
    }()

    /// Those that a fixture was made with.
    static func tokenizers(of fixture: URL) -> [String: BPETokenizer] {
        SharedFixtures.root(of: fixture).flatMap { allTokenizers[$0] } ?? [:]
    }

    static let files = SharedFixtures.folders(in: "data/minimind").map {
        $0.appendingPathComponent("tokenizer.json")
    }.filter { FileManager.default.fileExists(atPath: $0.path) }

    /// The fixtures of this name, in all folders whose name begins with `tokenizer`.
    static func fixtures(_ name: String) -> [URL] {
        SharedFixtures.folders(in: "golden/models") { $0.hasPrefix("tokenizer") }.map {
            $0.appendingPathComponent(name)
        }.filter { FileManager.default.fileExists(atPath: $0.path) }
    }
}

/// `golden/models/tokenizer*`: the Hugging Face tokenizers and MiniMind's own code. Everything is exact.
@Suite struct TokenizerGoldenTests {
    private struct Encoding: Decodable {
        let text: String
        let ids07, ids26: [Int]
    }
    private struct Decoding: Decodable {
        let generation: String
        let ids: [Int]
        let text, text_skip_special: String
    }
    private struct Chat: Decodable {
        struct Message: Decodable {
            struct Call: Decodable {
                let name, arguments: String
            }
            let role: String
            let content, reasoning_content: String?
            let tool_calls: [Call]?

            var message: ChatMessage? {
                ChatMessage.Role(rawValue: role).map { role in
                    ChatMessage(
                        role, content ?? "", reasoning: reasoning_content,
                        toolCalls: (tool_calls ?? []).map { .init(name: $0.name, arguments: $0.arguments) })
                }
            }
        }
        let generation: String
        let messages: [Message]
        let image_tokens, max_length: Int
        let training_text, inference_text: String
        let inference_text_thinking: String?
        let ids: [Int]
        let loss_mask, labels: [Int]?
    }

    @Test(arguments: MiniMind.fixtures("strings.json"))
    func idsMatchTheReference(file: URL) throws {
        let tokenizers = MiniMind.tokenizers(of: file)
        let (old, new) = (try #require(tokenizers["07"]), try #require(tokenizers["26"]))
        for golden in try Golden.json(file, as: [Encoding].self) {
            #expect(old.encode(golden.text) == golden.ids07, "\(golden.text)")
            #expect(new.encode(golden.text) == golden.ids26, "\(golden.text)")
            #expect(old.decode(golden.ids07).utf8.elementsEqual(golden.text.utf8))
            #expect(new.decode(golden.ids26).utf8.elementsEqual(golden.text.utf8))
        }
    }

    @Test(arguments: MiniMind.fixtures("decodes.json"))
    func textsMatchTheReference(file: URL) throws {
        for golden in try Golden.json(file, as: [Decoding].self) {
            let tokenizer = try #require(MiniMind.tokenizers(of: file)[golden.generation])
            #expect(tokenizer.decode(golden.ids).utf8.elementsEqual(golden.text.utf8))
            let skipped = tokenizer.decode(golden.ids, skippingSpecialTokens: true)
            #expect(skipped.utf8.elementsEqual(golden.text_skip_special.utf8))

            var decoder = StreamingDecoder(tokenizer)
            let streamed = golden.ids.map { decoder.append($0) }.joined() + decoder.finish()
            #expect(streamed.utf8.elementsEqual(golden.text.utf8))
        }
    }

    @Test(arguments: MiniMind.fixtures("chat.json"))
    func conversationsAndLabelsMatchTheReference(file: URL) throws {
        for golden in try Golden.json(file, as: [Chat].self) {
            let tokenizer = try #require(MiniMind.tokenizers(of: file)[golden.generation])
            let template: ChatTemplate = golden.generation == "07" ? .miniMind2025 : .miniMind2026
            let messages = try golden.messages.map { try #require($0.message) }
            #expect(template.text(for: messages, continuation: .answer) == golden.inference_text)
            if let thinking = golden.inference_text_thinking {
                #expect(template.text(for: messages, continuation: .thinking) == thinking)
            }

            // the data set of 2025 has no system turn; images take their tokens' place in the text
            let (placeholder, kept) =
                golden.generation == "07" ? ("@", messages.filter { $0.role != .system }) : ("<|image_pad|>", messages)
            let image = String(repeating: placeholder, count: golden.image_tokens)
            let text = template.text(for: kept).replacingOccurrences(of: "<image>", with: image)
            #expect(text == golden.training_text)

            var ids = Array(tokenizer.encode(text).prefix(golden.max_length))
            ids += Array(repeating: 0, count: golden.max_length - ids.count)
            #expect(ids == golden.ids)
            let mask = LabelMask(template, tokenizer: tokenizer)
            if let expected = golden.loss_mask { #expect(mask.supervised(ids).map { $0 ? 1 : 0 } == expected) }
            if let expected = golden.labels { #expect(mask.labels(for: ids) == expected) }
        }
    }
}

/// What holds for any text, on the real vocabularies.
@Suite struct MiniMindTokenizerTests {
    @Test(arguments: MiniMind.files)
    func everyTextComesBack(file: URL) throws {
        let tokenizer = try BPETokenizer(at: file)
        var generator = SeededGenerator(state: 41)
        for _ in 0..<300 {
            let text = generator.text(maximumLength: 60)
            for recognizes in [true, false] {
                let ids = tokenizer.encode(text, recognizingAddedTokens: recognizes)
                #expect(ids.flatMap { tokenizer.bytes(of: $0) ?? [] } == Array(text.utf8))
                #expect(tokenizer.decode(ids).utf8.elementsEqual(text.utf8))
                if !recognizes { #expect(!ids.contains { tokenizer.isSpecial($0) }) }
            }
        }
    }

    @Test(arguments: MiniMind.files)
    func streamsGiveWholeCharacters(file: URL) throws {
        let tokenizer = try BPETokenizer(at: file)
        var generator = SeededGenerator(state: 43)
        for _ in 0..<300 {
            // single bytes and parts of characters come often
            let ids = (0..<Int.random(in: 0...30, using: &generator)).map { _ in
                Int.random(in: 0..<(Bool.random(using: &generator) ? 300 : 6_400), using: &generator)
            }
            for skips in [true, false] {
                var decoder = StreamingDecoder(tokenizer, skippingSpecialTokens: skips)
                let streamed = ids.map { decoder.append($0) }.joined() + decoder.finish()
                let whole = tokenizer.decode(ids, skippingSpecialTokens: skips)
                #expect(streamed.utf8.elementsEqual(whole.utf8), "\(ids)")
            }
        }
        // a text of whole characters never shows a replacement on the way
        var decoder = StreamingDecoder(tokenizer)
        for id in tokenizer.encode("𝔘你🙂é") { #expect(!decoder.append(id).contains("\u{FFFD}")) }
    }
}
