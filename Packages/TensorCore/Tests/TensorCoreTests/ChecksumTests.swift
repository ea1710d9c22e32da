import FileSupport
import Testing

/// Check values that the algorithms' own definitions publish.
@Suite struct ChecksumTests {
    private let digits = Array("123456789".utf8)

    @Test func crc32IsZlibs() {
        #expect(CRC32.checksum(digits) == 0xcbf4_3926 && CRC32.checksum([]) == 0)
        // in two parts
        #expect(CRC32.checksum(Array(digits[4...]), after: CRC32.checksum(Array(digits[..<4]))) == 0xcbf4_3926)
        #expect(CRC32.checksum([], after: 0xcbf4_3926) == 0xcbf4_3926)
    }

    /// RFC 3720, appendix B.4, and the mask of TFRecord files.
    @Test func crc32cIsCastagnolis() {
        let checksum = digits.withUnsafeBytes { CRC32C.checksum($0) }
        #expect(checksum == 0xe306_9283)
        #expect(digits.withUnsafeBytes { CRC32C.masked($0) } == (checksum >> 15 | checksum << 17) &+ 0xa282_ead8)
    }

    /// draft-eastlake-fnv, appendix C: "", "a" and "foobar".
    @Test(arguments: [("", "cbf29ce484222325"), ("a", "af63dc4c8601ec8c"), ("foobar", "85944171f73967e8")])
    func fnvHashIsThePublishedOne(text: String, expected: String) {
        var hash = FNVHash()
        hash.add(text.utf8)
        #expect(hash.hexadecimal == expected)
    }

    @Test func numbersAreHashedByTheirBytesLowestFirst() {
        var (number, bytes, real) = (FNVHash(), FNVHash(), FNVHash())
        number.add(UInt64(0x0102_0304_0506_0708))
        bytes.add([8, 7, 6, 5, 4, 3, 2, 1] as [UInt8])
        real.add([Double(bitPattern: 0x0102_0304_0506_0708)])
        #expect(number.value == bytes.value && real.value == bytes.value)
    }
}
