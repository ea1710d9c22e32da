import FileSupport
import CHDF5

/// An array in an HDF5 file.
public struct HDF5Dataset: Sendable {
    /// What the elements are in the file.
    public enum ElementType: Equatable, Sendable {
        case integer(byteCount: Int, isSigned: Bool)
        case float(byteCount: Int)
        case string
        /// Something else, in libhdf5's words.
        case other(String)
    }

    public let shape: [Int]
    public let elementType: ElementType
    /// The extent of one chunk; nil for data in one piece.
    public let chunkShape: [Int]?
    /// Names of the filters, such as `deflate`.
    public let filters: [String]
    /// Bytes of one chunk, which the library expands whole; 0 for data in one piece.
    let chunkByteCount: Int
    let handle: HDF5Handle
    let place: HDF5Place
    let content: HDF5FileContent

    public var path: String { place.path }
    /// Numbers in a row, which is what the first index selects.
    public var rowElementCount: Int { shape.dropFirst().reduce(1, *) }

    init(handle: HDF5Handle, place: HDF5Place, content: HDF5FileContent) throws {
        (self.handle, self.place, self.content) = (handle, place, content)
        (shape, elementType, chunkShape, filters, chunkByteCount) = try HDF5Library.call {
            let shape = try Self.shape(of: handle.id, place, content.limits)
            let type = H5Dget_type(handle.id)
            let list = H5Dget_create_plist(handle.id)
            defer {
                H5Tclose(type)
                H5Pclose(list)
            }
            guard H5Pget_external_count(list) <= 0 else {
                throw place.error(.refused, "data stored in another file", advice: "Copy the data into this file.")
            }
            var chunk: [Int]?
            switch H5Pget_layout(list) {
            case H5D_CONTIGUOUS, H5D_COMPACT: break
            case H5D_CHUNKED:
                var sizes = [hsize_t](repeating: 0, count: 32)
                let rank = H5Pget_chunk(list, 32, &sizes)
                chunk = sizes.prefix(Int(max(rank, 0))).map { Int(clamping: $0) }
            default: throw place.error(.refused, "a virtual dataset", advice: "Copy the data into this file.")
            }
            let bytes = try Self.byteCount(ofChunk: chunk ?? [0], elementSize: H5Tget_size(type), place, content.limits)
            let filters = try Self.filters(of: list, place)
            try Self.checkExtent(
                shape, elementSize: H5Tget_size(type), isFiltered: !filters.isEmpty,
                storedByteCount: try content.storedByteCount(of: handle), place, content.limits)
            return (shape, Self.elementType(type), chunk, filters, bytes)
        }
    }

    private static func shape(of dataset: hid_t, _ place: HDF5Place, _ limits: FileLimits) throws -> [Int] {
        let space = H5Dget_space(dataset)
        defer { H5Sclose(space) }
        let rank = H5Sget_simple_extent_ndims(space)
        guard rank >= 0, rank <= 32 else { throw place.error(.damaged, "the rank is \(rank)") }
        var sizes = [hsize_t](repeating: 0, count: 32)
        H5Sget_simple_extent_dims(space, &sizes, nil)
        var count = 1
        for size in sizes.prefix(Int(rank)) {
            let (product, overflow) = count.multipliedReportingOverflow(by: max(Int(clamping: size), 1))
            guard !overflow, product < 1 << 48 else {
                throw place.error(.limitExceeded, "the extent is \(sizes.prefix(Int(rank)))")
            }
            count = product
        }
        return sizes.prefix(Int(rank)).map { Int($0) }
    }

    /// What is announced is held against what is stored, before anybody counts to it: an extent of 2⁴⁰ rows costs nothing
    /// in a file where nothing was ever written.
    private static func checkExtent(
        _ shape: [Int], elementSize: Int, isFiltered: Bool, storedByteCount: Int, _ place: HDF5Place,
        _ limits: FileLimits
    ) throws {
        let count = shape.reduce(1) { $0 * max($1, 1) }
        let (needed, overflow) = count.multipliedReportingOverflow(by: max(elementSize, 1))
        let (expanded, _) = storedByteCount.multipliedReportingOverflow(by: limits.expansionRatio)
        let allowed = max(isFiltered ? max(expanded, storedByteCount) : storedByteCount, freeByteCount)
        guard !overflow, needed <= allowed else {
            throw place.error(
                .limitExceeded, "an extent of \(shape), \(storedByteCount) bytes are stored",
                advice: "The file is damaged or was never filled.")
        }
    }

    /// Bytes that a dataset may have without storage for them.
    private static let freeByteCount = 16 << 20

    private static func byteCount(
        ofChunk chunk: [Int], elementSize: Int, _ place: HDF5Place, _ limits: FileLimits
    ) throws -> Int {
        var count = elementSize
        for size in chunk {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow, product <= limits.expandedByteCount else {
                throw place.error(.limitExceeded, "chunks of \(chunk) elements of \(elementSize) bytes")
            }
            count = product
        }
        return count
    }

    private static func elementType(_ type: hid_t) -> ElementType {
        let size = H5Tget_size(type)
        switch H5Tget_class(type) {
        case H5T_INTEGER: return .integer(byteCount: size, isSigned: H5Tget_sign(type) == H5T_SGN_2)
        case H5T_FLOAT: return .float(byteCount: size)
        case H5T_STRING: return .string
        case H5T_COMPOUND: return .other("compound")
        case H5T_ENUM: return .other("enumeration")
        case H5T_VLEN: return .other("variable-length")
        case H5T_REFERENCE: return .other("reference")
        default: return .other("type of \(size) bytes")
        }
    }

    /// The filters' names; one that is not there is an error: some versions return zeros without a word.
    private static func filters(of list: hid_t, _ place: HDF5Place) throws -> [String] {
        let count = max(H5Pget_nfilters(list), 0)
        return try (0..<UInt32(count)).map { index in
            var flags: UInt32 = 0
            var valueCount = 0
            var name = [CChar](repeating: 0, count: 256)
            let id = H5Pget_filter2(list, index, &flags, &valueCount, nil, name.count, &name, nil)
            let written = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let known = [1: "deflate", 2: "shuffle", 3: "fletcher32", 4: "szip", 32000: "lzf", 32001: "blosc"]
            let text = known[Int(id)] ?? (written.isEmpty ? "unknown" : written)
            guard H5Zfilter_avail(id) > 0 else {
                throw place.error(
                    .unsupported,
                    "the data is compressed by the filter \(text) (id \(id)), which libhdf5 does not have",
                    advice: "Rewrite the file without it: `h5repack -f NONE in.hdf5 out.hdf5` where the filter exists.")
            }
            return text
        }
    }

    /// Where the data lie in the file in one piece; nil for chunks, filters, and data that were never written.
    public var contiguousBytes: Range<Int>? {
        guard chunkShape == nil, filters.isEmpty else { return nil }
        return HDF5Library.call {
            let offset = H5Dget_offset(handle.id)
            let count = Int(clamping: H5Dget_storage_size(handle.id))
            // HADDR_UNDEF is all ones
            guard offset != haddr_t.max, count > 0, let start = Int(exactly: offset) else { return nil }
            let (end, overflow) = start.addingReportingOverflow(count)
            return overflow ? nil : start..<end
        }
    }
}
