import Foundation

/// A run's folder, held by one training at a time; the system lets go when the process ends, however it does.
final class RunFolderLock {
    private let descriptor: Int32
    private static let name = ".lock"

    /// Creates the folder where it is missing.
    ///
    /// - Throws: ``RunPlanError/inUse(folder:)`` when another training holds it; what the system says of the folder.
    init(_ folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appendingPathComponent(Self.name).path
        descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteNoPermission, userInfo: [NSFilePathErrorKey: path]) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw RunPlanError.inUse(folder: folder.path)
        }
    }

    /// Removes everything else from the folder.
    func clear(_ folder: URL) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name != Self.name {
            try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
        }
    }

    deinit { close(descriptor) }
}
