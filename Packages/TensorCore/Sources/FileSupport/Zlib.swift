import CZlib

/// zlib streams (RFC 1950), as PNG and MATLAB files have them.
public enum Zlib {
    /// Expands a stream of unknown size; nil when it is damaged, ends early, has bytes behind its end, or would be longer
    /// than `maximumByteCount`. Memory grows with what is expanded, not with the limit.
    public static func decompress(_ input: UnsafeRawBufferPointer, maximumByteCount: Int) -> [UInt8]? {
        guard input.count <= Int(UInt32.max) else { return nil }
        var stream = z_stream()
        guard tensorcore_inflate_init_zlib(&stream) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        stream.next_in = UnsafeMutableRawPointer(mutating: input.baseAddress)?.assumingMemoryBound(to: Bytef.self)
        stream.avail_in = uInt(input.count)
        var output: [UInt8] = []
        while true {
            var status = Z_OK
            withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
                stream.next_out = buffer.baseAddress?.assumingMemoryBound(to: Bytef.self)
                stream.avail_out = uInt(buffer.count)
                status = inflate(&stream, Z_NO_FLUSH)
                output.append(contentsOf: buffer[..<(buffer.count - Int(stream.avail_out))])
            }
            guard output.count <= maximumByteCount else { return nil }
            if status == Z_STREAM_END { return stream.avail_in == 0 ? output : nil }
            // without room or input left nothing goes on
            guard status == Z_OK, stream.avail_out == 0 || stream.avail_in > 0 else { return nil }
        }
    }

    /// A stream that ``decompress(_:maximumByteCount:)`` expands.
    public static func compress(_ input: UnsafeRawBufferPointer) -> [UInt8] {
        var size = compressBound(uLong(input.count))
        var output = [UInt8](repeating: 0, count: Int(size))
        let status = CZlib.compress(&output, &size, input.bindMemory(to: UInt8.self).baseAddress, uLong(input.count))
        precondition(status == Z_OK, "zlib could not compress: status \(status)")
        return Array(output.prefix(Int(size)))
    }
}
