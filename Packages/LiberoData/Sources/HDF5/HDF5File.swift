public import FileSupport
import CHDF5
public import Foundation

/// An HDF5 file, read only.
///
/// Opening reads the superblock; groups and datasets are read when asked for. Links to other files, external storage and
/// virtual datasets are refused: they would read files that nobody named. libhdf5 itself reads the structure, first in a
/// child process that a damaged one may crash; a file made to take over libhdf5 is not what this defends against.
public struct HDF5File: Sendable {
    public let url: URL
    /// The group `/`.
    public let root: HDF5Group
    let content: HDF5FileContent

    /// Opens a file.
    ///
    /// - Throws: `SerializationError` when it cannot be read, is cut off or is no HDF5 file.
    public init(at url: URL, limits: FileLimits = .default) throws {
        let place = HDF5Place(file: url.path, path: "/")
        try Self.checkStart(of: url, place: place)
        let handle = try HDF5Library.call {
            try HDF5Trial.run(url.path, place: place, limits: limits)
            return try HDF5Handle(
                chdf5_open(url.path, 0), closedBy: { H5Fclose($0) }, orThrow: place,
                "opening the HDF5 file")
        }
        self.url = url
        content = HDF5FileContent(url: url, file: handle, limits: limits)
        let group = try HDF5Library.call {
            try HDF5Handle(
                H5Gopen2(handle.id, "/", hid_t(H5P_DEFAULT)), closedBy: { H5Gclose($0) }, orThrow: place,
                "opening the root group")
        }
        root = HDF5Group(handle: group, place: place, content: content)
    }

    /// Says what is wrong in words that libhdf5 does not have: an empty file, a Git LFS pointer, another format.
    private static func checkStart(of url: URL, place: HDF5Place) throws {
        let file = try MappedFile(at: url)
        try file.withBytes { bytes in
            guard bytes.count > 0 else {
                throw place.error(.wrongFormat, "the file is empty", advice: "Fetch it again.")
            }
            if bytes.starts(with: "version https://git-lfs".utf8) {
                throw place.error(
                    .wrongFormat, "this is a Git LFS pointer, not the data", advice: "Run `git lfs pull` in its folder."
                )
            }
            // the signature is at 0, or behind a user block of 512, 1024, …
            let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
            var start = 0
            while start + 8 <= bytes.count {
                if bytes[start..<start + 8].elementsEqual(signature) {
                    try checkEnd(of: bytes, superblock: start, place: place)
                    return
                }
                start = start == 0 ? 512 : start * 2
            }
            throw place.error(.wrongFormat, "the HDF5 signature is missing", advice: "This is no HDF5 file.")
        }
    }

    /// Compares the file's size with the one that the superblock announces: downloads that stopped are shorter.
    ///
    /// The address of the end stands behind two others: at byte 24 of version 0, 28 of version 1, 12 of versions 2 and 3.
    /// Source: HDF5 File Format Specification 3.0, section II.A.
    private static func checkEnd(of bytes: UnsafeRawBufferPointer, superblock start: Int, place: HDF5Place) throws {
        guard start + 16 <= bytes.count else {
            throw place.error(.truncated, "the file is truncated: it ends in its header", advice: "Fetch it again.")
        }
        let version = bytes[start + 8]
        let (sizePlace, addresses): (Int, Int)
        switch version {
        case 0: (sizePlace, addresses) = (13, 24)
        case 1: (sizePlace, addresses) = (13, 28)
        case 2, 3: (sizePlace, addresses) = (9, 12)
        default: return
        }
        let size = Int(bytes[start + sizePlace])
        guard [2, 4, 8].contains(size) else { return }
        let end = start + addresses + 2 * size
        guard end + size <= bytes.count else {
            throw place.error(.truncated, "the file is truncated: it ends in its header", advice: "Fetch it again.")
        }
        let announced = (0..<size).reduce(UInt64(0)) { $0 | UInt64(bytes[end + $1]) << (8 * UInt64($1)) }
        // all ones stand for none
        let undefined = UInt64.max >> UInt64(64 - 8 * size)
        guard announced != undefined, announced > UInt64(bytes.count) else { return }
        throw place.error(
            .truncated, "the file is truncated: it ends after \(bytes.count) of \(announced) bytes",
            advice: "Fetch it again.")
    }
}

/// What the objects of one file share.
///
/// `@unchecked Sendable`: the map is made once, under a lock; the rest never changes.
final class HDF5FileContent: @unchecked Sendable {
    let url: URL
    let file: HDF5Handle
    let limits: FileLimits
    private let lock = NSLock()
    private var map: MappedFile?

    init(url: URL, file: HDF5Handle, limits: FileLimits) {
        (self.url, self.file, self.limits) = (url, file, limits)
    }

    /// Bytes of a dataset as they are stored: what it says, and no more than the file has. Call it inside
    /// ``HDF5Library/call(_:)``.
    func storedByteCount(of dataset: HDF5Handle) throws -> Int {
        min(Int(clamping: H5Dget_storage_size(dataset.id)), try mapped().byteCount)
    }

    /// The file's bytes, mapped at the first call.
    func mapped() throws -> MappedFile {
        try lock.withLock {
            if let map { return map }
            let new = try MappedFile(at: url)
            map = new
            return new
        }
    }
}
