public import Foundation

/// The right to write a folder, held by one process at a time.
///
/// The lock lies on a file `.lock` in the folder, which stays there; the system gives it up when the process ends, however
/// it ends. File systems that know no locks grant it to everybody.
public final class FolderLock: Sendable {
    public static let fileName = ".lock"

    private let descriptor: Int32

    /// Makes the folder where it is missing, and takes its lock.
    ///
    /// - Throws: ``SerializationError``, `.cannotWrite`, at once when another process or another lock of this one has it.
    public init(of folder: URL) throws {
        func failure(_ reason: String, _ advice: String) -> SerializationError {
            SerializationError(.cannotWrite, file: folder.path, reason, advice: advice)
        }
        let writable = "Check that the folder may be written."
        do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
            throw failure("the folder cannot be made", writable)
        }
        let path = folder.appendingPathComponent(Self.fileName).path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o644)
        guard descriptor >= 0 else {
            throw failure("opening '\(Self.fileName)' failed: \(String(cString: strerror(errno)))", writable)
        }
        // a process that is being started holds its parent's locks for a moment
        for attempt in 1...10 {
            guard flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
            if attempt < 10 { usleep(20_000) }
        }
        close(descriptor)
        throw failure(Self.inUse, "Wait for it or choose another folder.")
    }

    fileprivate static let inUse = "another process writes to this folder"

    /// Removes everything from a locked folder but the lock.
    public static func clear(_ folder: URL) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name != fileName {
            try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
        }
    }

    deinit { close(descriptor) }
}

extension SerializationError {
    /// Whether it is ``FolderLock``'s refusal of a folder that somebody else writes.
    public var isFolderInUse: Bool { kind == .cannotWrite && found == FolderLock.inUse }
}
