import FileSupport
import CSnappy
import CZstd

/// The compression of pages.
enum Compression {
    static let names = [
        0: "UNCOMPRESSED", 1: "SNAPPY", 2: "GZIP", 3: "LZO", 4: "BROTLI", 5: "LZ4", 6: "ZSTD", 7: "LZ4_RAW",
    ]

    /// Expands a page to exactly its announced size.
    static func decompress(
        _ input: UnsafeRawBufferPointer, codec: Int, byteCount: Int, place: ParquetPlace, limits: FileLimits
    ) throws -> [UInt8] {
        guard [1, 2, 6, 7].contains(codec) else {
            throw place.error(
                .unsupported, "the compression codec \(names[codec] ?? "number \(codec)")",
                advice: "Write the file with SNAPPY, ZSTD or GZIP.")
        }
        // a page of zeros compresses without bound; a large one that does is an attack
        guard byteCount <= 64 << 20 || byteCount / limits.expansionRatio <= input.count,
            byteCount <= limits.expandedByteCount
        else { throw place.error(.limitExceeded, "a page of \(byteCount) bytes out of \(input.count)") }

        var succeeded = false
        let output = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            let target = UnsafeMutableRawBufferPointer(buffer)
            succeeded = expand(input, codec, into: target)
            count = succeeded ? byteCount : 0
        }
        guard succeeded else {
            throw place.error(
                .damaged, "a page's \(names[codec]!) data is damaged or not of the announced size \(byteCount)")
        }
        return output
    }

    private static func expand(
        _ input: UnsafeRawBufferPointer, _ codec: Int, into output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        switch codec {
        case 1:
            let source = input.baseAddress?.assumingMemoryBound(to: CChar.self)
            var length = 0
            guard snappy_uncompressed_length(source, input.count, &length) == SNAPPY_OK, length == output.count else {
                return false
            }
            guard length > 0 else { return true }
            let target = output.baseAddress?.assumingMemoryBound(to: CChar.self)
            return snappy_uncompress(source, input.count, target, &length) == SNAPPY_OK && length == output.count
        case 2: return GZip.decompress(input, into: output)
        case 6:
            let result = ZSTD_decompress(output.baseAddress, output.count, input.baseAddress, input.count)
            return ZSTD_isError(result) == 0 && result == output.count
        default: return expandLZ4(input, into: output)
        }
    }

    /// One raw LZ4 block: literals and matches in turn. Source: lz4_Block_format.md 1.6.
    private static func expandLZ4(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        var (source, target) = (0, 0)
        /// A length of 15 goes on in bytes of 255.
        func length(_ start: Int) -> Int? {
            var total = start
            guard start == 15 else { return total }
            while true {
                guard source < input.count else { return nil }
                let byte = Int(input[source])
                source += 1
                total += byte
                guard total <= output.count else { return nil }
                if byte < 255 { return total }
            }
        }
        while source < input.count {
            let token = Int(input[source])
            source += 1
            guard let literals = length(token >> 4), literals <= input.count - source,
                literals <= output.count - target
            else { return false }
            for _ in 0..<literals {
                output[target] = input[source]
                (source, target) = (source + 1, target + 1)
            }
            // the last sequence has no match
            if source == input.count { break }
            guard input.count - source >= 2 else { return false }
            let offset = Int(input[source]) | Int(input[source + 1]) << 8
            source += 2
            guard let match = length(token & 15).map({ $0 + 4 }), offset > 0, offset <= target,
                match <= output.count - target
            else { return false }
            for _ in 0..<match {
                output[target] = output[target - offset]
                target += 1
            }
        }
        return target == output.count
    }

    /// Compresses a page with Snappy.
    static func snappy(_ input: [UInt8]) -> [UInt8] {
        var length = snappy_max_compressed_length(input.count)
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            input.withUnsafeBytes { bytes in
                let status = snappy_compress(
                    bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count,
                    UnsafeMutableRawPointer(buffer.baseAddress!).assumingMemoryBound(to: CChar.self), &length)
                precondition(status == SNAPPY_OK, "snappy could not compress \(bytes.count) bytes")
            }
            count = length
        }
    }
}
