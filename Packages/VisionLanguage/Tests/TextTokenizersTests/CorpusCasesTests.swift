import Foundation
import TensorTestSupport
import Testing
import TextTokenizers

/// `cases/24…`: corpora of which nothing may be concluded.
@Suite struct CorpusCasesTests {
    static let files = SharedFixtures.folders(in: "cases") { $0.hasPrefix("24") }.flatMap {
        SharedFixtures.entries(in: "cases/\($0.lastPathComponent)")
    }

    private func corpus(_ file: URL) -> Corpus {
        Corpus(files: [file], format: file.pathExtension == "jsonl" ? .miniMind : .plainText)
    }

    /// Bytes that are no UTF-8 are named with their line, a file without a known key with the keys it has; no count comes
    /// of either.
    @Test(arguments: files)
    func unusableCorporaAreNamed(file: URL) throws {
        let tokenizer = try SmallTokenizer.make(merges: [("a", "b")])
        var counter = try CorpusTokenCounter(corpus(file), tokenizer: tokenizer)
        for error in [
            #expect(throws: CorpusError.self) { try counter.countAll() },
            #expect(throws: CorpusError.self) { try corpus(file).forEachText { _ in } },
        ] {
            switch error {
            case .notUTF8(let path, let line, let byte, let found):
                let bytes = [UInt8](try Data(contentsOf: file))
                #expect(path == file.path && bytes[byte...].starts(with: found))
                #expect(line == 1 + bytes[..<byte].count { $0 == UInt8(ascii: "\n") })
            case .noText(let paths, let keys, _): #expect(paths == [file.path] && !keys.isEmpty)
            default: Issue.record("\(String(describing: error))")
            }
        }
        #expect(counter.frequency.tokenCount == 0)
    }

    private func withFile<Result>(_ name: String, _ bytes: [UInt8], _ body: (URL) throws -> Result) throws -> Result {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())-\(name)")
        try Data(bytes).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        return try body(url)
    }

    @Test func aByteOrderMarkIsNoText() throws {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        for (name, text, expected) in [
            ("a.txt", "ab\ncd\n", ["ab\n", "cd\n"]),
            ("a.jsonl", "{\"text\": \"ab\"}\n{\"text\": \"cd\"}", ["ab", "cd"]),
        ] {
            let found = try withFile(name, mark + Array(text.utf8)) { url in
                var texts: [String] = []
                try corpus(url).forEachText { texts.append($0) }
                return texts
            }
            #expect(found == expected)
        }
    }

    /// Latin-1 in the third line; half a character at a line's end; a surrogate in three bytes.
    @Test(arguments: [
        (Array("ab\ncd\nna".utf8) + [0xEF] + Array("ve\n".utf8), 3, 8), (Array("ab\n".utf8) + [0xC3, 0x0A], 2, 3),
        ([0xED, 0xA0, 0x80], 1, 0), ([0x61, 0xC0, 0x80], 1, 1), ([0xF5, 0x80, 0x80, 0x80], 1, 0),
    ])
    func otherEncodingsAreNamedWithLineAndByte(bytes: [UInt8], line: Int, byte: Int) throws {
        try withFile("bad.txt", bytes) { url in
            let error = #expect(throws: CorpusError.self) { try corpus(url).forEachText { _ in } }
            guard case .notUTF8(url.path, line, byte, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(error?.description.contains("line \(line), byte \(byte)") == true)
        }
    }

    @Test func filesWithoutAKnownKeySayWhichTheyHave() throws {
        try withFile("other.jsonl", Array("{\"prompt\": \"a\", \"answer\": \"b\"}\n".utf8)) { url in
            let error = #expect(throws: CorpusError.self) { try corpus(url).forEachText { _ in } }
            #expect(error == .noText(files: [url.path], keys: ["text", "content"], found: ["prompt", "answer"]))
            #expect(error?.description.contains("'prompt'") == true)
        }
        try withFile("empty.txt", []) { url in
            _ = #expect(throws: CorpusError.self) { try corpus(url).forEachText { _ in } }
        }
    }
}
