import FileSupport
public import Foundation
import TensorCore

extension DatasetStatistics {
    /// The statistics from the folder of earlier results if they are of the same files and settings, else computed and
    /// kept there.
    ///
    /// The name is a hash of every file's path, size and modification time, of the episodes and of the settings; a file
    /// that cannot be read is computed again.
    public static func cached(
        in folder: URL, of dataset: LiberoDataset, episodes: [Int]? = nil, rows: Rows = .frames,
        imageStride: Int? = nil
    ) throws -> DatasetStatistics {
        let chosen = episodes ?? Array(dataset.episodes.indices)
        // as sorted JSON: the entries of a dictionary have no order of their own
        let sorted = JSONEncoder.sorted(escapingSlashes: true)
        let description = String(decoding: try sorted.encode(dataset.description), as: UTF8.self)
        var key = "\(dataset.url.standardizedFileURL.path) \(chosen) \(rows) \(imageStride ?? 0) \(description)\n"
        for file in try dataset.files() {
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            let time = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
            key += "\(file.path) \(attributes[.size] as? Int ?? 0) \(time)\n"
        }
        let name = "statistics-\(ContentHash.hexadecimal(of: Array(key.utf8)).prefix(32)).json"
        let url = folder.appendingPathComponent(name)
        if let data = try? FileContent.data(at: url), let kept = try? JSONDecoder().decode(Self.self, from: data) {
            return kept
        }

        let statistics = try DatasetStatistics(of: dataset, episodes: chosen, rows: rows, imageStride: imageStride)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let encoder = JSONEncoder.sorted(escapingSlashes: true)
        try AtomicFile.write(encoder.encode(statistics), to: url)
        return statistics
    }
}

extension LiberoDataset {
    /// Every file of the data set, sorted by path.
    public func files() throws -> [URL] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue else {
            return [url]
        }
        let found = FileManager.default.enumerator(at: url, includingPropertiesForKeys: [.isRegularFileKey])
        return (found?.allObjects ?? []).compactMap { $0 as? URL }.filter { file in
            !file.lastPathComponent.hasPrefix(".")
                && (try? file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true
        }.sorted { $0.path < $1.path }
    }
}
