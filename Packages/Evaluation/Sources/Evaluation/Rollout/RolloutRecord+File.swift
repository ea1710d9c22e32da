import RobotInterface
import FileSupport
public import Foundation
import TensorCore

// A text file of one JSON object a line: the header, the start, one line per step, the end. Numbers are written with as
// many digits as bring the same bits back.
extension RolloutRecord {
    private struct StartLine: Codable { var start: String }
    private struct EndLine: Codable { var end: End }
    private struct StepLine: Codable {
        var action: [Double]
        var chunk: ActionChunk?
        var hash: String
        var label: [Double]?
    }

    /// Longer files are refused; an episode of 1000 steps takes less than 1 MB.
    public static let sizeLimit = 64 << 20

    /// The file's bytes: the same record gives the same ones.
    public func encoded() throws -> Data {
        // what a policy says need not be finite
        let encoder = JSONEncoder.sorted(infinities: true)
        var data = Data()
        func append(_ line: some Encodable) throws {
            data.append(try encoder.encode(line))
            data.append(UInt8(ascii: "\n"))
        }
        try append(header)
        try append(StartLine(start: Self.text(startHash)))
        for step in steps {
            try append(
                StepLine(
                    action: step.action, chunk: step.chunk, hash: Self.text(step.stateHash), label: step.label))
        }
        try append(EndLine(end: end))
        return data
    }

    /// Writes the record; the file appears whole or not at all.
    public func write(to url: URL) throws { try AtomicFile.write(encoded(), to: url) }

    /// Reads a record.
    ///
    /// - Throws: ``RolloutRecordError`` with the line for what is no record, an incomplete one, or of another version.
    public init(at url: URL) throws {
        let handle: FileHandle
        do { handle = try FileContent.handle(at: url) } catch {
            throw RolloutRecordError(path: url.path, line: nil, reason: "it cannot be opened; check the path")
        }
        defer { try? handle.close() }
        let data = try handle.read(upToCount: Self.sizeLimit + 1) ?? Data()
        guard data.count <= Self.sizeLimit else {
            throw RolloutRecordError(path: url.path, line: nil, reason: "it is longer than \(Self.sizeLimit) bytes")
        }
        try self.init(decoding: data, path: url.path)
    }

    /// Reads a record from bytes; `path` is named in errors.
    public init(decoding data: Data, path: String) throws {
        let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = Self.decodingStrategy
        func decode<Line: Decodable>(_ type: Line.Type, _ index: Int, _ what: String) throws -> Line {
            do {
                return try decoder.decode(type, from: Data(lines[index]))
            } catch {
                let found = JSONReading.explanation(of: error, in: Data(lines[index]))
                throw RolloutRecordError(path: path, line: index + 1, reason: "it is not \(what): \(found)")
            }
        }
        guard lines.count >= 4, lines.last?.isEmpty == true else {
            throw RolloutRecordError(
                path: path, line: lines.count, reason: "the record ends early; an episode was interrupted or cut off")
        }
        header = try decode(Header.self, 0, "the header of an episode record")
        guard header.version == Self.version else {
            throw RolloutRecordError(
                path: path, line: 1, reason: "it is of version \(header.version), this program reads \(Self.version)")
        }
        if let fault = header.fault { throw RolloutRecordError(path: path, line: 1, reason: fault) }
        startHash = try Self.hash(decode(StartLine.self, 1, "the start").start, path: path, line: 2)
        var steps: [Step] = []
        for index in 2..<lines.count - 2 {
            let line = try decode(StepLine.self, index, "a step")
            steps.append(
                Step(
                    action: line.action, label: line.label, chunk: line.chunk,
                    stateHash: try Self.hash(line.hash, path: path, line: index + 1)))
        }
        self.steps = steps
        end = try decode(EndLine.self, lines.count - 2, "the end").end
    }

    private static let decodingStrategy = JSONDecoder.NonConformingFloatDecodingStrategy.convertFromString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")

    private static func text(_ hash: UInt64) -> String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func hash(_ text: String, path: String, line: Int) throws -> UInt64 {
        guard text.utf8.count == 16, let hash = UInt64(text, radix: 16) else {
            throw RolloutRecordError(path: path, line: line, reason: "'\(text.prefix(40))' is not a state's hash")
        }
        return hash
    }
}

extension RolloutRecord.Header {
    /// What in it cannot be: numbers that no evaluation has, on which an environment would stumble.
    fileprivate var fault: String? {
        let start = episode.start
        if !(0..<1_000_000).contains(rules.settlingStepCount) || !(1..<1_000_000).contains(rules.stepLimit) {
            return "\(rules.settlingStepCount) settling steps and a limit of \(rules.stepLimit) steps"
        }
        if episode.task < 0 || episode.number < 0 || start.task != episode.task {
            return "episode \(episode.number) of task \(episode.task), which starts in task \(start.task)"
        }
        if case .stored(let index) = start.placement, index < 0 { return "the stored start \(index)" }
        if let size = rules.imageSize, !(1...4096).contains(size) { return "images of \(size) pixels" }
        if let latency = rules.realTime?.latency, !(0...1000).contains(latency) { return "a latency of \(latency) s" }
        guard let moved = start.perturbation else { return nil }
        let ranges = [moved.targetRange, moved.otherRange, moved.armNoise]
        return ranges.allSatisfy { (0...10).contains($0) } ? nil : "a start that is moved by \(ranges)"
    }
}

/// A file that is not an episode's record.
public struct RolloutRecordError: Error, Equatable, CustomStringConvertible {
    public let path: String
    public let line: Int?
    public let reason: String

    public var description: String { "\(path)\(line.map { ", line \($0)" } ?? ""): \(reason)." }
}
