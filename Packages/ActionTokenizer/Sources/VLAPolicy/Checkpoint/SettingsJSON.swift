import Foundation

/// Reading of saved settings: what is absent has its default, so that files of older versions keep loading; what the
/// program does not know is an error, so that nothing is without effect unnoticed.
enum SettingsJSON {
    /// Decodes a value.
    ///
    /// - Parameters:
    ///   - defaults: Values whose settings stand in for absent ones, the first that has one at the same place.
    ///   - mayBeAbsent: Whether what is absent at a place may have its default.
    /// - Throws: `DecodingError`, or ``UnknownSettings`` for what the value has no place for.
    static func decode<Value: Codable>(
        _: Value.Type = Value.self, from json: Data, defaults: [Value],
        mayBeAbsent: (_ path: [String]) -> Bool = { _ in true }
    ) throws -> Value {
        let json = try withNamedValues(json)
        let object = try JSONDecoder().decode(JSONValue.self, from: json)
        var (filled, data) = (object, json)
        lazy var standIns = defaults.compactMap { try? JSONValue(encoding: $0) }
        // one more setting is filled in each time; there are finitely many
        while true {
            do {
                let value = try JSONDecoder().decode(Value.self, from: data)
                let unknown = object.settings(unknownTo: try JSONValue(encoding: value))
                guard unknown.isEmpty else { throw UnknownSettings(names: unknown.sorted()) }
                return value
            } catch DecodingError.keyNotFound(let key, let context) {
                let path = (context.codingPath + [key]).map(\.stringValue)
                guard mayBeAbsent(path), let standIn = standIns.lazy.compactMap({ $0[path] }).first,
                    filled.insert(standIn, at: path)
                else { throw DecodingError.keyNotFound(key, context) }
                data = try JSONEncoder().encode(filled)
            }
        }
    }

    /// The same JSON with `{"case": value}` where older versions wrote `{"case": {"_0": value}}`.
    static func withNamedValues(_ json: Data) throws -> Data {
        guard json.range(of: Data(#""_0""#.utf8)) != nil else { return json }
        return try JSONEncoder().encode(JSONDecoder().decode(JSONValue.self, from: json).withNamedValues)
    }

    /// An error of decoding in words, with the place.
    static func explanation(_ error: any Error) -> String {
        switch error {
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return (path.isEmpty ? "" : path + ": ") + context.debugDescription
        case DecodingError.keyNotFound(let key, let context):
            return "there is no \((context.codingPath + [key]).map(\.stringValue).joined(separator: "."))"
        default: return "\(error)"
        }
    }
}

/// A file says something that the program does not know.
public struct UnknownSettings: Error, Equatable, CustomStringConvertible {
    public var names: [String]

    public init(names: [String]) { self.names = names }

    public var description: String {
        "there is no setting \(names.joined(separator: ", ")); it may be misspelt, or of a newer version of the program"
    }
}

/// Any JSON value.
enum JSONValue: Codable, Hashable {
    case null
    case flag(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    init(encoding value: some Encodable) throws {
        self = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .flag(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        case .object(let values): try container.encode(values)
        }
    }

    /// The value at a path of keys; nil where there is none.
    subscript(path: [String]) -> JSONValue? {
        guard let key = path.first else { return self }
        guard case .object(let values) = self else { return nil }
        return values[key]?[Array(path.dropFirst())]
    }

    /// Puts a value where there is none in an object that is there; false where it cannot be put.
    mutating func insert(_ value: JSONValue, at path: [String]) -> Bool {
        guard case .object(var values) = self, let key = path.first else { return false }
        if path.count == 1 {
            guard values[key] == nil else { return false }
            values[key] = value
        } else {
            guard var inner = values[key], inner.insert(value, at: Array(path.dropFirst())) else { return false }
            values[key] = inner
        }
        self = .object(values)
        return true
    }

    /// See ``SettingsJSON/withNamedValues(_:)``.
    fileprivate var withNamedValues: JSONValue {
        switch self {
        case .object(let values):
            .object(
                values.mapValues { value in
                    if values.count == 1, case .object(let inner) = value, inner.count == 1, let only = inner["_0"] {
                        return only.withNamedValues
                    }
                    return value.withNamedValues
                })
        case .list(let values): .list(values.map(\.withNamedValues))
        default: self
        }
    }

    /// Keys of objects that another value lacks, with their paths. Null counts as absent.
    func settings(unknownTo other: JSONValue, at path: String = "") -> [String] {
        switch (self, other) {
        case (.object(let own), .object(let known)):
            return own.flatMap { key, value -> [String] in
                if value == .null { return [] }
                guard let found = known[key] else { return [path + key] }
                return value.settings(unknownTo: found, at: path + key + ".")
            }
        case (.list(let own), .list(let known)) where own.count == known.count:
            return zip(own, known).enumerated().flatMap { $1.0.settings(unknownTo: $1.1, at: "\(path)\($0).") }
        default: return []
        }
    }
}
