import CZlib

/// Raw deflate streams (RFC 1951), by zlib.
package enum Deflate {
    /// Fills `output` exactly; false when the stream is damaged, or is longer or shorter than that.
    package static func inflate(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Bool {
        var stream = z_stream()
        guard tensorcore_inflate_init_raw(&stream) == Z_OK else { return false }
        defer { inflateEnd(&stream) }

        // one byte more than announced shows a stream that is too long; sizes pass through 32-bit counters
        var excess: UInt8 = 0
        return withUnsafeMutableBytes(of: &excess) { excess in
            var (consumed, produced) = (0, 0)
            var status = Z_OK
            while status == Z_OK {
                let source = UnsafeRawBufferPointer(rebasing: input[consumed...].prefix(pieceByteCount))
                let target =
                    produced < output.count
                    ? UnsafeMutableRawBufferPointer(rebasing: output[produced...].prefix(pieceByteCount)) : excess
                stream.next_in = UnsafeMutableRawPointer(mutating: source.baseAddress)?
                    .assumingMemoryBound(to: Bytef.self)
                stream.avail_in = uInt(source.count)
                stream.next_out = target.baseAddress?.assumingMemoryBound(to: Bytef.self)
                stream.avail_out = uInt(target.count)
                status = CZlib.inflate(&stream, Z_NO_FLUSH)
                consumed += source.count - Int(stream.avail_in)
                produced += target.count - Int(stream.avail_out)
                if produced > output.count { return false }
            }
            return status == Z_STREAM_END && consumed == input.count && produced == output.count
        }
    }

    /// Compresses bytes, passed in pieces, at zlib's default level.
    package static func deflate(_ pieces: [UnsafeRawBufferPointer]) -> [UInt8] {
        var stream = z_stream()
        let status = tensorcore_deflate_init_raw(&stream, Z_DEFAULT_COMPRESSION)
        precondition(status == Z_OK, "zlib could not start: status \(status)")
        defer { deflateEnd(&stream) }

        var output: [UInt8] = []
        func run(_ piece: UnsafeRawBufferPointer, flush: Int32) {
            stream.next_in = UnsafeMutableRawPointer(mutating: piece.baseAddress)?.assumingMemoryBound(to: Bytef.self)
            stream.avail_in = uInt(piece.count)
            repeat {
                withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
                    stream.next_out = buffer.baseAddress?.assumingMemoryBound(to: Bytef.self)
                    stream.avail_out = uInt(buffer.count)
                    _ = CZlib.deflate(&stream, flush)
                    output.append(contentsOf: buffer[..<(buffer.count - Int(stream.avail_out))])
                }
            } while stream.avail_out == 0
        }
        for piece in pieces { forEachPiece(of: piece) { run($0, flush: Z_NO_FLUSH) } }
        run(UnsafeRawBufferPointer(start: nil, count: 0), flush: Z_FINISH)
        return output
    }

    private static let pieceByteCount = 1 << 30

    private static func forEachPiece(of bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        var start = 0
        while start < bytes.count {
            let piece = bytes[start...].prefix(pieceByteCount)
            body(UnsafeRawBufferPointer(rebasing: piece))
            start = piece.endIndex
        }
    }
}
