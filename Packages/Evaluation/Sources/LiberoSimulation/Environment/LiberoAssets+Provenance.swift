import FileSupport
import Foundation
import Synchronization

extension LiberoAssets {
    /// A hash of the assets' names, sizes and XML texts, and how the files compare with the originals.
    ///
    /// `visualAssets` begins with `genuine`, `look-alike` or `mixed`.
    func provenance() throws -> [String: String] {
        var hash = FNVHash()
        for folder in [liberoFolder, robosuiteFolder] {
            let manager = FileManager.default
            guard let names = manager.enumerator(atPath: folder.path) else {
                throw LiberoSimulationError.missingAsset(path: folder.path, neededBy: "the scene")
            }
            for name in names.compactMap({ $0 as? String }).sorted() {
                let path = folder.appendingPathComponent(name).path
                hash.add(name.utf8)
                if name.hasSuffix(".xml") {
                    hash.add((try? FileContent.data(at: URL(fileURLWithPath: path))) ?? Data())
                } else {
                    hash.add(UInt64(Self.size(of: path) ?? 0))
                }
            }
        }
        return ["assets": String(hash.value, radix: 16), "visualAssets": comparison().description]
    }

    /// How the files compare with the originals, by their git hashes; computed once in a process for the same folder.
    func comparison() -> AssetComparison {
        let key = [liberoFolder.path, robosuiteFolder.path]
        if let known = Self.comparisons.withLock({ $0[key] }) { return known }
        let root = liberoFolder.deletingLastPathComponent().path
        let robot = robosuiteFolder.path
        let made = AssetComparison(.libero) { path in
            // <LIBERO>/bddl_files and assets; the robot's files lie where they were found
            for (prefix, folder) in [("libero/libero/", root), ("robosuite/models/assets/", robot)] {
                if path.hasPrefix(prefix) { return folder + "/" + path.dropFirst(prefix.count) }
            }
            return root + "/" + path
        }
        Self.comparisons.withLock { $0[key] = made }
        return made
    }

    private static let comparisons = Mutex<[[String]: AssetComparison]>([:])

    private static func size(of path: String) -> Int? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
    }
}
