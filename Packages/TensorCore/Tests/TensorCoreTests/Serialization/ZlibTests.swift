import FileSupport
import Testing

@Suite struct ZlibTests {
    @Test(arguments: [0, 1, 1000, 300_000])
    func streamsRoundTrip(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * $0 >> 3) }
        let packed = bytes.withUnsafeBytes { Zlib.compress($0) }
        #expect(packed.withUnsafeBytes { Zlib.decompress($0, maximumByteCount: count) } == bytes)
        // too long, cut off, with more behind it
        if count > 0 { #expect(packed.withUnsafeBytes { Zlib.decompress($0, maximumByteCount: count - 1) } == nil) }
        #expect(Array(packed.dropLast()).withUnsafeBytes { Zlib.decompress($0, maximumByteCount: count) } == nil)
        #expect((packed + [0]).withUnsafeBytes { Zlib.decompress($0, maximumByteCount: count) } == nil)
    }
}
