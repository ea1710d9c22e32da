import Foundation
import Testing
import TextTokenizers

@Suite struct CorpusTokenCounterTests {
    let folder: URL
    let tokenizer: BPETokenizer

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("corpus-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        tokenizer = try SmallTokenizer.make(merges: [("a", "b"), (" ", "ab")], added: [(300, "<x>", true)])
    }

    private func file(_ name: String, _ text: String) throws -> URL {
        let url = folder.appendingPathComponent(name)
        try Data(text.utf8).write(to: url)
        return url
    }

    private func expected(_ texts: [String]) -> TokenFrequency {
        var frequency = TokenFrequency(vocabularySize: tokenizer.vocabularySize)
        for text in texts { frequency.add(tokenizer.encode(text)) }
        return frequency
    }

    /// Lines of any kind, the last without an end.
    private var lines: [String] {
        var generator = SeededGenerator(state: 9)
        return (0..<400).map { _ in
            String(String.UnicodeScalarView(generator.text(maximumLength: 30).unicodeScalars.filter { $0 != "\n" }))
                + " ab<x>"
        }
    }

    @Test(arguments: [1, 100, 1 << 20])
    func plainTextIsCountedLineByLine(blockByteCount: Int) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let lines = lines
        let first = try file("a.txt", lines.joined(separator: "\n"))
        let second = try file("b.txt", "ab\n\nab\n")
        let empty = try file("c.txt", "")
        let corpus = Corpus(files: [first, empty, second], format: .plainText)
        var counter = try CorpusTokenCounter(corpus, tokenizer: tokenizer, blockByteCount: blockByteCount)
        var fractions: [Double] = []
        let frequency = try counter.countAll { fractions.append($0.progress.fraction) }
        let texts = lines.dropLast().map { $0 + "\n" } + [lines[lines.count - 1], "ab\n", "\n", "ab\n"]
        #expect(frequency == expected(texts))
        #expect(counter.state.textCount == texts.count)
        #expect(fractions == fractions.sorted() && fractions.last == 1)
        #expect(counter.progress.tokenCount == frequency.tokenCount)
    }

    @Test func jsonLinesGiveTheStringsUnderTheKeys() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = #"""
            {"text": "ab ab"}
            {"conversations": [{"role": "user", "content": "a\"b\\\n\u0041\ud83d\ude42"}, {"content": "é"}], "n": -1.5e3}

            {"text": ["ab", {"other": "zz", "content": "q"}, "cd"], "x": true, "y": null, "z": {}}
             "text"
            """#
        let corpus = Corpus(files: [try file("a.jsonl", text)], format: .miniMind)
        var counter = try CorpusTokenCounter(corpus, tokenizer: tokenizer)
        let texts = ["ab ab", "a\"b\\\nA🙂", "é", "ab", "q", "cd"]
        #expect(try counter.countAll() == expected(texts))
        var found: [String] = []
        try corpus.forEachText { found.append($0) }
        #expect(found == texts)
        #expect(counter.state.textCount == 6)
    }

    @Test(arguments: [
        (#"{"text": "ab"#, 19), ("{\"text\" 3}", 15), ("[1, 2", 12), ("{} x", 10), ("{1: 2}", 8),
        (#"{"text": "\q"}"#, 19), (#"{"text": "\ud83d\u0041"}"#, 29), ("truth", 7), ("[1,]", 10), ("1e", 7),
        (String(repeating: "[", count: 200), 107),
    ])
    func wrongLinesAreNamed(line: String, byte: Int) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = try file("bad.jsonl", "[true]\n\(line)\n{}\n")
        var counter = try CorpusTokenCounter(
            Corpus(files: [url], format: .miniMind), tokenizer: tokenizer, blockByteCount: 4)
        #expect(throws: CorpusError.self) { try counter.countAll() }
        let before = counter.state
        do {
            _ = try counter.countAll()
        } catch CorpusError.wrongLine(let file, let found, _) {
            #expect(file == url.path)
            #expect(found == byte)
        }
        // the state is that of the last whole block
        #expect(counter.state == before)
        #expect(before.byte == 7)
    }

    @Test func aStoppedCountGoesOn() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let corpus = Corpus(
            files: [try file("a.txt", lines.joined(separator: "\n")), try file("b.txt", "ab\nab")], format: .plainText)
        var whole = try CorpusTokenCounter(corpus, tokenizer: tokenizer)
        let expected = try whole.countAll()

        var saved = Data()
        var first = try CorpusTokenCounter(corpus, tokenizer: tokenizer, blockByteCount: 200)
        for _ in 0..<7 { _ = try first.countBlock() }
        saved = try JSONEncoder().encode(first.state)
        // a process of its own: only the saved bytes are left
        var second = try CorpusTokenCounter(corpus, tokenizer: tokenizer, blockByteCount: 333)
        try second.resume(from: JSONDecoder().decode(CorpusTokenCounter.State.self, from: saved))
        #expect(second.progress.countedBytes > 1000)
        #expect(try second.countAll() == expected)

        let other = try SmallTokenizer.make(merges: [("a", "b"), (" ", "a")], added: [(300, "<x>", true)])
        for (corpus, tokenizer) in [
            (corpus, other), (Corpus(files: [corpus.files[0]], format: .plainText), tokenizer),
            (Corpus(files: corpus.files, format: .miniMind), tokenizer),
        ] {
            var third = try CorpusTokenCounter(corpus, tokenizer: tokenizer)
            #expect(throws: CorpusError.self) { try third.resume(from: first.state) }
        }
        // a damaged state
        for (text, replacement) in [
            (#""byte":"#, #""byte":-"#), (#""file":0"#, #""file":7"#), (#""tokenCount":"#, #""tokenCount":1"#),
        ] {
            let damaged = String(decoding: saved, as: UTF8.self).replacingOccurrences(of: text, with: replacement)
            let state = try JSONDecoder().decode(CorpusTokenCounter.State.self, from: Data(damaged.utf8))
            #expect(throws: CorpusError.self) { try second.resume(from: state) }
        }
    }

    @Test func missingFilesAreErrors() {
        let corpus = Corpus(files: [folder.appendingPathComponent("none")], format: .plainText)
        #expect(throws: CorpusError.self) { try CorpusTokenCounter(corpus, tokenizer: tokenizer) }
        try? FileManager.default.removeItem(at: folder)
    }
}
