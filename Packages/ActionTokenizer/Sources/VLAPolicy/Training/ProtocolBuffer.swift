/// Fields of Protocol Buffers' wire format, as much of it as logs for other programs need.
///
/// Source: protobuf.dev, "Encoding".
enum ProtocolBuffer {
    static func field(_ number: Int, message: [UInt8]) -> [UInt8] {
        tag(number, 2) + varint(UInt64(message.count)) + message
    }

    static func field(_ number: Int, text: String) -> [UInt8] { field(number, message: Array(text.utf8)) }
    static func field(_ number: Int, integer: Int64) -> [UInt8] { tag(number, 0) + varint(UInt64(bitPattern: integer)) }
    static func field(_ number: Int, double: Double) -> [UInt8] { tag(number, 1) + littleEndian(double.bitPattern) }
    static func field(_ number: Int, float: Float) -> [UInt8] { tag(number, 5) + littleEndian(float.bitPattern) }

    static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private static func tag(_ field: Int, _ kind: Int) -> [UInt8] { varint(UInt64(field << 3 | kind)) }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var (rest, bytes) = (value, [UInt8]())
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7f | 0x80))
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
