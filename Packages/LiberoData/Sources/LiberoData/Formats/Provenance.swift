import FileSupport
import Foundation
import TensorCore

/// What a writer of this program notes beside a data set: what its numbers mean and where it comes from.
struct Provenance: Codable, Sendable {
    var description: DatasetDescription
    /// The path or name of the source of a conversion; nil for a recording.
    var source: String?
    /// The form of the source.
    var sourceFormat: String?
    /// SHA-256 of the files by their paths, when the set is complete.
    var files: [String: String]?

    static let path = "meta/vla.json"

    static func read(in root: URL, at path: String = Self.path) throws -> Provenance? {
        let url = root.appendingPathComponent(path)
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        do {
            return try JSONDecoder().decode(Self.self, from: LimitedData.read(url))
        } catch {
            throw LiberoDataError(.damaged, level: .open, file: path, "it cannot be read: \(error)")
        }
    }

    func write(in root: URL, at path: String = Self.path) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(try encoder.encode(self), to: root.appendingPathComponent(path))
    }
}
