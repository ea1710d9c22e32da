import FileSupport
import CHDF5

extension HDF5Dataset {
    /// All numbers, row by row, converted exactly where `Double` can hold them.
    ///
    /// - Throws: `SerializationError` when the elements are no numbers, the data are damaged or beyond the limits.
    public func doubles() throws -> [Double] { try doubles(rows: 0..<(shape.first ?? 1)) }

    /// The numbers of some rows.
    public func doubles(rows: Range<Int>) throws -> [Double] {
        try requireNumbers()
        return try read(rows, as: chdf5_double(), zero: 0.0)
    }

    /// The numbers of some rows, rounded to `Float`.
    public func floats(rows: Range<Int>) throws -> [Float] {
        try requireNumbers()
        return try read(rows, as: chdf5_float(), zero: Float(0))
    }

    /// The bytes of some rows of a dataset of `UInt8`.
    ///
    /// Data in one piece are copied from a memory map, without libhdf5 and its lock.
    public func bytes(rows: Range<Int>) throws -> [UInt8] {
        try withBytes(rows: rows) { Array($0) }
    }

    /// Passes the bytes of some rows of a dataset of `UInt8`, which live as long as the call.
    ///
    /// Data in one piece are not copied.
    ///
    /// - Throws: `SerializationError` for another element type or damaged data.
    public func withBytes<Result>(rows: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result
    {
        guard elementType == .integer(byteCount: 1, isSigned: false) else {
            throw place.error(.unsupported, "the elements are \(elementType), unsigned bytes are expected")
        }
        requireRows(rows)
        guard let place = contiguousBytes else {
            return try read(rows, as: chdf5_uint8(), zero: UInt8(0)).withUnsafeBytes(body)
        }
        let map = try content.mapped()
        let rowSize = rowElementCount
        return try map.withBytes { bytes in
            guard place.upperBound <= bytes.count, place.count >= (shape.first ?? 1) * rowSize else {
                throw self.place.error(
                    .truncated, "the data end at byte \(place.upperBound), the file at \(bytes.count)",
                    advice: "The file is cut off; fetch it again.")
            }
            let start = place.lowerBound + rows.lowerBound * rowSize
            return try body(UnsafeRawBufferPointer(rebasing: bytes[start..<start + rows.count * rowSize]))
        }
    }

    /// The strings of a one-dimensional dataset, such as robomimic's lists of demonstrations.
    public func strings() throws -> [String] {
        guard elementType == .string, shape.count == 1 else {
            throw place.error(
                .unsupported, "the elements are \(elementType) of shape \(shape), a list of strings is expected")
        }
        let count = shape[0]
        return try HDF5Library.call {
            let type = H5Dget_type(handle.id)
            defer { H5Tclose(type) }
            if H5Tis_variable_str(type) > 0 {
                guard count <= content.limits.memberCount else {
                    throw place.error(.limitExceeded, "\(count) strings")
                }
                var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
                let memory = chdf5_string()
                defer { H5Tclose(memory) }
                H5Tset_cset(memory, H5Tget_cset(type))
                guard H5Dread(handle.id, memory, 0, 0, hid_t(H5P_DEFAULT), &pointers) >= 0 else { throw unreadable() }
                defer { pointers.forEach { H5free_memory($0) } }
                return pointers.map { $0.map { String(cString: $0) } ?? "" }
            }
            let size = H5Tget_size(type)
            guard size > 0, count <= content.limits.headerByteCount / size else {
                throw place.error(.limitExceeded, "\(count) strings of \(size) bytes")
            }
            var bytes = [UInt8](repeating: 0, count: max(count * size, 1))
            guard H5Dread(handle.id, type, 0, 0, hid_t(H5P_DEFAULT), &bytes) >= 0 else { throw unreadable() }
            return (0..<count).map { index in
                String(decoding: bytes[index * size..<(index + 1) * size].prefix { $0 != 0 }, as: UTF8.self)
            }
        }
    }

    private func requireNumbers() throws {
        switch elementType {
        case .integer, .float: return
        default: throw place.error(.unsupported, "the elements are \(elementType), numbers are expected")
        }
    }

    private func requireRows(_ rows: Range<Int>) {
        let count = shape.first ?? 1
        precondition(0 <= rows.lowerBound && rows.upperBound <= count, "rows \(rows) of \(count) in \(path)")
    }

    /// A small file must not ask for gigabytes: what was never written is filled by the library, a chunk is expanded
    /// whole for one row of it, and each chunk costs it some kilobytes.
    private func requireStored(_ count: Int, _ rows: Range<Int>) throws {
        func product(_ a: Int, _ b: Int) -> Int {
            let (product, overflow) = a.multipliedReportingOverflow(by: b)
            return overflow ? .max : product
        }
        let size =
            switch elementType {
            case .integer(let byteCount, _), .float(let byteCount): byteCount
            default: 1
            }
        let stored = try content.storedByteCount(of: handle)
        let needed = max(product(count, size), chunkByteCount)
        let allowed = filters.isEmpty ? stored : content.limits.budget(for: stored)
        guard needed <= max(allowed, FileLimits.freeByteCount) else {
            throw place.error(.limitExceeded, "\(needed) bytes out of \(stored) stored ones")
        }
        if let chunkShape, chunkShape.count == shape.count, !shape.isEmpty {
            let chunks = zip([rows.count] + shape.dropFirst(), chunkShape).reduce(1) { result, sizes in
                product(result, sizes.0 / max(sizes.1, 1) + 1)
            }
            guard chunks <= Self.chunkLimit else {
                throw place.error(.limitExceeded, "\(chunks) chunks of \(chunkShape) are asked for at once")
            }
        }
    }

    private static let chunkLimit = 1 << 17

    private func unreadable() -> SerializationError {
        place.error(
            .damaged, "reading failed: \(HDF5Library.failure())", advice: "The file is damaged; fetch it again.")
    }

    private func read<Element: BitwiseCopyable>(
        _ rows: Range<Int>, as type: @autoclosure () -> hid_t, zero: Element
    ) throws -> [Element] {
        requireRows(rows)
        let count = rows.count * rowElementCount
        let byteCount = count * MemoryLayout<Element>.stride
        guard byteCount <= content.limits.expandedByteCount else {
            throw place.error(.limitExceeded, "\(byteCount) bytes are asked for at once")
        }
        guard count > 0 else { return [] }
        return try HDF5Library.call {
            try requireStored(count, rows)
            let space = H5Dget_space(handle.id)
            defer { H5Sclose(space) }
            var memory: hid_t = 0
            if !shape.isEmpty {
                var start = [hsize_t](repeating: 0, count: shape.count)
                var extent = shape.map { hsize_t($0) }
                start[0] = hsize_t(rows.lowerBound)
                extent[0] = hsize_t(rows.count)
                H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nil, extent, nil)
                memory = H5Screate_simple(Int32(shape.count), extent, nil)
            }
            defer { if memory > 0 { H5Sclose(memory) } }
            var failed = false
            let values = [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
                buffer.initialize(repeating: zero)
                failed =
                    H5Dread(
                        handle.id, type(), memory, shape.isEmpty ? 0 : space, hid_t(H5P_DEFAULT), buffer.baseAddress)
                    < 0
                initialized = count
            }
            if failed { throw unreadable() }
            return values
        }
    }
}
