import CZlib

/// gzip streams (RFC 1952), by zlib.
public enum GZip {
    /// Expands one or more members into `output`, which has to be filled exactly; false when the stream is damaged, or
    /// longer or shorter than that.
    public static func decompress(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Bool {
        guard input.count <= Int(UInt32.max), output.count <= Int(UInt32.max) else { return false }
        var stream = z_stream()
        guard tensorcore_inflate_init_gzip(&stream) == Z_OK else { return false }
        defer { inflateEnd(&stream) }
        stream.next_in = UnsafeMutableRawPointer(mutating: input.baseAddress)?.assumingMemoryBound(to: Bytef.self)
        stream.avail_in = uInt(input.count)
        stream.next_out = output.baseAddress?.assumingMemoryBound(to: Bytef.self)
        stream.avail_out = uInt(output.count)
        while true {
            guard inflate(&stream, Z_FINISH) == Z_STREAM_END else { return false }
            if stream.avail_in == 0 { return stream.avail_out == 0 }
            guard inflateReset(&stream) == Z_OK else { return false }
        }
    }
}
