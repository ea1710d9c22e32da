import CZlib

/// The CRC-32 of gzip, zip archives, PNG and Parquet pages, by zlib.
///
/// Reflected polynomial 0xEDB88320, initial and final XOR 0xFFFFFFFF; of "123456789" it is 0xCBF43926.
public enum CRC32 {
    /// The checksum of bytes; `start` is that of the bytes before.
    public static func checksum(_ bytes: UnsafeRawBufferPointer, after start: UInt32 = 0) -> UInt32 {
        guard !bytes.isEmpty else { return start }
        return UInt32(crc32_z(UInt(start), bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count))
    }

    /// The checksum of bytes; `start` is that of the bytes before.
    public static func checksum(_ bytes: [UInt8], after start: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { checksum($0, after: start) }
    }
}
