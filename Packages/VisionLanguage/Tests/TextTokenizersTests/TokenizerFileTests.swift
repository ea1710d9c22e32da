import Foundation
import Testing
import TextTokenizers

@Suite struct TokenizerFileTests {
    /// A sound file with one value changed; `path` ends in the key that is set.
    private func changed(_ path: [String], to value: Any) -> [String: Any] {
        func set(_ object: [String: Any], _ path: ArraySlice<String>) -> [String: Any] {
            guard let key = path.first else { return object }
            var object = object
            object[key] = path.count == 1 ? value : set(object[key] as? [String: Any] ?? [:], path.dropFirst())
            return object
        }
        return set(SmallTokenizer.object(merges: [("a", "b")], added: [(400, "<x>", true)]), path[...])
    }

    @Test func damagedFilesAreLocated() throws {
        // sorted: a cut inside of a letter would be reported where the letter begins
        let sound = changed(["model", "type"], to: "BPE")
        let json = try JSONSerialization.data(withJSONObject: sound, options: .sortedKeys)
        let error = #expect(throws: TokenizerError.self) { try BPETokenizer(json: json.prefix(100), name: "cut") }
        #expect("\(try #require(error))".contains("cut is no tokenizer.json: it is not JSON at byte 100"))
    }

    @Test func mergesMayBeWrittenAsOneString() throws {
        let tokenizer = try SmallTokenizer.tokenizer(changed(["model", "merges"], to: ["a b"]))
        #expect(tokenizer.encode("ab") == [256])
    }

    @Test(arguments: [
        (["model", "type"], "WordPiece"), (["model", "dropout"], "0.1"), (["model", "unk_token"], "<unk>"),
        (["model", "end_of_word_suffix"], "</w>"), (["normalizer"], "BertNormalizer"),
        (["pre_tokenizer"], "Whitespace"),
        (["post_processor"], "TemplateProcessing"), (["decoder"], "Metaspace"),
    ])
    func otherKindsAreNamed(path: [String], found: String) throws {
        let value: Any = path.count == 1 ? ["type": found] : Double(found).map { $0 as Any } ?? found
        let error = #expect(throws: TokenizerError.self) { try SmallTokenizer.tokenizer(changed(path, to: value)) }
        let description = try #require(error).description
        #expect(description.contains(found), "\(description)")
        #expect(description.contains("only byte-level BPE"))
    }

