import FileSupport
import Foundation
import Testing

@Suite struct JSONReadingTests {
    private struct Outer: Decodable {
        struct Inner: Decodable {
            var width: Int
            var name: String?
        }
        enum Kind: String, Decodable { case flat, deep }
        var list: [Inner]
        var kind: Kind?
        var flag: Bool?
    }

    /// Where, what was found, what is expected: in the file's words.
    @Test(arguments: [
        (
            #"{"list": [{"width": 1}, {"width": "a"}]}"#, "list[1].width",
            "a whole number is expected, found the text 'a'"
        ),
        (#"{"list": [{"width": null}]}"#, "list[0].width", "a whole number is expected, found null"),
        (#"{"list": [{"width": 1, "name": [2]}]}"#, "list[0].name", "a text is expected, found a list of 1"),
        (#"{"list": {"width": 1}}"#, "list", "a list is expected, found an object"),
        (#"{"list": [], "flag": 3}"#, "flag", "true or false is expected, found 3"),
        (#"{"list": [{"wide": 1, "name": "x"}]}"#, "list[0]", "there is no 'width'; there are 'wide', 'name'"),
        (#"{"list": [], "kind": "round"}"#, "kind", "the text 'round' is none of the known values"),
        (#"{}"#, nil, "there is no 'list'"),
    ])
    func errorsNameTheKeyPath(json: String, path: String?, text: String) throws {
        let error = #expect(throws: SerializationError.self) {
            try JSONReading.decode(Outer.self, from: Data(json.utf8), file: "settings.json", advice: "Look.")
        }
        #expect(error?.file == "settings.json" && error?.member == path && error?.advice == "Look.")
        #expect(error?.found.contains(text) == true, "\(error?.found ?? "")")
        for word in ["Coding", "Decod", "debugDescription", "Swift", "Int"] {
            #expect(error?.description.contains(word) == false, "\(error?.description ?? "")")
        }
    }

    @Test(arguments: [
        (#"{"list": ["#, 10, "value"), ("", 0, "value"), (#"{"list": [NaN]}"#, 10, "NaN"),
        ("\u{FEFF}{,}", 4, "expected"),
    ])
    func textThatIsNoJSONIsLocated(json: String, byte: Int, word: String) {
        let error = #expect(throws: SerializationError.self) {
            try JSONReading.decode(Outer.self, from: Data(json.utf8), file: "x")
        }
        #expect(json.isEmpty || error?.offset == byte, "\(String(describing: error))")
        #expect(json.isEmpty || error?.found.contains(word) == true, "\(String(describing: error))")
    }

    @Test func aByteOrderMarkIsLeftOut() throws {
        let json = Data("\u{FEFF}{\"list\": [{\"width\": 4}]}".utf8)
        #expect(try JSONReading.decode(Outer.self, from: json, file: "x").list[0].width == 4)
        #expect(try StrictJSON(parsing: json, file: "x")["list"]?.array?.count == 1)
        let error = #expect(throws: SerializationError.self) {
            try StrictJSON(parsing: [0xFF, 0xFE, 0x7B, 0x00], file: "x")
        }
        #expect(error?.found.contains("UTF-16") == true)
    }

    @Test func numbersThatAreNotFiniteAreReadOnRequest() throws {
        let text = Array("[NaN, Infinity, -Infinity, 1]".utf8)
        let error = #expect(throws: SerializationError.self) { try StrictJSON(parsing: text, file: "x") }
        #expect(error?.found.contains("NaN") == true && error?.offset == 1)
        let values = try #require(try StrictJSON(parsing: text, file: "x", allowingNotFinite: true).array)
        #expect(values[0].double?.isNaN == true && values[1].double == .infinity && values[2].double == -.infinity)
    }

    /// Keys that are canonically equivalent are others.
    @Test func keysAreComparedByScalars() throws {
        let json = try StrictJSON(parsing: Array("{\"\u{340}\": 1, \"\u{300}\": 2}".utf8), file: "x")
        #expect(json["\u{340}"]?.integer == 1 && json["\u{300}"]?.integer == 2)
        #expect(throws: SerializationError.self) {
            try StrictJSON(parsing: Array("{\"a\": 1, \"a\": 2}".utf8), file: "x")
        }
    }
}
