import FileSupport
import Foundation
import TensorCore

/// A value that a decoder computed when it was saved, so that a file with the right names and the wrong numbers is found.
///
/// Kept in the metadata of a safetensors file under ``metadataKey``. The ids are fixed; what is kept are the logits of
/// the last token at a few of them.
public struct LogitsCheck: Sendable, Hashable, Codable {
    public static let metadataKey = "logits_check"

    public var ids: [Int]
    /// Ids whose logits are kept, and the logits.
    public var places: [Int]
    public var logits: [Float]

    /// Computes it.
    public init(of decoder: Decoder) {
        let count = decoder.configuration.vocabularySize
        ids = (0..<min(8, decoder.configuration.positionCount)).map { (1 + 37 * $0) % count }
        places = Array(Set((0..<8).map { (3 + 101 * $0) % count })).sorted()
        logits = Self.logits(of: decoder, ids, at: places)
    }

    /// Reads it from a file's metadata; nil when there is none or it is not readable.
    public init?(metadata: [String: String]) {
        guard let text = metadata[Self.metadataKey],
            let value = try? JSONDecoder().decode(LogitsCheck.self, from: Data(text.utf8)),
            value.places.count == value.logits.count, !value.ids.isEmpty
        else { return nil }
        self = value
    }

    /// For a file's metadata.
    public var metadata: [String: String] {
        let encoder = JSONEncoder.sorted(escapingSlashes: true)
        guard let data = try? encoder.encode(self) else { return [:] }
        return [Self.metadataKey: String(decoding: data, as: UTF8.self)]
    }

    /// The largest difference to what a decoder computes now, relative to the largest logit kept; nil when the ids are
    /// not the decoder's.
    public func deviation(of decoder: Decoder) -> Float? {
        let range = 0..<decoder.configuration.vocabularySize
        guard ids.allSatisfy(range.contains), places.allSatisfy(range.contains),
            ids.count <= decoder.configuration.positionCount
        else { return nil }
        let now = Self.logits(of: decoder, ids, at: places)
        let scale = max(logits.map(abs).max() ?? 1, 1e-6)
        return zip(now, logits).map { abs($0 - $1) }.max().map { $0 / scale }
    }

    /// - Parameters:
    ///   - decoder: The loaded model.
    ///   - tolerance: 0.05 admits weights that were rounded to bfloat16.
    /// - Throws: ``LogitsCheckError`` when the decoder computes something else.
    public func verify(_ decoder: Decoder, tolerance: Float = 0.05) throws {
        guard let deviation = deviation(of: decoder) else { throw LogitsCheckError(deviation: nil) }
        guard deviation <= tolerance else { throw LogitsCheckError(deviation: deviation) }
    }

    private static func logits(of decoder: Decoder, _ ids: [Int], at places: [Int]) -> [Float] {
        withoutGradient {
            let hidden = decoder(decoder.embed(Tensor(integers: ids, [1, ids.count]))).hidden
            let logits = decoder.logits(hidden.select(axis: 1, ids.count - 1)).floats
            return places.map { logits[$0] }
        }
    }
}

/// The weights fit by name and shape and compute something else than when they were saved.
public struct LogitsCheckError: Error, Equatable, CustomStringConvertible {
    /// Relative to the largest logit; nil when the check is of another vocabulary.
    public let deviation: Float?

    public var description: String {
        let found = deviation.map { "logits that differ by \($0) of their size" } ?? "another vocabulary"
        return """
            The weights have the right names and shapes, and the check value saved with them says: \(found). The file was \
            changed after it was saved, or it was made for another configuration (head count, rotary base, order of rows).
            """
    }
}
