public import FileSupport
import CHDF5
public import Foundation

/// An HDF5 file, read only.
///
/// Opening reads the superblock; groups and datasets are read when asked for. Links to other files, external storage and
/// virtual datasets are refused: they would read files that nobody named. libhdf5 itself reads the structure; a file
/// made to attack it is not what it defends against.
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
            try HDF5Handle(
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
                if bytes[start..<start + 8].elementsEqual(signature) { return }
                start = start == 0 ? 512 : start * 2
            }
            throw place.error(.wrongFormat, "the HDF5 signature is missing", advice: "This is no HDF5 file.")
        }
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
