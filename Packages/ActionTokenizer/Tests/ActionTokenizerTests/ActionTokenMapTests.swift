import ActionTokenizer
import Foundation
import TensorTestSupport
import Testing

@Suite struct ActionTokenMapTests {
    @Test func binsAndIDsAreInverse() throws {
        let map = try ActionTokenMap(tokenIDs: [7, 3, 5])
        #expect((0..<3).map { map.tokenID(ofBin: $0) } == [7, 3, 5])
        #expect([7, 3, 5, 4].map { map.bin(of: $0) } == [0, 1, 2, nil])
        #expect(map.contains(3) && !map.contains(0))
    }

    @Test func lastIDsCountDown() {
        #expect(ActionTokenMap(lastIDsOf: 32_000).tokenIDs.prefix(2) == [31_999, 31_998])
        #expect(ActionTokenMap(lastIDsOf: 32_000).tokenIDs.last == 31_744)
    }

    @Test func mapsThatCannotBeReadBackAreRefused() {
        #expect(throws: ActionTokenMapError.empty) { try ActionTokenMap(tokenIDs: []) }
        #expect(throws: ActionTokenMapError.repeatedID(4, bins: [0, 2])) { try ActionTokenMap(tokenIDs: [4, 5, 4]) }
        #expect(throws: ActionTokenMapError.outsideVocabulary(id: 9, bin: 1, vocabularySize: 9)) {
            try ActionTokenMap(tokenIDs: [8, 9], vocabularySize: 9)
        }
        #expect(throws: ActionTokenMapError.self) { try ActionTokenMap(tokenIDs: [-1]) }
    }

    @Test(arguments: ["[5, 3, 9]", #"{"1": 3, "0": 5, "2": 9}"#, #"{"tokenIDs": [5, 3, 9]}"#])
    func allFormsAreRead(json: String) throws {
        try withTemporaryFile(json) { file in
            let map = try ActionTokenMap(at: file)
            #expect(map.tokenIDs == [5, 3, 9])
        }
    }

    @Test(arguments: [
        "", "{}", "[]", "[1, 1]", "[1.5]", #"["1"]"#, #"{"0": 1, "2": 3}"#, #"{"0": 1, "x": 3}"#, #"{"00": 1}"#, "7",
        "[-3]",
    ])
    func otherFilesAreRefused(json: String) throws {
        try withTemporaryFile(json) { file in
            #expect(throws: ActionTokenMapError.self) { try ActionTokenMap(at: file) }
        }
    }

    @Test func writtenMapIsReadBack() throws {
        let map = try ActionTokenMap(tokenIDs: [30, 10, 20])
        try withTemporaryFile("") { file in
            try map.write(to: file, provenance: .init(corpus: "c", tokenCount: 12, tokenizerHash: "ab"))
            #expect(try ActionTokenMap(at: file) == map)
        }
    }

    static let microVLA2025Maps = SharedFixtures.entries(in: "data/minimind").filter {
        $0.lastPathComponent.hasPrefix("action_token_map")
    }

    @Test(arguments: microVLA2025Maps)
    func microVLA2025MapIsRead(file: URL) throws {
        let map = try ActionTokenMap(at: file, vocabularySize: 6_400)
        let object = try Golden.json(file, as: [String: Int].self)
        #expect(map.binCount == object.count)
        #expect(object.allSatisfy { map.bin(of: $1) == Int($0) })
        let tokenizer = BinActionTokenizer(tokens: map)
        #expect(tokenizer.tokenID(for: -1.0) == object["0"])
        #expect(tokenizer.tokenID(for: 1.0) == object["\(object.count - 1)"])
    }
}

/// Runs the body with a file of this content that exists only meanwhile.
func withTemporaryFile(_ content: String, _ body: (URL) throws -> Void) throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json")
    try Data(content.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    try body(file)
}
