import FileSupport
public import Foundation
import TensorCore

/// Conversations in a JSON-lines file, with image files beside it: MiniMind-V's format.
///
///     {"conversations": [{"role": "user", "content": "What is this?\n<image>"}, …], "image": "a.jpg"}
///
/// Opening finds the lines; an example is read when it is asked for. `image` is a file name, several with commas between
/// them, or an array of them; `<image>` in a message stands for the next one. Roles that are missing alternate from
/// `user` on.
public struct ConversationFile: Sendable {
    public let url: URL
    private let file: MappedFile
    /// Bytes of each line that is not blank, and its number from 1.
    private let lines: [(bytes: Range<Int>, number: Int)]

    /// Bytes of a line at most.
    public static let maximumLineByteCount = 1 << 24

    /// - Throws: `SerializationError` when the file cannot be read or a line is too long.
    public init(at url: URL) throws {
        self.url = url
        file = try MappedFile(at: url)
        var lines: [(Range<Int>, Int)] = []
        try file.withBytes { bytes in
            var (start, number) = (bytes.starts(with: ByteOrderMark.bytes) ? ByteOrderMark.bytes.count : 0, 1)
            while start < bytes.count {
                let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
                guard end - start <= Self.maximumLineByteCount else {
                    throw SerializationError(
                        .limitExceeded, file: url.path, offset: start, "line \(number) has \(end - start) bytes")
                }
                if bytes[start..<end].contains(where: { $0 > 0x20 }) { lines.append((start..<end, number)) }
                (start, number) = (end + 1, number + 1)
            }
        }
        self.lines = lines
    }

    public var count: Int { lines.count }

    /// - Throws: `SerializationError` with the number of a line that is not of the format.
    public func conversation(at index: Int) throws -> Conversation {
        let (range, number) = lines[index]
        do {
            return try Conversation(json: file.withBytes { Data($0[range]) })
        } catch ConversationError.format(let found) {
            throw SerializationError(
                .damaged, file: url.path, offset: range.lowerBound, "line \(number): \(found)",
                advice: #"A line has to be an object with "conversations" or "text"."#)
        }
    }
}
