import FileSupport
import CHDF5
import Synchronization

/// The one door to libhdf5.
///
/// The library keeps global tables; where it is thread-safe it is so by one lock. This lock makes it so everywhere.
/// Calls are short: images are read through memory maps and decoded outside.
enum HDF5Library {
    private static let lock = Mutex(())

    /// Runs calls of the library, one thread at a time.
    static func call<Result>(_ body: () throws -> Result) rethrows -> Result {
        try lock.withLock { _ in
            chdf5_silence()
            chdf5_forget_external_links()
            return try body()
        }
    }

    /// What stands behind the library's last failure, in other words than its own; call it inside ``call(_:)``.
    static func failure() -> String {
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { buffer in
            chdf5_error_text(buffer.baseAddress, buffer.count)
            return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }.lowercased()
        let causes = [
            (["truncated"], "the file is cut off"), (["checksum"], "a checksum does not fit"),
            (["lock"], "another program holds the file"),
            (["no space"], "no space is left on the disk"), (["permission"], "this user may not"),
            (["no such file", "not found"], "it is not there"),
            (["filter"], "compressed data cannot be expanded"), (["convert", "conversion"], "of another kind"),
            (["version"], "a version that this build of libhdf5 does not know"),
            (["addr overflow", "read failed", "unable to read", "end of file"], "its place lies outside of the file"),
        ]
        return causes.first { words, _ in words.contains { text.contains($0) } }?.1 ?? "the structure is damaged"
    }
}

/// An identifier of libhdf5, closed with its last reference.
///
/// `@unchecked Sendable`: the identifier never changes and is used inside ``HDF5Library/call(_:)`` only.
final class HDF5Handle: @unchecked Sendable {
    let id: hid_t
    private let close: @Sendable (hid_t) -> herr_t

    /// Takes over an identifier; throws what the library says when it is none. Call it inside ``HDF5Library/call(_:)``.
    init(
        _ id: hid_t, closedBy close: @escaping @Sendable (hid_t) -> herr_t, orThrow place: HDF5Place, _ action: String
    ) throws {
        guard id >= 0 else { throw place.error(.damaged, "\(action) failed: \(HDF5Library.failure())") }
        self.id = id
        self.close = close
    }

    deinit {
        let (id, close) = (id, close)
        HDF5Library.call { _ = close(id) }
    }
}

/// A file and a path inside it: where an error arose.
struct HDF5Place: Sendable {
    let file: String
    var path: String

    func error(_ kind: SerializationError.Kind, _ found: String, advice: String? = nil) -> SerializationError {
        SerializationError(kind, file: file, member: path == "/" ? nil : path, found, advice: advice)
    }

    func with(_ name: String) -> HDF5Place { HDF5Place(file: file, path: path == "/" ? name : "\(path)/\(name)") }
}
