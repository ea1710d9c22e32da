import FileSupport
public import Foundation
public import TensorCore
public import VisionLanguage

/// Conversations of several files, one after another: JSON lines with image files, and Parquet sets.
public struct ConversationSet: ConversationSource {
    private enum Part {
        case lines(ConversationLines)
        case table(ConversationTable)

        var count: Int {
            switch self {
            case .lines(let lines): lines.count
            case .table(let table): table.count
            }
        }
    }
    private var parts: [(part: Part, range: Range<Int>)] = []
    public let names: [String]

    public var count: Int { parts.last?.range.upperBound ?? 0 }

    /// Opens the files; conversations are read when they are asked for.
    ///
    /// - Parameters:
    ///   - urls: `.parquet` files, and JSON lines for others.
    ///   - images: Where image files of JSON lines lie; `nil` for the file's folder.
    /// - Throws: `SerializationError` for a file that cannot be read, or has other columns.
    public init(at urls: [URL], images: URL? = nil) throws {
        names = urls.map(\.relativePath)
        for url in urls {
            let part: Part =
                url.pathExtension == "parquet"
                ? .table(try ConversationTable(at: url)) : .lines(try ConversationLines(at: url, images: images))
            parts.append((part, count..<count + part.count))
        }
    }

    public func example(
        _ index: Int, _ reader: ConversationReader, using generator: PhiloxGenerator
    ) throws -> VisionLanguageExample {
        let (part, range) = parts.first { $0.range.contains(index) }!
        let row = index - range.lowerBound
        switch part {
        case .lines(let lines): return try lines.example(row, reader, using: generator)
        case .table(let table):
            do {
                let (conversation, images) = try table.conversation(at: row)
                return try reader.example(conversation, images: images, using: generator)
            } catch let error as ConversationError {
                throw SerializationError(.damaged, file: "\(table.file.name), row \(row)", "\(error)")
            }
        }
    }
}
