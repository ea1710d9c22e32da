import FileSupport
public import Foundation
public import TensorTraining

/// A run as the file that Weights & Biases keeps of one that was made without a network; `wandb sync FOLDER` sends it.
///
///     file   = ":W&B" · 0xBEE1 (2 bytes) · version 0 (1 byte), then blocks of 32 KiB
///     piece  = crc32(kind · data) (4 bytes) · length (2) · kind (1) · data;   kind: 1 whole, 2 first, 3 middle, 4 last
///     Record { 1: number, 17: run, 2: history, 3: summary, 18: exit, 21: header }
///
/// Pieces are LevelDB's, with zlib's checksum in place of its own. Source: `wandb/sdk/internal/datastore.py` and
/// `wandb_internal.proto` of wandb 0.18 and later.
public struct WeightsAndBiasesFile: Sendable {
    public var project: String
    public var name: String
    /// Eight letters or digits; made from the name and the time.
    public let id: String
    private let time: Date

    public init(project: String, name: String, time: Date) {
        (self.project, self.name, self.time) = (project, name, time)
        // a hash in base 36
        var hash = FNVHash()
        hash.add("\(project)/\(name)/\(Int(time.timeIntervalSince1970))".utf8)
        let (value, digits) = (hash.value, Array("0123456789abcdefghijklmnopqrstuvwxyz"))
        id = String((0..<8).map { digits[Int(value >> (8 * UInt64($0)) & 0xff) % 36] })
    }

    /// `offline-run-DATE_TIME-ID`, as `wandb` names them.
    public var folderName: String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "yyyyMMdd_HHmmss"
        return "offline-run-\(formatter.string(from: time))-\(id)"
    }

    /// The file `run-ID.wandb`.
    ///
    /// - Parameters:
    ///   - configuration: Settings of the run.
    ///   - history: Records in order; numbers, texts and flags are kept, `step` is the step.
    public func content(configuration: [String: LogValue], history: [[String: LogValue]]) -> [UInt8] {
        var records = Records()
        records.append(21, ProtobufFields([(1, .message(ProtobufFields([(1, .text("0.18.0"))])))]))

        let start = ProtobufFields([(1, .integer(Int64(time.timeIntervalSince1970)))])
        records.append(
            17,
            ProtobufFields([
                (1, .text(id)), (3, .text(project)), (4, .message(Self.items(configuration))), (8, .text(name)),
                (17, .message(start)),
            ]))

        var summary: [String: LogValue] = [:]
        for (index, record) in history.enumerated() {
            let step = record["step"]?.number.map { Int64($0) } ?? Int64(index)
            var items = record.filter { $0.key != "step" && $0.value != .null }
            summary.merge(items) { $1 }
            items["_step"] = LogValue(step)
            var message = Self.items(items)
            message.add(2, ProtobufFields([(1, .integer(step))]))
            records.append(2, message)
        }
        records.append(3, Self.items(summary))
        records.append(18, ProtobufFields([(1, .integer(0))]))
        return records.bytes
    }

    /// Writes `FOLDER/offline-run-…/run-ID.wandb`.
    ///
    /// - Returns: The run's folder.
    @discardableResult
    public func write(
        to folder: URL, configuration: [String: LogValue], history: [[String: LogValue]]
    ) throws -> URL {
        let run = folder.appendingPathComponent(folderName)
        try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
        try Data(content(configuration: configuration, history: history)).write(
            to: run.appendingPathComponent("run-\(id).wandb"), options: .atomic)
        return run
    }

    /// `{ 1: { 1: key, 16: value as JSON } … }` by the order of keys.
    private static func items(_ values: [String: LogValue]) -> ProtobufFields {
        ProtobufFields(values.sorted { $0.key < $1.key }.map { (1, .message(item($0.key, $0.value))) })
    }

    private static func item(_ key: String, _ value: LogValue) -> ProtobufFields {
        // JSON of Weights & Biases has NaN and infinities as Python writes them
        var text = "null"
        if case .number(let number) = value, !number.isFinite {
            text = number.isNaN ? "NaN" : number > 0 ? "Infinity" : "-Infinity"
        } else if let data = try? JSONEncoder().encode(value) {
            text = String(decoding: data, as: UTF8.self)
        }
        return ProtobufFields([(1, .text(key)), (16, .text(text))])
    }

    /// Records in blocks.
    private struct Records {
        var bytes: [UInt8] = Array(":W&B".utf8) + littleEndian(UInt16(0xbee1)) + [0]
        private var count: Int64 = 0
        private static var blockSize: Int { 32_768 }
        private static var headerSize: Int { 7 }

        mutating func append(_ field: Int, _ message: ProtobufFields) {
            count += 1
            var rest = ArraySlice(ProtobufFields([(1, .integer(count)), (field, .message(message))]).bytes)
            var isFirst = true
            repeat {
                let room = Self.blockSize - bytes.count % Self.blockSize
                // no header fits any more
                if room < Self.headerSize {
                    bytes += [UInt8](repeating: 0, count: room)
                    continue
                }
                let part = rest.prefix(room - Self.headerSize)
                rest = rest.dropFirst(part.count)
                let kind: UInt8 = rest.isEmpty ? (isFirst ? 1 : 4) : (isFirst ? 2 : 3)
                let checksum = CRC32.checksum([kind] + part)
                bytes += littleEndian(checksum) + littleEndian(UInt16(part.count))
                bytes += [kind] + part
                isFirst = false
            } while !rest.isEmpty
        }
    }
}
