import FileSupport
import Foundation

/// A field in which two descriptions disagree.
///
/// Input preparation and the meaning of actions are described by values; wherever two parts are combined, these are
/// compared field by field, and the differences are the error message.
public struct FieldDifference: Hashable, Sendable, CustomStringConvertible {
    /// The path of the field, such as `cameras.agentview.width`.
    public let field: String
    /// What one side says, as JSON; nil where it has no such field.
    public let found: String?
    /// What the other side expects, as JSON; nil where it has no such field.
    public let expected: String?

    public init(field: String, found: String?, expected: String?) {
        (self.field, self.found, self.expected) = (field, found, expected)
    }

    public var description: String { "\(field): found \(found ?? "nothing"), expected \(expected ?? "nothing")" }

    /// The fields in which the encoded forms differ, in the order of their paths; empty when they are equal.
    public static func between(_ found: some Encodable, and expected: some Encodable) throws -> [FieldDifference] {
        let (a, b) = (try fields(of: found), try fields(of: expected))
        return Set(a.keys).union(b.keys).sorted().compactMap { path in
            a[path] == b[path] ? nil : FieldDifference(field: path, found: a[path], expected: b[path])
        }
    }

    /// Every leaf of the encoded form by its path; an empty container is a leaf.
    private static func fields(of value: some Encodable) throws -> [String: String] {
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        // wrapped, so that a value that is no container can be encoded as well
        let root = try StrictJSON(parsing: encoder.encode(["": value]), file: "description")
        var fields: [String: String] = [:]
        collect(root[""] ?? .null, at: "", into: &fields)
        return fields
    }

    private static func collect(_ value: StrictJSON, at path: String, into fields: inout [String: String]) {
        let prefix = path.isEmpty ? "" : path + "."
        switch value {
        case .object(let members) where !members.isEmpty:
            for (key, value) in members { collect(value, at: prefix + key, into: &fields) }
        case .array(let values) where !values.isEmpty:
            for (index, value) in values.enumerated() { collect(value, at: prefix + String(index), into: &fields) }
        default: fields[path] = value.text()
        }
    }
}
