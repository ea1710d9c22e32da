import FileSupport
import Foundation
import TensorCore
import Testing
import TextTokenizers

@Suite struct BPETrainerTests {
    private func symbols(_ pairs: [(String, String)]) -> [[String]] {
        pairs.map { [SmallTokenizer.symbols($0.0), SmallTokenizer.symbols($0.1)] }
    }

    private func merges(_ trained: TrainedBPE) -> [[String]] {
        trained.merges.map { [trained.vocabulary[$0.left], trained.vocabulary[$0.right]] }
    }

    /// On paper: "ab" three times, then " " + "ab" twice; "abab" once is too rare.
    @Test func frequentPairsBecomeTokens() throws {
        var trainer = BPETrainer(vocabularySize: 300)
        trainer.add("ab ab ab")
        let trained = try trainer.train()
        #expect(merges(trained) == symbols([("a", "b"), (" ", "ab")]))
        #expect(trained.vocabulary.count == 258)
        #expect(try trained.tokenizer().encode(" ab") == [257])
    }

    @Test func tiesGoToTheSmallerIDs() throws {
        var trainer = BPETrainer(vocabularySize: 300, minimumFrequency: 1)
        for text in ["dc", "ab", "ad"] { trainer.add(text) }
        #expect(merges(try trainer.train()) == symbols([("a", "b"), ("a", "d"), ("d", "c")]))
    }

    @Test func sizeAndFrequencyAreLimits() throws {
        var trainer = BPETrainer(vocabularySize: 257, minimumFrequency: 3)
        trainer.add("xy xy zz")
        #expect(merges(try trainer.train()).isEmpty)
        trainer.minimumFrequency = 1
        #expect(merges(try trainer.train()).count == 1)
        trainer.vocabularySize = 10
        #expect(merges(try trainer.train()).isEmpty)
        trainer.vocabularySize = 300
        trainer.maximumTokenLength = 3
        #expect(try trainer.train().vocabulary.suffix(from: 256).allSatisfy { $0.unicodeScalars.count < 3 })
    }

    @Test func specialTokensComeFirst() throws {
        var trainer = BPETrainer(vocabularySize: 300, specialTokens: ["<|endoftext|>", "<|im_start|>"])
        trainer.add("aa aa")
        let tokenizer = try trainer.train().tokenizer()
        #expect(tokenizer.encode("<|im_start|>aa<|endoftext|>") == [1, 258, 0])
        #expect(tokenizer.isSpecial(1))
        trainer.specialTokens = ["a"]
        #expect(throws: TokenizerError.self) { try trainer.train() }
        trainer.specialTokens = [""]
        #expect(throws: TokenizerError.self) { try trainer.train() }
    }

    /// 600 strings of small numbers as characters, as FAST makes of action chunks.
    private static let chunks: [String] = {
        var generator = SeededGenerator(state: 1)
        return (0..<600).map { _ in
            let count = 20 + generator.next() % 30
            return String(
                String.UnicodeScalarView(
                    (0..<count).map { _ in
                        let (a, b) = (generator.next() % 65, generator.next() % 65)
                        return Unicode.Scalar(UInt8(min(a, b)))
                    }))
        }
    }()

    /// The merges that `tokenizers` 0.23.3 learns with the settings of FAST's training: 302 of them, by their hash.
    @Test func mergesMatchTheReference() throws {
        var trainer = BPETrainer(
            vocabularySize: 400, alphabet: .scalars((0..<65).map { Unicode.Scalar(UInt8($0)) }),
            maximumTokenLength: 10_000)
        for text in Self.chunks { trainer.add(text) }
        let trained = try trainer.train()
        let merges = merges(trained).map { $0.joined(separator: " ") }
        #expect(merges.count == 302)
        let hash = SHA256.hexadecimal(Array(merges.joined(separator: "\n").utf8))
        #expect(hash == "8514af3432b4660a18456fcad452e4b3d3ef5e9c6c3d0cb399dd574b2bf34f34")

        // characters by code point, those of the range and those that occur
        #expect(trained.vocabulary.prefix(65) == (0..<65).map { String(Unicode.Scalar(UInt8($0))) }[...])
        let tokenizer = try trained.tokenizer()
        #expect(!tokenizer.hasEveryByte)
        for text in Self.chunks.prefix(50) { #expect(tokenizer.decode(tokenizer.encode(text)) == text) }
        // a byte that has no token is lost
        #expect(tokenizer.encode("\u{1}\u{FF}\u{2}") == tokenizer.encode("\u{1}") + tokenizer.encode("\u{2}"))
        #expect(throws: TokenizerError.self) { try BPETokenizer(json: trained.json, name: "fast") }
    }

    /// Any text comes back, in few tokens where the vocabulary was learned from it.
    @Test func trainedVocabulariesSpellEveryText() throws {
        var generator = SeededGenerator(state: 8)
        var trainer = BPETrainer(vocabularySize: 500)
        let texts = (0..<100).map { _ in generator.text(maximumLength: 80) }
        for text in texts { trainer.add(text) }
        let trained = try trainer.train()
        let tokenizer = try trained.tokenizer()
        #expect(tokenizer.hasEveryByte)
        for text in texts + (0..<100).map({ _ in generator.text(maximumLength: 80) }) {
            #expect(tokenizer.decode(tokenizer.encode(text)).utf8.elementsEqual(text.utf8))
        }
        // the file is the same tokenizer
        let again = try BPETokenizer(json: trained.json, name: "again")
        #expect(again.fingerprint == tokenizer.fingerprint)
        trainer.vocabularySize = 499
        #expect(try trainer.train().tokenizer().fingerprint != tokenizer.fingerprint)
    }
}
