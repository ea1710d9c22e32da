import FileSupport
import Foundation
import TensorCore
import Testing

/// Keys are bytes: spellings of one character that Unicode counts as equal are two keys.
@Suite struct StrictJSONKeyTests {
    private static let composed = "\u{e9}"
    private static let decomposed = "e\u{301}"

    @Test func keysThatDifferInNormalizationAreTwo() throws {
        let text = "{\"\(Self.composed)\": 1, \"\(Self.decomposed)\": 2}"
        var value = try StrictJSON(parsing: text.utf8, file: "vocabulary")
        #expect(Self.composed == Self.decomposed && value.object?.count == 2)
        #expect(value[Self.composed]?.integer == 1 && value[Self.decomposed]?.integer == 2)

        value.set(Self.decomposed, to: .number(3))
        #expect(value[Self.composed]?.integer == 1 && value[Self.decomposed]?.integer == 3)
        #expect(Array(value.text().utf8) == Array(text.replacing(": 2", with: ": 3").utf8))
    }

    @Test func keyThatOccursTwiceIsRefused() {
        for text in [#"{"a": 1, "b": 2, "a": 3}"#, #"{"\u00e9": 1, "é": 2}"#] {
            #expect(throws: SerializationError.self) { try StrictJSON(parsing: text.utf8, file: "twice") }
        }
    }

    /// Tensors are looked up by `String`; two that it cannot tell apart are an error and no trap.
    @Test func tensorsOfOneNameInTwoSpellingsAreRefused() {
        let entry = #"{"dtype": "F32", "shape": [1], "data_offsets": "#
        let header = "{\"\(Self.composed)\": \(entry)[0, 4]}, \"\(Self.decomposed)\": \(entry)[4, 8]}}"
        let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
        #expect(throws: SerializationError.self) {
            try SafetensorsFile(
                bytes: length + Array(header.utf8) + [UInt8](repeating: 0, count: 8), name: "twice.safetensors")
        }
    }
}
