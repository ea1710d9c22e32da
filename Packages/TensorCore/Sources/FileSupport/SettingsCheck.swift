public import Foundation

/// Settings that know their ranges.
///
/// What is read from a file or the command line goes through ``SettingsCheck/decode(_:from:file:)`` or
/// ``SettingsCheck/check(_:)`` before any library sees it.
public protocol CheckedSettings {
    /// Throws for the first value outside of its range.
    func check(_ check: SettingsCheck) throws(SettingError)
}

/// Compares settings with their ranges and says where one is wrong.
public struct SettingsCheck: Sendable {
    /// What the settings were read from.
    public let file: String
    /// Keys from the outermost value, joined by dots.
    public let path: String

    public init(file: String, path: String = "") { (self.file, self.path) = (file, path) }

    /// Reads settings from JSON and checks them.
    ///
    /// - Throws: ``SettingError`` with the key: for a value of another type, one that is missing, one outside of its range.
    public static func decode<Settings: Decodable & CheckedSettings>(
        _: Settings.Type, from json: Data, file: String
    ) throws(SettingError) -> Settings {
        let check = SettingsCheck(file: file)
        let settings: Settings
        do { settings = try JSONDecoder().decode(Settings.self, from: json) } catch {
            let number = JSONReading.numberThatDoesNotFit(in: json) {
                _ = try JSONDecoder().decode(Settings.self, from: $0)
            }
            throw check.error(decoding: error, in: json, number: number)
        }
        try settings.check(check)
        return settings
    }

    /// Checks settings that are read already.
    public func check(_ settings: some CheckedSettings) throws(SettingError) { try settings.check(self) }

    /// Checks the settings of a key.
    public func check(_ field: String, _ settings: (some CheckedSettings)?) throws(SettingError) {
        guard let settings else { return }
        try settings.check(SettingsCheck(file: file, path: name(field)))
    }

    /// Checks a whole number; one that is not given is left alone.
    public func check(_ field: String, _ value: Int?, in range: ClosedRange<Int>) throws(SettingError) {
        guard let value, !range.contains(value) else { return }
        throw error(field, "\(value)", allowed: Self.text(range))
    }

    /// Checks a number, which NaN never passes; one that is not given is left alone.
    public func check(_ field: String, _ value: Double?, in range: ClosedRange<Double>) throws(SettingError) {
        guard let value, !range.contains(value) else { return }
        throw error(field, "\(value)", allowed: "\(range.lowerBound) to \(range.upperBound)")
    }

    /// Checks a number that has to be above a bound, up to another.
    public func check(
        _ field: String, _ value: Double?, above bound: Double, upTo maximum: Double
    ) throws(SettingError) {
        guard let value, !(value > bound && value <= maximum) else { return }
        throw error(field, "\(value)", allowed: "more than \(bound), at most \(maximum)")
    }

    /// Checks a single-precision number.
    public func check(_ field: String, _ value: Float?, in range: ClosedRange<Float>) throws(SettingError) {
        guard let value, !range.contains(value) else { return }
        throw error(field, "\(value)", allowed: "\(range.lowerBound) to \(range.upperBound)")
    }

    /// Checks the number of elements and each of them.
    public func check(
        _ field: String, _ values: [Int]?, in range: ClosedRange<Int>, counts: ClosedRange<Int> = 0...100_000
    ) throws(SettingError) {
        guard let values else { return }
        guard counts.contains(values.count) else {
            throw error(field, "\(values.count) values", allowed: "\(Self.text(counts)) of them")
        }
        for (index, value) in values.enumerated() { try check("\(field)[\(index)]", value, in: range) }
    }

    /// What a condition asks for.
    public func require(
        _ field: String, _ holds: Bool, found: @autoclosure () -> String, allowed: @autoclosure () -> String
    ) throws(SettingError) {
        guard holds else { throw error(field, found(), allowed: allowed()) }
    }

    /// An error at a key.
    public func error(_ field: String, _ found: String, allowed: String) -> SettingError {
        SettingError(file: file, field: name(field), found: found, allowed: allowed)
    }

    private func name(_ field: String) -> String { path.isEmpty ? field : "\(path).\(field)" }

    private static func text(_ range: ClosedRange<Int>) -> String {
        range.upperBound == .max ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    }

    private func error(
        decoding error: any Error, in json: Data, number: JSONReading.Explanation?
    ) -> SettingError {
        func field(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
            (context.codingPath + (last.map { [$0] } ?? [])).reduce("") { path, key in
                key.intValue.map { "\(path)[\($0)]" } ?? (path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)")
            }
        }
        switch error {
        case DecodingError.typeMismatch(let type, let context):
            return SettingError(
                file: file, field: field(context), found: "a value of another type", allowed: "\(type)")
        case DecodingError.valueNotFound(let type, let context):
            return SettingError(file: file, field: field(context), found: "null", allowed: "\(type)")
        case DecodingError.keyNotFound(let key, let context):
            return SettingError(file: file, field: field(context, key), found: "nothing", allowed: "a value")
        case DecodingError.dataCorrupted:
            // where the decoder does not say it, the text does
            let found = number ?? JSONReading.explanation(of: error, in: json)
            return SettingError(
                file: file, field: found.path ?? "", found: found.text, allowed: "a number that fits, or JSON")
        default: return SettingError(file: file, field: "", found: "\(error)", allowed: "JSON")
        }
    }
}
