import FileSupport
import TensorTraining

/// TensorBoard's event file: records with checksums, each a message of one step's numbers.
///
///     record = length (8 bytes) · mask(crc32c(length)) · event · mask(crc32c(event))
///     Event { 1: wall time (double), 2: step (int64), 3: file version, 5: Summary { 1: Value { 1: tag, 2: number } } }
///
/// Source: TensorFlow's `event.proto`, `summary.proto` and `record_writer`.
enum TensorBoardEvents {
    static func file(_ records: [[String: LogValue]], time: Double) -> [UInt8] {
        var bytes: [UInt8] = []
        append(ProtobufFields([(1, .double(time)), (3, .text("brain.Event:2"))]), to: &bytes)
        for record in records {
            guard let step = record["step"]?.number else { continue }
            var summary = ProtobufFields()
            for (name, value) in record.sorted(by: { $0.key < $1.key }) {
                guard name != "step", let number = value.number else { continue }
                summary.add(1, ProtobufFields([(1, .text(name)), (2, .float(Float(number)))]))
            }
            append(
                ProtobufFields([(1, .double(time)), (2, .integer(Int64(step))), (5, .message(summary))]), to: &bytes)
        }
        return bytes
    }

    private static func append(_ message: ProtobufFields, to bytes: inout [UInt8]) {
        let event = message.bytes
        let length = littleEndian(UInt64(event.count))
        for part in [length, event] {
            bytes += part + littleEndian(part.withUnsafeBytes { CRC32C.masked($0) })
        }
    }
}

/// An integer's bytes, the lowest first.
func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
