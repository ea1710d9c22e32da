import CHDF5
import Foundation

/// Room on the disk for a file that libhdf5 is going to write, asked for before it writes.
///
/// libhdf5 1.10.8 crashes when the disk is full in the middle of `H5Ocopy`. With the room kept beyond the file's end, a full
/// disk is an error before anything is written.
final class HDF5Room {
    /// For what libhdf5 writes of itself between two calls.
    private static let metadata = 1 << 20

    private let descriptor: Int32
    private var end = 0

    init(of file: URL, place: HDF5Place) throws {
        descriptor = open(file.path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw place.error(.cannotWrite, "opening the file failed: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    /// Keeps room up to a size of the file in bytes, and some more.
    ///
    /// - Throws: `SerializationError` when the disk or a quota is full.
    func reserve(_ size: Int, place: HDF5Place) throws {
        let wanted = size + Self.metadata
        guard wanted > end else { return }
        guard chdf5_reserve(descriptor, Int64(end), Int64(wanted - end)) == 0 else {
            throw place.error(
                .cannotWrite, "the disk has no room for a file of \(wanted) bytes: \(String(cString: strerror(errno)))",
                advice: "Make room; the same command goes on from there.")
        }
        end = wanted
    }

    /// Frees what lies beyond the end of the finished file.
    func giveBackRest() {
        var status = stat()
        if fstat(descriptor, &status) == 0 { ftruncate(descriptor, status.st_size) }
    }
}
