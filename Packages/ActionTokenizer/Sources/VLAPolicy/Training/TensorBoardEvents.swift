import TensorTraining

/// TensorBoard's event file: records with checksums, each a message of one step's numbers.
///
///     record = length (8 bytes) · mask(crc32c(length)) · event · mask(crc32c(event));  mask(c) = (c ≫ 15 | c ≪ 17) + a282ead8
///     Event { 1: wall time (double), 2: step (int64), 3: file version, 5: Summary { 1: Value { 1: tag, 2: number } } }
///
/// Source: TensorFlow's `event.proto`, `summary.proto` and `record_writer`.
enum TensorBoardEvents {
    static func file(_ records: [[String: LogValue]], time: Double) -> [UInt8] {
        var bytes: [UInt8] = []
        append(event(time: time, step: nil, body: ProtocolBuffer.field(3, text: "brain.Event:2")), to: &bytes)
        for record in records {
            guard let step = record["step"]?.number else { continue }
            var summary: [UInt8] = []
            for (name, value) in record.sorted(by: { $0.key < $1.key }) {
                guard name != "step", let number = value.number else { continue }
                summary += ProtocolBuffer.field(
                    1, message: ProtocolBuffer.field(1, text: name) + ProtocolBuffer.field(2, float: Float(number)))
            }
            append(event(time: time, step: Int64(step), body: ProtocolBuffer.field(5, message: summary)), to: &bytes)
        }
        return bytes
    }

    private static func event(time: Double, step: Int64?, body: [UInt8]) -> [UInt8] {
        ProtocolBuffer.field(1, double: time) + (step.map { ProtocolBuffer.field(2, integer: $0) } ?? []) + body
    }

    private static func append(_ event: [UInt8], to bytes: inout [UInt8]) {
        let length = ProtocolBuffer.littleEndian(UInt64(event.count))
        bytes += length + ProtocolBuffer.littleEndian(masked(checksum(length)))
        bytes += event + ProtocolBuffer.littleEndian(masked(checksum(event)))
    }

    private static func masked(_ checksum: UInt32) -> UInt32 { (checksum >> 15 | checksum << 17) &+ 0xa282_ead8 }

    /// CRC-32C (Castagnoli).
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes { crc = table[Int((crc ^ UInt32(byte)) & 0xff)] ^ crc >> 8 }
        return ~crc
    }

    private static let table: [UInt32] = (0..<256).map { value in
        (0..<8).reduce(UInt32(value)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0x82f6_3b78 : crc >> 1 }
    }
}
