import FileSupport
public import Foundation
public import TensorCore

/// Conversations that examples are made of, by number: what a vision-language model is trained on.
///
/// ``ConversationLines`` are JSON lines; `ConversationSet` of the layer LiberoData also reads MiniMind-V's Parquet sets.
public protocol ConversationSource {
    /// Where they come from, for the plan of a run.
    var names: [String] { get }
    var count: Int { get }

    /// The example of a conversation.
    ///
    /// - Parameters:
    ///   - index: From 0 to ``count``.
    ///   - reader: Makes the example.
    ///   - generator: Of what is varied in it this time.
    /// - Throws: `SerializationError` with file and row of what cannot be read or is no conversation.
    func example(
        _ index: Int, _ reader: ConversationReader, using generator: PhiloxGenerator
    ) throws -> VisionLanguageExample
}

/// A JSON-lines file of conversations with its image files.
public struct ConversationLines: ConversationSource {
    public let file: ConversationFile
    /// Where the image files lie.
    public let images: URL

    /// - Parameters:
    ///   - url: The file.
    ///   - images: Where the image files lie; beside it by default.
    /// - Throws: `SerializationError` when the file cannot be read or a line is too long.
    public init(at url: URL, images: URL? = nil) throws {
        file = try ConversationFile(at: url)
        self.images = images ?? url.deletingLastPathComponent()
    }

    public var names: [String] { [file.url.relativePath] }
    public var count: Int { file.count }

    public func example(
        _ index: Int, _ reader: ConversationReader, using generator: PhiloxGenerator
    ) throws -> VisionLanguageExample {
        var reader = reader
        reader.imageFolder = images
        do { return try reader.example(file.conversation(at: index), using: generator) } catch let error
            as ConversationError
        {
            throw SerializationError(.damaged, file: "\(file.url.path), conversation \(index)", "\(error)")
        }
    }
}
