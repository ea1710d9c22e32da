public import Foundation
public import TensorCore

/// The tensors of one fixture file (`.safetensors`), and JSON files beside it.
public struct Golden: Sendable {
    public let file: SafetensorsFile

    public init(_ url: URL) throws { file = try SafetensorsFile(at: url) }

    /// Names in the order of the file.
    public var names: [String] { file.names }

    /// A tensor by name.
    public func callAsFunction(_ name: String) throws -> Tensor { try file.tensor(name) }

    /// All tensors by name.
    public func tensors() throws -> [String: Tensor] {
        var result: [String: Tensor] = [:]
        for name in file.names { result[name] = try file.tensor(name) }
        return result
    }

    /// A JSON file decoded, such as a fixture's `case.json`.
    public static func json<Value: Decodable>(_ url: URL, as _: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(contentsOf: url))
    }
}
