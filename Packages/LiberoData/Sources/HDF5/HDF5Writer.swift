import FileSupport
import CHDF5
public import Foundation

/// Writes an HDF5 file: groups, arrays in one piece without compression, attributes.
///
/// The file is written under a temporary name and appears complete, or not at all, when ``close()`` renames it. A writer
/// that goes away without it leaves nothing behind. Strings are variable-length UTF-8, numbers little-endian.
public final class HDF5Writer {
    public let url: URL
    private let temporary: URL
    private var file: HDF5Handle?
    /// The disk's room that was asked for; libhdf5 crashes when it is at an end in the middle of a copy.
    private var room: HDF5Room?
    private var isClosed = false

    /// Begins a file, with the content of `original` if one is given.
    ///
    /// - Throws: `SerializationError` when the folder cannot be written.
    public init(to url: URL, startingWith original: URL? = nil) throws {
        self.url = url
        let folder = url.deletingLastPathComponent()
        let name = ".\(url.lastPathComponent).\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
        temporary = folder.appendingPathComponent(name)
        let (path, place) = (temporary.path, HDF5Place(file: url.path, path: "/"))
        if let original {
            do { try FileManager.default.copyItem(at: original, to: temporary) } catch {
                try? FileManager.default.removeItem(at: temporary)
                throw error
            }
            file = try HDF5Library.call {
                try HDF5Handle(
                    chdf5_open(path, 1), closedBy: { H5Fclose($0) },
                    orThrow: place, "opening the copy")
            }
        } else {
            file = try HDF5Library.call {
                let id = chdf5_create(path)
                guard id >= 0 else {
                    throw place.error(
                        .cannotWrite, "creating the file failed: \(HDF5Library.failure())",
                        advice: "Check that the folder exists and may be written.")
                }
                return try HDF5Handle(id, closedBy: { H5Fclose($0) }, orThrow: place, "creating the file")
            }
        }
        room = try HDF5Room(of: temporary, place: place)
    }

    deinit {
        if !isClosed {
            file = nil
            try? FileManager.default.removeItem(at: temporary)
        }
    }

    /// Makes a group and those above it that are missing; `/` is always there.
    public func createGroup(_ path: String) throws {
        try withFile(path) { file, place in
            var prefix = ""
            for part in path.split(separator: "/") {
                prefix += "/\(part)"
                guard H5Lexists(file, prefix, hid_t(H5P_DEFAULT)) <= 0 else { continue }
                let timeless = chdf5_timeless(1)
                defer { H5Pclose(timeless) }
                let group = H5Gcreate2(file, prefix, hid_t(H5P_DEFAULT), timeless, hid_t(H5P_DEFAULT))
                guard group >= 0 else { throw unwritable(place) }
                H5Gclose(group)
            }
        }
    }

    /// Writes an array of `Double` in one piece.
    public func write(_ values: [Double], shape: [Int], to path: String) throws {
        try values.withUnsafeBytes { try write($0, shape, chdf5_double(), chdf5_file_double(), 8, path) }
    }

    /// Writes an array of `Float` in one piece.
    public func write(_ values: [Float], shape: [Int], to path: String) throws {
        try values.withUnsafeBytes { try write($0, shape, chdf5_float(), chdf5_file_float(), 4, path) }
    }

    /// Writes an array of `Int64` in one piece.
    public func write(_ values: [Int64], shape: [Int], to path: String) throws {
        try values.withUnsafeBytes { try write($0, shape, chdf5_int64(), chdf5_file_int64(), 8, path) }
    }

    /// Writes an array of `UInt8` in one piece.
    public func write(_ values: some ContiguousBytes, shape: [Int], to path: String) throws {
        try values.withUnsafeBytes { try write($0, shape, chdf5_uint8(), chdf5_file_uint8(), 1, path) }
    }

    /// Writes a list of strings of fixed length, as robomimic's lists of demonstrations are.
    public func write(_ strings: [String], to path: String) throws {
        let size = max(strings.map(\.utf8.count).max() ?? 0, 1)
        let bytes = strings.flatMap { Array($0.utf8) + Array(repeating: 0, count: size - $0.utf8.count) }
        let type = HDF5Library.call { chdf5_fixed_string(size) }
        defer { HDF5Library.call { _ = H5Tclose(type) } }
        try bytes.withUnsafeBytes { try write($0, [strings.count], type, type, size, path) }
    }

