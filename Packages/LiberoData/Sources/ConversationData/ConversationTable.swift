import FileSupport
public import Foundation
public import ImageProcessing
public import Parquet
public import VisionLanguage

/// MiniMind-V's Parquet sets: a column `conversations` of JSON texts, and `image_bytes`: an image file, a list of them,
/// or a group with the file in `bytes`.
///
/// A row is read when it is asked for. Columns of lists are read a row group at a time, and the last one is kept.
public final class ConversationTable {
    public let file: ParquetFile
    private let conversations: ParquetPages
    private let images: Images

    private enum Images {
        case none
        case one(ParquetPages)
        case lists(ParquetField)
    }
    private var group: (index: Int, rows: [ParquetValue])?

    /// - Throws: `SerializationError` when it is no Parquet file, or has other columns.
    public init(at url: URL) throws {
        let file = try ParquetFile(at: url)
        self.file = file
        func wrong(_ name: String, _ advice: String) -> SerializationError {
            SerializationError(
                .unsupported, file: url.path, member: name,
                "the columns are \(file.fields.map(\.name).joined(separator: ", "))", advice: advice)
        }
        guard let field = file.field("conversations"), field.isLeaf, file.leaves[field.leaves.lowerBound].isText else {
            throw wrong("conversations", "The set needs this column of texts, each the JSON array of a conversation.")
        }
        conversations = ParquetPages(file, leaf: field.leaves.lowerBound)
        switch file.field("image_bytes") {
        case nil: images = .none
        case let field? where field.isLeaf && file.leaves[field.leaves.lowerBound].type == .byteArray:
            images = .one(ParquetPages(file, leaf: field.leaves.lowerBound))
        case let field? where field.children.contains { $0.name == "bytes" && $0.isLeaf }:
            let bytes = field.children.first { $0.name == "bytes" }!
            images = .one(ParquetPages(file, leaf: bytes.leaves.lowerBound))
        case let field? where field.isList && field.leaves.count == 1: images = .lists(field)
        default: throw wrong("image_bytes", "It has to hold PNG or JPEG files as bytes, or lists of them.")
        }
    }

    public var count: Int { file.rowCount }

    /// The conversation and the images of a row.
    ///
    /// - Throws: `SerializationError` with the row, for what is damaged.
    public func conversation(at row: Int) throws -> (Conversation, [RGBImage]) {
        guard let json = try conversations.value(row: row) else { throw damaged(row, "the conversation is null") }
        do {
            let conversation = try Conversation(json: Data(json))
            let images = try files(row).enumerated().map { index, bytes in
                try RGBImage(decoding: Array(bytes), name: "\(file.name), row \(row), image \(index)")
            }
            return (conversation, images)
        } catch ConversationError.format(let found) {
            throw damaged(row, found)
        }
    }

    private func files(_ row: Int) throws -> [ArraySlice<UInt8>] {
        switch images {
        case .none: return []
        case .one(let pages): return try pages.value(row: row).map { [$0] } ?? []
        case .lists(let field):
            let place = file.rowGroups.last { $0.firstRow <= row && $0.rowCount > 0 }!
            if group?.index != place.index { group = (place.index, try file.rows(of: field, rowGroup: place.index)) }
            return try (group!.rows[row - place.firstRow].list ?? []).map { value in
                guard case .bytes(let bytes) = value else { throw damaged(row, "an image is null or no bytes") }
                return bytes[...]
            }
        }
    }

    private func damaged(_ row: Int, _ found: String) -> SerializationError {
        SerializationError(.damaged, file: file.name, member: "row \(row)", found)
    }
}
