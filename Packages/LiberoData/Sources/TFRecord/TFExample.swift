import FileSupport
public import Foundation
import SwiftProtobuf

/// One value of a `tf.train.Example`.
public enum TFFeature: Equatable, Sendable {
    case bytes([Data])
    case floats([Float])
    case integers([Int64])

    public var count: Int {
        switch self {
        case .bytes(let values): values.count
        case .floats(let values): values.count
        case .integers(let values): values.count
        }
    }
}

/// A `tf.train.Example`: named lists, as TFRecord files of data sets hold them.
public struct TFExample: Equatable, Sendable {
    public var features: [String: TFFeature]

    public init(features: [String: TFFeature]) { self.features = features }

    /// Decodes a record whole; ``TFExampleIndex`` reads parts of one.
    ///
    /// - Throws: `SerializationError` called `name` when it is no Example.
    public init(serialized bytes: UnsafeRawBufferPointer, name: String) throws {
        do {
            let message = try ExampleMessage(serializedBytes: Array(bytes))
            features = message.features.feature.compactMapValues(\.value)
        } catch {
            throw SerializationError(.damaged, file: name, "the record is no tf.train.Example: \(error)")
        }
    }

    /// The record, with its names in order: the same example gives the same bytes.
    public func serialized() -> [UInt8] {
        var message = ExampleMessage()
        message.features.feature = features.mapValues { FeatureMessage($0) }
        var options = BinaryEncodingOptions()
        options.useDeterministicOrdering = true
        // it fails only for required fields, which there are none of, and beyond 2 GiB
        guard let bytes: [UInt8] = try? message.serializedBytes(options: options) else {
            preconditionFailure("an Example of more than 2 GiB")
        }
        return bytes
    }
}

/// Where the features of a record lie, found without decoding them.
///
/// An episode is one record; an image of it is reached without touching the others.
public struct TFExampleIndex: Sendable {
    /// The bytes of each feature's message in the record.
    public let features: [String: Range<Int>]
    private let name: String

    /// - Throws: `SerializationError` called `name` when the record is no Example.
    public init(_ record: UnsafeRawBufferPointer, name: String) throws {
        self.name = name
        var features: [String: Range<Int>] = [:]
        var example = WireReader(record, 0..<record.count, name: name)
        while let (field, content) = try example.nextField() {
            guard field == 1, let content else { continue }
            var map = WireReader(record, content, name: name)
            while let (field, content) = try map.nextField() {
                guard field == 1, let content else { continue }
                var entry = WireReader(record, content, name: name)
                var (key, value) = (Range<Int>?.none, content.upperBound..<content.upperBound)
                while let (field, content) = try entry.nextField() {
                    if field == 1 { key = content }
                    if field == 2, let content { value = content }
                }
                guard let key, key.count <= 4096 else { continue }
                features[String(decoding: record[key], as: UTF8.self)] = value
            }
        }
        self.features = features
    }

    /// A feature's values.
    public func feature(_ key: String, of record: UnsafeRawBufferPointer) throws -> TFFeature? {
        guard let range = features[key] else { return nil }
        do {
            return try FeatureMessage(serializedBytes: Array(record[range])).value
        } catch {
            throw SerializationError(.damaged, file: name, member: key, "the feature cannot be decoded: \(error)")
        }
    }

    /// The places of the byte strings of a feature; nil when it is none of bytes.
    public func byteStrings(_ key: String, of record: UnsafeRawBufferPointer) throws -> [Range<Int>]? {
        guard let range = features[key] else { return nil }
        var feature = WireReader(record, range, name: name)
        var found: [Range<Int>]?
        while let (field, content) = try feature.nextField() {
            guard field == 1, let content else { continue }
            var list = WireReader(record, content, name: name)
            var strings = found ?? []
            while let (field, content) = try list.nextField() {
                if field == 1, let content { strings.append(content) }
            }
            found = strings
        }
        return found
    }
}

/// Steps over the fields of a message.
private struct WireReader {
    private let bytes: UnsafeRawBufferPointer
    private let name: String
    private var position: Int
    private let end: Int

    init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, name: String) {
        (self.bytes, self.name, position, end) = (bytes, name, range.lowerBound, range.upperBound)
    }

    /// The next field's number, and its content when it has a length; nil at the end.
    mutating func nextField() throws -> (field: Int, content: Range<Int>?)? {
        guard position < end else { return nil }
        let tag = try varint()
        let field = Int(truncatingIfNeeded: tag >> 3)
        switch tag & 7 {
        case 0: _ = try varint()
        case 1: try advance(8)
        case 2:
            let length = try varint()
            guard length <= UInt64(end - position) else { throw failure("a field of \(length) bytes") }
            let content = position..<position + Int(length)
            position = content.upperBound
            return (field, content)
        case 5: try advance(4)
        default: throw failure("wire type \(tag & 7)")
        }
        return (field, nil)
    }

    private mutating func advance(_ count: Int) throws {
        guard end - position >= count else { throw failure("a field that is cut off") }
        position += count
    }

    private mutating func varint() throws -> UInt64 {
        var (value, shift) = (UInt64(0), UInt64(0))
        while position < end, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        throw failure("a number that does not end")
    }

    private func failure(_ found: String) -> SerializationError {
        SerializationError(.damaged, file: name, offset: position, "the record is no tf.train.Example: \(found)")
    }
}
