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
            return try body()
        }
    }

    /// What the library says about its last failure; call it inside ``call(_:)``.
    static func failure() -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { buffer in
            chdf5_error_text(buffer.baseAddress, buffer.count)
            let text = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            return text.isEmpty ? "libhdf5 gives no reason" : String(decoding: text, as: UTF8.self)
        }
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
