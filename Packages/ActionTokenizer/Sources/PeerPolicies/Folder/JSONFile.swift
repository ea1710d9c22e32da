public import FileSupport
public import Foundation

/// A JSON object read from a file of a checkpoint folder, with typed access that names file and key when it fails.
///
/// Keys keep their order: LeRobot's camera order is the order of `input_features` in the text.
public struct JSONFile: Sendable {
    /// The file's name within its folder.
    public let name: String
    public let root: StrictJSON

    /// Largest size that is read: configurations are a few kilobytes, OpenVLA's with statistics a few megabytes.
    private static let byteLimit = 64 << 20

    /// - Throws: ``PeerPolicyError`` when the file is missing, `SerializationError` when it is no JSON.
    public init(_ name: String, in folder: URL) throws {
        let url = folder.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw PeerPolicyError(
                .missingFile, file: name, "the file is missing from \(folder.path)",
                remedy: "Copy the whole checkpoint folder.")
        }
        let file = try MappedFile(at: url)
        guard file.byteCount <= Self.byteLimit else {
            throw PeerPolicyError(
                .damaged, file: name, "\(file.byteCount) bytes; at most \(Self.byteLimit) are read",
                remedy: "Check that this is the configuration.")
        }
        try self.init(name: name, bytes: file.withBytes { Array($0) })
    }

    /// Parses bytes in memory.
    public init(name: String, bytes: some Sequence<UInt8>) throws {
        let root = try StrictJSON(parsing: bytes, file: name)
        guard root.object != nil else {
            throw PeerPolicyError(.damaged, file: name, "the text is not an object", remedy: "Fetch the file again.")
        }
        self.init(name: name, root: root)
    }

    public init(name: String, root: StrictJSON) {
        self.name = name
        self.root = root
    }

    /// A nested object, as a separate file.
    public func object(_ key: String) throws -> JSONFile {
        guard let value = root[key] else { throw error(key, "the key is missing") }
        guard value.object != nil else { throw error(key, "not an object") }
        return JSONFile(name: name, root: value)
    }

    /// Whether the key is present and not null.
    public func has(_ key: String) -> Bool {
        guard let value = root[key] else { return false }
        if case .null = value { return false }
        return true
    }

    /// A whole number within a range; the default where the key is absent or null.
    public func integer(_ key: String, default fallback: Int? = nil, in range: ClosedRange<Int>) throws -> Int {
        guard has(key) else {
            if let fallback { return fallback }
            throw error(key, "the key is missing")
        }
        guard let value = root[key]?.integer ?? root[key]?.double.flatMap({ Int(exactly: $0) }) else {
            throw error(key, "not a whole number")
        }
        guard range.contains(value) else { throw error(key, "\(value) is outside of \(range)") }
        return value
    }

    /// A finite number; the default where the key is absent or null.
    public func number(_ key: String, default fallback: Double? = nil) throws -> Double {
        guard has(key) else {
            if let fallback { return fallback }
            throw error(key, "the key is missing")
        }
        guard let value = root[key]?.double, value.isFinite else { throw error(key, "not a finite number") }
        return value
    }

    public func bool(_ key: String, default fallback: Bool) throws -> Bool {
        guard has(key) else { return fallback }
        guard let value = root[key]?.bool else { throw error(key, "neither true nor false") }
        return value
    }

    public func text(_ key: String, default fallback: String? = nil) throws -> String {
        guard has(key) else {
            if let fallback { return fallback }
            throw error(key, "the key is missing")
        }
        guard let value = root[key]?.string else { throw error(key, "not a text") }
        return value
    }

    /// A list of whole numbers within a range; nil where the key is absent or null.
    public func integers(_ key: String, in range: ClosedRange<Int>, count: ClosedRange<Int>) throws -> [Int]? {
        guard has(key) else { return nil }
        guard let values = root[key]?.array, count.contains(values.count) else {
            throw error(key, "not a list of \(count) numbers")
        }
        return try values.map { value in
            guard let value = value.integer, range.contains(value) else {
                throw error(key, "not whole numbers within \(range)")
            }
            return value
        }
    }

    /// The error for a key.
    public func error(
        _ key: String, _ found: String, _ kind: PeerPolicyError.Kind = .damaged,
        remedy: String = "Check that the file belongs to this checkpoint and is whole."
    ) -> PeerPolicyError {
        PeerPolicyError(kind, file: name, key: key, found, remedy: remedy)
    }
}
