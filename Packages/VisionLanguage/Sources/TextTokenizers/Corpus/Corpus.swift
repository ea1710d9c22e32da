public import Foundation

/// Text files of any size.
public struct Corpus: Codable, Hashable, Sendable {
    /// What a line of the files is.
    public enum Format: Codable, Hashable, Sendable {
        /// Text; its line feed belongs to it.
        case plainText
        /// A JSON value, whose strings under these keys are texts, however deep they lie.
        case jsonLines(keys: [String])

        /// MiniMind's: `text` of its pretraining sets, `content` of each turn of its conversations.
        public static let miniMind = Format.jsonLines(keys: ["text", "content"])
    }

    public var files: [URL]
    public var format: Format

    public init(files: [URL], format: Format) {
        self.files = files
        self.format = format
    }

    /// Lines longer than this are refused.
    static let lineLimit = 256 << 20
}

/// A corpus that cannot be counted.
public enum CorpusError: Error, Equatable, CustomStringConvertible {
    /// The system's reason.
    case unreadable(file: String, reason: String)
    /// A line of a JSON-lines file is no JSON.
    case wrongLine(file: String, byte: Int, reason: String)
    case lineTooLong(file: String, byte: Int, limit: Int)
    /// Text in another encoding.
    case notUTF8(file: String, line: Int, byte: Int, found: [UInt8])
    /// Files without any text: empty, or without a string under one of the keys.
    case noText(files: [String], keys: [String], found: [String])
    /// What was counted before was another corpus, or with another tokenizer.
    case otherCorpus(what: String, saved: String, found: String)

    public var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(file) cannot be read: \(reason)."
        case .wrongLine(let file, let byte, let reason):
            "\(file), byte \(byte): \(reason). A JSON-lines file has one JSON value on each line."
        case .lineTooLong(let file, let byte, let limit):
            "\(file), byte \(byte): a line of more than \(limit) bytes. Is it a text file?"
        case .notUTF8(let file, let line, let byte, let found):
            "\(file), line \(line), byte \(byte): the bytes \(found.map(Self.hexadecimal).joined(separator: " ")) are no "
                + "UTF-8. Convert the file first, such as from GB18030: iconv -f GB18030 -t UTF-8 FILE."
        case .noText(let files, let keys, let found):
            "\(files.joined(separator: ", ")): no text was found."
                + (keys.isEmpty
                    ? ""
                    : " No line has a string under \(Self.list(keys)); the first line's keys are \(Self.list(found)).")
        case .otherCorpus(let what, let saved, let found):
            "The saved count is of \(what) \(saved), this is \(found). Start anew, or give what was given before."
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
    }
}
