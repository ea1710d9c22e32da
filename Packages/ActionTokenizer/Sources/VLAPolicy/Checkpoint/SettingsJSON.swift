import FileSupport
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
        let object = try JSONDecoder().decode(StrictJSON.self, from: json)
        var (filled, data) = (object, json)
        lazy var standIns = defaults.compactMap { try? StrictJSON(encoding: $0) }
        // one more setting is filled in each time; there are finitely many
        while true {
            do {
                let value = try JSONDecoder().decode(Value.self, from: data)
                let unknown = object.settings(unknownTo: try StrictJSON(encoding: value))
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
        return try JSONEncoder().encode(JSONDecoder().decode(StrictJSON.self, from: json).withNamedValues)
    }

    /// An error of decoding in words, with the place.
    static func explanation(_ error: any Error, in json: Data = Data()) -> String {
        "\(JSONReading.explanation(of: error, in: json))"
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

extension StrictJSON {
    init(encoding value: some Encodable) throws {
        self = try JSONDecoder().decode(StrictJSON.self, from: JSONEncoder().encode(value))
    }

    /// The value at a path of keys; nil where there is none.
    subscript(path: [String]) -> StrictJSON? {
        guard let key = path.first else { return self }
        return self[key]?[Array(path.dropFirst())]
    }

    /// Puts a value where there is none in an object that is there; false where it cannot be put.
    mutating func insert(_ value: StrictJSON, at path: [String]) -> Bool {
        guard case .object = self, let key = path.first else { return false }
        if path.count == 1 {
            guard self[key] == nil else { return false }
            set(key, to: value)
        } else {
            guard var inner = self[key], inner.insert(value, at: Array(path.dropFirst())) else { return false }
            set(key, to: inner)
        }
        return true
    }

    /// See ``SettingsJSON/withNamedValues(_:)``.
    fileprivate var withNamedValues: StrictJSON {
        switch self {
        case .object(let members):
            .object(
                members.map { key, value in
                    if members.count == 1, let inner = value.object, inner.count == 1, let only = value["_0"] {
                        return (key, only.withNamedValues)
                    }
                    return (key, value.withNamedValues)
                })
        case .array(let values): .array(values.map(\.withNamedValues))
        default: self
        }
    }

    /// Keys of objects that another value lacks, with their paths. Null counts as absent.
    func settings(unknownTo other: StrictJSON, at path: String = "") -> [String] {
        switch (self, other) {
        case (.object(let own), .object):
            return own.flatMap { key, value -> [String] in
                if case .null = value { return [] }
                guard let found = other[key] else { return [path + key] }
                return value.settings(unknownTo: found, at: path + key + ".")
            }
        case (.array(let own), .array(let known)) where own.count == known.count:
            return zip(own, known).enumerated().flatMap { $1.0.settings(unknownTo: $1.1, at: "\(path)\($0).") }
        default: return []
        }
    }
}