    /// Sets an attribute of a group; one that is there is replaced.
    public func setAttribute(_ name: String, of group: String, to value: HDF5Attribute) throws {
        let size =
            switch value {
            case .text(let text): text.utf8.count
            case .integer, .number: 8
            case .numbers(let numbers): 8 * numbers.count
            }
        try withFile(group, adding: size) { file, place in
            let object = H5Oopen(file, group.isEmpty ? "/" : group, hid_t(H5P_DEFAULT))
            guard object >= 0 else { throw unwritable(place) }
            defer { H5Oclose(object) }
            if H5Aexists(object, name) > 0 { H5Adelete(object, name) }

            var extents: [hsize_t] = []
            if case .numbers(let values) = value { extents = [hsize_t(values.count)] }
            let space = extents.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, extents, nil)
            let text = chdf5_string()
            defer {
                H5Sclose(space)
                H5Tclose(text)
            }
            let (stored, memory): (hid_t, hid_t) =
                switch value {
                case .text: (text, text)
                case .integer: (chdf5_file_int64(), chdf5_int64())
                case .number, .numbers: (chdf5_file_double(), chdf5_double())
                }
            let attribute = H5Acreate2(object, name, stored, space, hid_t(H5P_DEFAULT), hid_t(H5P_DEFAULT))
            guard attribute >= 0 else { throw unwritable(place.with("@\(name)")) }
            defer { H5Aclose(attribute) }
            let status =
                switch value {
                case .text(let value):
                    value.withCString { pointer in
                        var pointer: UnsafePointer<CChar>? = pointer
                        return H5Awrite(attribute, memory, &pointer)
                    }
                case .integer(let value): withUnsafePointer(to: Int64(value)) { H5Awrite(attribute, memory, $0) }
                case .number(let value): withUnsafePointer(to: value) { H5Awrite(attribute, memory, $0) }
                case .numbers(let values):
                    values.withUnsafeBufferPointer { H5Awrite(attribute, memory, $0.baseAddress) }
                }
            guard status >= 0 else { throw unwritable(place.with("@\(name)")) }
        }
    }

    /// Copies a group or dataset with all below it from another file, for all of which there has to be room.
    public func copy(_ group: HDF5Group, to path: String) throws {
        var size: hsize_t = 0
        HDF5Library.call {
            let source = H5Iget_file_id(group.handle.id)
            H5Fget_filesize(source, &size)
            H5Fclose(source)
        }
        try withFile(path, adding: Int(size)) { file, place in
            let status = H5Ocopy(group.handle.id, ".", file, path, hid_t(H5P_DEFAULT), hid_t(H5P_DEFAULT))
            guard status >= 0 else { throw unwritable(place) }
        }
    }

    /// Writes everything to the disk and gives the file its name.
    public func close() throws {
        try withFile("/") { file, place in
            guard H5Fflush(file, H5F_SCOPE_GLOBAL) >= 0 else { throw unwritable(place) }
        }
        file = nil
        room?.giveBackRest()
        let place = HDF5Place(file: url.path, path: "/")
        func failure(_ step: String) -> SerializationError {
            place.error(.cannotWrite, "\(step) failed: \(String(cString: strerror(errno)))")
        }
        let descriptor = open(temporary.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("opening the file again") }
        defer { Foundation.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("fsync") }
        guard rename(temporary.path, url.path) == 0 else { throw failure("renaming") }
        isClosed = true
        let folder = open(url.deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
        guard folder >= 0 else { throw failure("opening the folder") }
        defer { Foundation.close(folder) }
        guard fsync(folder) == 0 else { throw failure("fsync of the folder") }
    }

    /// Calls libhdf5 when the disk has room for so many bytes more.
    private func withFile(
        _ path: String, adding byteCount: Int = 0, _ body: (hid_t, HDF5Place) throws -> Void
    ) throws {
        guard let file else { preconditionFailure("the HDF5 file \(url.path) is closed") }
        let path = path.split(separator: "/").joined(separator: "/")
        let place = HDF5Place(file: url.path, path: path.isEmpty ? "/" : path)
        try HDF5Library.call {
            var size: hsize_t = 0
            guard H5Fget_filesize(file.id, &size) >= 0 else { throw unwritable(place) }
            try room?.reserve(Int(size) + byteCount, place: place)
            try body(file.id, place)
        }
    }

    private func write(
        _ bytes: UnsafeRawBufferPointer, _ shape: [Int], _ memory: @autoclosure () -> hid_t,
        _ stored: @autoclosure () -> hid_t, _ elementSize: Int, _ path: String
    ) throws {
        let count = shape.reduce(1, *)
        precondition(
            bytes.count == count * elementSize, "HDF5: \(bytes.count) bytes for \(shape) of \(elementSize) bytes")
        let parent = path.split(separator: "/").dropLast().joined(separator: "/")
        if !parent.isEmpty { try createGroup(parent) }
        try withFile(path, adding: bytes.count) { file, place in
            let extents = shape.map { hsize_t($0) }
            let space = extents.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(extents.count), extents, nil)
            defer { H5Sclose(space) }
            let timeless = chdf5_timeless(0)
            defer { H5Pclose(timeless) }
            let dataset = H5Dcreate2(
                file, path, stored(), space, hid_t(H5P_DEFAULT), timeless, hid_t(H5P_DEFAULT))
            guard dataset >= 0 else { throw unwritable(place) }
            defer { H5Dclose(dataset) }
            guard count == 0 || H5Dwrite(dataset, memory(), 0, 0, hid_t(H5P_DEFAULT), bytes.baseAddress) >= 0 else {
                throw unwritable(place)
            }
        }
    }

    private func unwritable(_ place: HDF5Place) -> SerializationError {
        place.error(
            .cannotWrite, "writing failed: \(HDF5Library.failure())", advice: "Check the space on the disk.")
    }
}