    @Test func settingsThatChangeIDsAreRefused() throws {
        #expect(throws: TokenizerError.self) {
            try SmallTokenizer.tokenizer(changed(["model", "byte_fallback"], to: true))
        }
        let byteLevel: [String: Any] = ["type": "ByteLevel", "add_prefix_space": false, "use_regex": false]
        for (parts, word): ([[String: Any]], String) in [
            ([["type": "Whitespace"], byteLevel], "Whitespace"), ([byteLevel, ["type": "Digits"]], "Digits"),
            ([["type": "Digits"], ["type": "ByteLevel"]], "add_prefix_space"),
            ([["type": "Split", "pattern": ["Regex": "a"], "behavior": "Removed"], byteLevel], "Removed"),
            ([["type": "Split", "pattern": ["Regex": "(a"], "behavior": "Isolated"], byteLevel], "(a"),
            ([], "Sequence"),
        ] {
            let error = #expect(throws: TokenizerError.self) {
                try SmallTokenizer.tokenizer(
                    changed(["pre_tokenizer"], to: ["type": "Sequence", "pretokenizers": parts] as [String: Any]))
            }
            #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
        }
    }

    @Test(arguments: [
        #"{"id": 400, "content": ""}"#, #"{"id": -1, "content": "x"}"#, #"{"id": 4000000, "content": "x"}"#,
        // a content or an id that the vocabulary gives to another token
        #"{"id": 400, "content": "a"}"#, #"{"id": 97, "content": "<x>"}"#,
        #"{"id": 1e300, "content": "x"}"#, #"{"content": "x"}"#, #"{"id": 400}"#, "7",
    ])
    func unsoundAddedTokensAreRefused(json: String) throws {
        let token = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)
        #expect(throws: TokenizerError.self) { try SmallTokenizer.tokenizer(changed(["added_tokens"], to: [token])) }
    }

    @Test func repeatedAddedTokensAreRefused() {
        for (id, content) in [(400, "<y>"), (401, "<x>")] {
            let tokens: [[String: Any]] = [["id": 400, "content": "<x>"], ["id": id, "content": content]]
            #expect(throws: TokenizerError.self) { try SmallTokenizer.tokenizer(changed(["added_tokens"], to: tokens)) }
        }
    }

    @Test func unsoundMergesAreRefused() {
        for merge: Any in [["a"], ["a", "b", "c"], "ab", "a b c", ["a", "zz"], ["a", "z"], ["", "a"], ["a", 3], 3] {
            #expect(throws: TokenizerError.self, "\(merge)") {
                try SmallTokenizer.tokenizer(changed(["model", "merges"], to: [merge]))
            }
        }
    }

    @Test func unsoundVocabulariesAreRefused() throws {
        let sound = SmallTokenizer.object(merges: [("a", "b")])
        let model = try #require(sound["model"] as? [String: Any])
        let vocabulary = try #require(model["vocab"] as? [String: Int])
        var missingByte = vocabulary
        missingByte["A"] = nil
        let error = #expect(throws: TokenizerError.self) {
            try SmallTokenizer.tokenizer(changed(["model", "vocab"], to: missingByte))
        }
        #expect(error?.description.contains("byte 65") == true)
        for (name, id) in [("xyz", 97), ("xyz", -1), ("xyz", 1 << 40), (String(repeating: "x", count: 5_000), 999)] {
            var damaged = vocabulary
            damaged[name] = id
            #expect(throws: TokenizerError.self) {
                try SmallTokenizer.tokenizer(changed(["model", "vocab"], to: damaged))
            }
        }
    }

    @Test(arguments: ["", "{", "[]", "null", "{}", #"{"model": 3}"#, #"{"model": {"type": "BPE"}}"#])
    func otherFilesAreRefused(json: String) {
        #expect(throws: TokenizerError.self) { try BPETokenizer(json: Data(json.utf8), name: "t") }
        let deep = String(repeating: "[", count: 1_000_000)
        #expect(throws: TokenizerError.self) { try BPETokenizer(json: Data((json + deep).utf8), name: "t") }
    }

    /// Changed, cut and doubled files are read or refused; what is read encodes every text.
    @Test func damagedFilesAreReadOrRefused() throws {
        let object = SmallTokenizer.object(merges: [("a", "b"), ("ab", "c")], added: [(300, "<x>", true)])
        let sound = try Array(JSONSerialization.data(withJSONObject: object, options: .sortedKeys))
        let alphabet = Array(#"{}[]",:0123456789-eabclnrtuf \"#.utf8) + [0, 0xC4, 0xFF]
        var generator = SeededGenerator(state: 51)
        var counts = (read: 0, refused: 0)
        for _ in 0..<300 {
            var bytes = sound
            for _ in 0..<Int.random(in: 0...2, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = alphabet.randomElement(using: &generator) ?? 0
                case 1: bytes.removeSubrange(place..<min(place + 3, bytes.count))
                default: bytes.insert(alphabet.randomElement(using: &generator) ?? 0, at: place)
                }
            }
            do throws(TokenizerError) {
                let tokenizer = try BPETokenizer(json: Data(bytes), name: "damaged")
                counts.read += 1
                let text = generator.text(maximumLength: 20)
                #expect(tokenizer.encode(text).allSatisfy { tokenizer.bytes(of: $0) != nil })
            } catch {
                counts.refused += 1
            }
        }
        #expect(counts.refused > 100 && counts.read > 0, "\(counts)")
    }
}
