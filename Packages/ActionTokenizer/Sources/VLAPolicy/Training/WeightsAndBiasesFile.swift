import Foundation
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
        // FNV-1a in base 36
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(project)/\(name)/\(Int(time.timeIntervalSince1970))".utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        let digits = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        id = String((0..<8).map { digits[Int(hash >> (8 * UInt64($0)) & 0xff) % 36] })
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
        records.append(21, ProtocolBuffer.field(1, message: ProtocolBuffer.field(1, text: "0.18.0")))

        let seconds = Int64(time.timeIntervalSince1970)
        let settings = configuration.sorted { $0.key < $1.key }.flatMap { key, value in
            ProtocolBuffer.field(1, message: Self.item(key, value))
        }
        records.append(
            17,
            ProtocolBuffer.field(1, text: id) + ProtocolBuffer.field(3, text: project)
                + ProtocolBuffer.field(4, message: settings) + ProtocolBuffer.field(8, text: name)
                + ProtocolBuffer.field(17, message: ProtocolBuffer.field(1, integer: seconds)))

        var summary: [String: LogValue] = [:]
        for (index, record) in history.enumerated() {
            let step = record["step"]?.number.map { Int64($0) } ?? Int64(index)
            let items = record.filter { $0.key != "step" && $0.value != .null }
            summary.merge(items) { $1 }
            var all = items
            all["_step"] = LogValue(step)
            let message = all.sorted { $0.key < $1.key }.flatMap { key, value in
                ProtocolBuffer.field(1, message: Self.item(key, value))
            }
            records.append(2, message + ProtocolBuffer.field(2, message: ProtocolBuffer.field(1, integer: step)))
        }
        records.append(
            3,
            summary.sorted { $0.key < $1.key }.flatMap { key, value in
                ProtocolBuffer.field(1, message: Self.item(key, value))
            })
        records.append(18, ProtocolBuffer.field(1, integer: 0))
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

    /// `{ 1: key, 16: value as JSON }`
    private static func item(_ key: String, _ value: LogValue) -> [UInt8] {
        // JSON of Weights & Biases has NaN and infinities as Python writes them
        var text = "null"
        if case .number(let number) = value, !number.isFinite {
            text = number.isNaN ? "NaN" : number > 0 ? "Infinity" : "-Infinity"
        } else if let data = try? JSONEncoder().encode(value) {
            text = String(decoding: data, as: UTF8.self)
        }
        return ProtocolBuffer.field(1, text: key) + ProtocolBuffer.field(16, text: text)
    }

    /// Records in blocks.
    private struct Records {
        var bytes: [UInt8] = Array(":W&B".utf8) + ProtocolBuffer.littleEndian(UInt16(0xbee1)) + [0]
        private var count: Int64 = 0
        private static var blockSize: Int { 32_768 }
        private static var headerSize: Int { 7 }

        mutating func append(_ field: Int, _ message: [UInt8]) {
            count += 1
            var rest = ArraySlice(
                ProtocolBuffer.field(1, integer: count) + ProtocolBuffer.field(field, message: message))
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
                bytes += ProtocolBuffer.littleEndian(checksum) + ProtocolBuffer.littleEndian(UInt16(part.count))
                bytes += [kind] + part
                isFirst = false
            } while !rest.isEmpty
        }
    }
}

/// zlib's.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { value in
        (0..<8).reduce(UInt32(value)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }

    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes { crc = table[Int((crc ^ UInt32(byte)) & 0xff)] ^ crc >> 8 }
        return ~crc
    }
}
