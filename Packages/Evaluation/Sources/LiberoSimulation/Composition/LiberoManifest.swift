import CFileHash
import Foundation

/// The files of LIBERO 8f1084e and robosuite 1.4.0 with the hashes git gives them.
struct LiberoManifest: Sendable {
    struct Entry: Equatable, Sendable {
        /// SHA-1 as git computes it for a file's content, in hexadecimal.
        var hash: String
        /// In bytes.
        var size: Int
        /// The wheel that holds it.
        var wheel: String
        /// Whether a task of the five suites loads it.
        var isNeeded: Bool
        /// Below a folder as `Scripts/setup --with-libero` makes it.
        var path: String
    }

    var entries: [Entry]

    static let libero = LiberoManifest(text)

    /// Reads lines of hash, size, wheel, use and path; others are left out.
    init(_ text: String) {
        entries = text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", maxSplits: 4)
            guard words.count == 5, let size = Int(words[1]) else { return nil }
            return Entry(
                hash: String(words[0]), size: size, wheel: String(words[2]), isNeeded: words[3] == "task",
                path: String(words[4]))
        }
    }

    /// The hash git gives a file's content, in hexadecimal; `nil` when it cannot be read.
    static func gitBlobHash(ofFileAt path: String) -> String? {
        var digest = [UInt8](repeating: 0, count: 20)
        guard file_hash_git_blob(path, &digest) == 0 else { return nil }
        return digest.map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined()
    }
}

/// How a folder's files compare with the originals.
struct AssetComparison: Equatable, Sendable {
    enum Verdict: String, Sendable {
        /// Every file that is there is the original.
        case genuine
        /// None of the large visual files is: a copy without them whose gaps were filled.
        case lookAlike = "look-alike"
        /// Some files are not the originals.
        case mixed
    }

    /// Visual meshes and textures above this are what copies of LIBERO lack, bytes.
    static let largeSize = 4_000_000

    /// Files that were compared.
    var count = 0
    /// Paths whose content differs, in order.
    var different: [String] = []
    /// Paths that a task needs and that are not there, in order.
    var missing: [String] = []
    /// Large visual files that are there.
    var largeCount = 0
    var differentLargeCount = 0

    var verdict: Verdict {
        if different.isEmpty { return .genuine }
        return largeCount > 0 && differentLargeCount == largeCount && different.count == largeCount
            ? .lookAlike : .mixed
    }

    /// Compares what is there; files that no task needs may be absent.
    ///
    /// - Parameter file: Where a path of the manifest lies.
    init(_ manifest: LiberoManifest, file: (String) -> String) {
        for entry in manifest.entries {
            let path = file(entry.path)
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
                if entry.isNeeded { missing.append(entry.path) }
                continue
            }
            count += 1
            let isLarge = entry.size > Self.largeSize && !entry.path.hasSuffix(".xml")
            if isLarge { largeCount += 1 }
            let isOriginal =
                attributes[.size] as? Int == entry.size
                && LiberoManifest.gitBlobHash(ofFileAt: path) == entry.hash
            if !isOriginal {
                different.append(entry.path)
                if isLarge { differentLargeCount += 1 }
            }
        }
    }
}

extension AssetComparison: CustomStringConvertible {
    /// Such as `genuine, 498 files` or `mixed, 2 of 498 files differ: …`.
    var description: String {
        var text = verdict.rawValue
        if different.isEmpty {
            text += ", \(count) files"
        } else {
            let shown = different.prefix(3).map { String($0.split(separator: "/").last ?? "") }
            text += ", \(different.count) of \(count) files differ: " + shown.joined(separator: ", ")
            if different.count > shown.count { text += ", …" }
        }
        if !missing.isEmpty { text += "; \(missing.count) missing" }
        return text
    }
}
