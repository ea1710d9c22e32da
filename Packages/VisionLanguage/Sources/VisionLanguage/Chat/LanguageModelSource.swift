import FileSupport
public import Foundation
import TensorCore
public import TextTokenizers

/// A language model on disk with its tokenizer.
public struct LanguageModelSource: Sendable {
    /// A folder or a weight file.
    public var url: URL
    /// `tokenizer.json`; `nil` for the one beside the weights.
    public var tokenizerFile: URL?
    /// MiniMind's; `nil` to tell it from the tokenizer.
    public var generation: MiniMindGeneration?
    /// Converts weights from before 2025-04-26.
    public var isConverted = false
    /// Keeps half-precision weights as they are stored: half the memory, slower prompts.
    public var keepsStoredMatrices = false

    public init(_ url: URL, tokenizerFile: URL? = nil) {
        self.url = url
        self.tokenizerFile = tokenizerFile
    }

    /// The file that is named, or lies with the weights.
    ///
    /// - Throws: `ContentError` where there is no model, or no tokenizer beside it.
    public func tokenizerURL() throws -> URL {
        if let tokenizerFile { return tokenizerFile }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw ContentError("There is no file or folder \(url.relativePath).")
        }
        let folder = isFolder.boolValue ? url : url.deletingLastPathComponent()
        let tokenizer = folder.appendingPathComponent("tokenizer.json")
        guard FileManager.default.fileExists(atPath: tokenizer.path) else {
            throw ContentError("There is no tokenizer.json in \(folder.path); name one with --tokenizer-file.")
        }
        return tokenizer
    }

    public func tokenizer() throws -> BPETokenizer { try BPETokenizer(at: tokenizerURL()) }

    /// The generation of the model. Both vocabularies have 6400 entries with other meanings, so that the tokenizer of the
    /// other generation would go unnoticed.
    ///
    /// - Throws: `ContentError` where weights and tokenizer are of different ones.
    public func generation(of tokenizer: BPETokenizer) throws -> MiniMindGeneration {
        let told = MiniMindGeneration(of: tokenizer)
        let weights = try ModelDescription(of: Checkpoint(at: url), generation: generation).generation ?? told
        guard told == weights else {
            throw ContentError(
                "The tokenizer is of MiniMind \(told.rawValue), the weights are of \(weights.rawValue).")
        }
        return told
    }

    private var loading: LoadingOptions {
        var options = LoadingOptions()
        options.keepsStoredMatrices = keepsStoredMatrices
        return options
    }

    public func decoder(_ generation: MiniMindGeneration) throws -> Decoder {
        try ModelFolder.decoder(at: url, generation: generation, converting: isConverted, loading).decoder
    }

    /// The model with its vision tower; without one where `hasImages` is false.
    ///
    /// - Parameter tower: The vision tower's folder or file; `nil` for the one inside the weights.
    func visionLanguageModel(
        _ generation: MiniMindGeneration, tower: URL?, hasImages: Bool
    ) throws -> VisionLanguageModel {
        guard hasImages else { return VisionLanguageModel(decoder: try decoder(generation)) }
        var generator = PhiloxGenerator(seed: 0)
        return try ModelFolder.visionLanguageModel(
            at: url, tower: tower, generation: generation, converting: isConverted, loading, using: &generator
        ).model
    }
}
