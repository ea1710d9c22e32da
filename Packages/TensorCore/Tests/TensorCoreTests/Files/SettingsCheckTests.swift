import FileSupport
import Foundation
import Testing

@Suite struct SettingsCheckTests {
    struct Inner: Codable, CheckedSettings {
        var share: Double
        var sizes: [Int]?

        func check(_ check: SettingsCheck) throws(SettingError) {
            try check.check("share", share, in: 0...1)
            try check.check("sizes", sizes, in: 1...100, counts: 1...3)
        }
    }

    struct Settings: Codable, CheckedSettings {
        var batchSize: Int
        var rate: Double?
        var inner: Inner?

        func check(_ check: SettingsCheck) throws(SettingError) {
            try check.check("batchSize", batchSize, in: 1...65_536)
            try check.check("rate", rate, above: 0, upTo: 1)
            try check.check("inner", inner)
        }
    }

    func error(_ json: String) throws -> SettingError {
        try #require(throws: SettingError.self, "\(json)") {
            try SettingsCheck.decode(Settings.self, from: Data(json.utf8), file: "recipe.json")
        }
    }

    @Test func goodSettingsAreRead() throws {
        let json = #"{"batchSize": 8, "rate": 0.5, "inner": {"share": 1, "sizes": [1, 2]}}"#
        let settings = try SettingsCheck.decode(Settings.self, from: Data(json.utf8), file: "recipe.json")
        #expect(settings.batchSize == 8 && settings.inner?.sizes == [1, 2])
    }

    /// File, field, value and range, for every kind of wrong value.
    @Test(arguments: [
        (#"{"batchSize": 0}"#, "batchSize", "0"), (#"{"batchSize": -1}"#, "batchSize", "-1"),
        (#"{"batchSize": 1000000000}"#, "batchSize", "1000000000"),
        (#"{"batchSize": 9223372036854775807}"#, "batchSize", "9223372036854775807"),
        (#"{"batchSize": 1e300}"#, "batchSize", ""), (#"{"batchSize": 1.5}"#, "batchSize", ""),
        (#"{"batchSize": [1, 2]}"#, "batchSize", "another type"), (#"{"batchSize": null}"#, "batchSize", "null"),
        (#"{}"#, "batchSize", "nothing"), (#"{"batchSize": 1, "rate": 0}"#, "rate", "0.0"),
        (#"{"batchSize": 1, "rate": -1}"#, "rate", "-1.0"), (#"{"batchSize": 1, "rate": 1e300}"#, "rate", "1e+300"),
        (#"{"batchSize": 1, "inner": {"share": 2}}"#, "inner.share", "2.0"),
        (#"{"batchSize": 1, "inner": {"share": 0, "sizes": []}}"#, "inner.sizes", "0 values"),
        (#"{"batchSize": 1, "inner": {"share": 0, "sizes": [1, 0]}}"#, "inner.sizes[1]", "0"),
        (#"{"batchSize": 1, "inner": {"share": 0, "sizes": [1, "a"]}}"#, "inner.sizes[1]", "another type"),
    ])
    func errorsSayFileFieldValueAndRange(json: String, field: String, found: String) throws {
        let error = try error(json)
        #expect(error.file == "recipe.json" && error.field == field, "\(error)")
        #expect((found.isEmpty || error.found.contains(found)) && !error.allowed.isEmpty, "\(error)")
        #expect(error.description.hasPrefix("recipe.json, \(field): "))
    }

    @Test func whatIsNoJSONIsSaid() throws {
        #expect(try error("[").description.contains("recipe.json"))
        #expect(try error("").description.contains("recipe.json"))
    }

    @Test func notANumberPassesNoRange() throws {
        let check = SettingsCheck(file: "options")
        #expect(throws: SettingError.self) { try check.check("rate", Double.nan, in: 0...1) }
        #expect(throws: SettingError.self) { try check.check("rate", Double.nan, above: 0, upTo: .infinity) }
        #expect(throws: SettingError.self) { try check.check("rate", Float.nan, in: 0...1) }
        #expect(throws: Never.self) { try check.check("rate", nil as Double?, in: 0...1) }
    }
}
