import FileSupport
import CHDF5
import Foundation

/// Walks a file in a child process before this one opens it.
///
/// libhdf5 trusts the structure of what it reads: flipped bytes can crash it. The walk touches every object, attribute and
/// chunk index once; a file that has passed is not walked again while its size and times stay. It is asked for inside
/// ``HDF5Library/call(_:)``, so that no other thread is inside the library when the process is copied.
struct HDF5Trial {
    /// What tells one state of a file from another.
    private struct Key: Hashable {
        var device, inode, size, modified, modifiedPart, changed, changedPart: Int
    }

    private static let secondLimit: Int32 = 20
    private static let rememberedCount = 4096
    // used inside the library's lock
    nonisolated(unsafe) private static var passed: Set<Key> = []

    /// - Throws: `SerializationError` for a file that ends the child, or keeps it busy.
    static func run(_ path: String, place: HDF5Place, limits: FileLimits) throws {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        let key = Key(
            device: Int(status.st_dev), inode: Int(status.st_ino), size: Int(status.st_size),
            modified: status.st_mtim.tv_sec, modifiedPart: status.st_mtim.tv_nsec, changed: status.st_ctim.tv_sec,
            changedPart: status.st_ctim.tv_nsec)
        if passed.contains(key) { return }
        switch chdf5_try_file(path, limits.memberCount, secondLimit) {
        case 0:
            if passed.count >= rememberedCount { passed.removeAll() }
            passed.insert(key)
        case -1: break
        case SIGALRM:
            throw place.error(.limitExceeded, "libhdf5 did not come to an end within \(secondLimit) s of reading it")
        case let signal:
            throw place.error(
                .damaged, "reading its structure crashes libhdf5 (signal \(signal))",
                advice: "The file is damaged; fetch it again.")
        }
    }
}
