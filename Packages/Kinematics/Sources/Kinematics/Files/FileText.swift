import Foundation

/// The bytes of a file, refused beyond the limit.
func readBytes(_ url: URL, limits: RobotFileLimits) throws -> Data {
    do {
        // a pipe or a device never ends
        let values = try url.resourceValues(forKeys: [.isSymbolicLinkKey])
        let resolved = values.isSymbolicLink == true ? url.resolvingSymlinksInPath() : url
        guard try resolved.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else {
            throw RobotFileError(
                .cannotRead, file: url.path, "not a regular file", advice: "Give a file, no folder, pipe or device.")
        }
        let size = try resolved.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
        guard size <= limits.byteCount else {
            throw RobotFileError(.limitExceeded, file: url.path, "\(size) bytes, the limit is \(limits.byteCount)")
        }
        return try Data(contentsOf: url)
    } catch let error as RobotFileError {
        throw error
    } catch {
        throw RobotFileError(
            .cannotRead, file: url.path, "the file cannot be read", advice: "Check the path and its permissions.")
    }
}

/// The names nearest to one that was not found, for an error's advice: same beginning or end first, then by length.
func nearestNames(to name: String, among names: some Sequence<String>, count: Int = 5) -> [String] {
    func score(_ candidate: String) -> Int {
        let (a, b) = (Array(name.lowercased().utf8), Array(candidate.lowercased().utf8))
        let prefix = zip(a, b).prefix { $0 == $1 }.count
        let suffix = zip(a.reversed(), b.reversed()).prefix { $0 == $1 }.count
        return 2 * (prefix + suffix) - abs(a.count - b.count)
    }
    let scored = names.map { (name: $0, score: score($0)) }
    return scored.sorted { ($1.score, $0.name) < ($0.score, $1.name) }.prefix(count).map(\.name)
}
