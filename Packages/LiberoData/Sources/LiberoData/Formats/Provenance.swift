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
            return try JSONReading.decode(from: LimitedData.read(url), file: path)
        } catch {
            throw LiberoDataError(error, level: .open, file: path)
        }
    }

    func write(in root: URL, at path: String = Self.path) throws {
        let encoder = JSONEncoder.sorted(indented: true)
        try AtomicFile.write(try encoder.encode(self), to: root.appendingPathComponent(path))
    }

    /// Begins a set in a folder that holds none.
    ///
    /// - Parameters:
    ///   - root: The folder; made when there is none.
    ///   - path: Where the note goes.
    ///   - endings: Of files that would be replaced, or taken for the set's own.
    ///   - folders: Where such files lie; nil for anywhere below the folder.
    /// - Throws: ``LiberoDataError`` when there is such a file: somebody else's set is not written over.
    func begin(in root: URL, at path: String = Self.path, endings: [String], folders: [String]? = nil) throws {
        let found = FileManager.default.enumerator(atPath: root.path)?.allObjects ?? []
        let foreign = found.compactMap { $0 as? String }.filter { name in
            (folders.map { $0.contains { name.hasPrefix("\($0)/") } } ?? true)
                && endings.contains { name.hasSuffix($0) || name.contains("\($0)-") }
                && !(name as NSString).lastPathComponent.hasPrefix(".")
        }.min()
        if let foreign {
            throw LiberoDataError(
                .mismatch, level: .open, file: foreign, "the data set there was not begun by this program",
                advice: "Write into another folder.")
        }
        try FileManager.default.createDirectory(
            at: root.appendingPathComponent(path).deletingLastPathComponent(), withIntermediateDirectories: true)
        try write(in: root, at: path)
    }
}
