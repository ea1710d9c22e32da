import FileSupport
import TensorCore
import Testing

@Suite struct StrictJSONWritingTests {
    @Test func textReadsBack() throws {
        let text = #"{"b": [1, 2.5, -1e-10, true, null], "a": {"empty": [], "quote": "\"\n"}}"#
        let value = try StrictJSON(parsing: text.utf8, file: "test")
        #expect(value.text() == text)
        #expect(
            try StrictJSON(parsing: value.text(indentation: 4).utf8, file: "test").text() == text)
        #expect(value.text(indentation: 2).hasPrefix("{\n  \"b\": [\n    1,\n"))
    }

    @Test func numbersKeepEveryDigit() throws {
        let values = [0.42857142857142855, 0.1, 1, .leastNonzeroMagnitude, 1.7976931348623157e308]
        let text = StrictJSON.numbers(values).text()
        #expect(text.hasPrefix("[0.42857142857142855, 0.1, 1.0, 5e-324"))
        let read = try StrictJSON(parsing: text.utf8, file: "test").array?.map(\.double)
        #expect(read == values)
    }

    @Test func keysAreReplacedInPlaceAndAdded() {
        var value = StrictJSON.object([("a", .number(1)), ("b", .null)])
        value.set("a", to: .string("x"))
        value.set("c", to: .bool(true))
        #expect(value.text() == #"{"a": "x", "b": null, "c": true}"#)
        #expect(value["a"]?.string == "x" && value["d"] == nil)
    }
}
