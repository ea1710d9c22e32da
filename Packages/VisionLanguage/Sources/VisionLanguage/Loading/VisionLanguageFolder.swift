import FileSupport
public import Foundation
public import ImageProcessing
import TensorCore
import TensorNN

/// A trained vision-language model on disk with everything that continues from it: what `vla tune` writes.
///
/// | file | what |
/// |---|---|
/// | `config.json`, `model.safetensors` | decoder and projector, as MiniMind-V publishes them |
/// | `vision_language.json` | tower and projector; with it, `model.safetensors` holds the tower as `vision_encoder.…` |
/// | `tokenizer.json` | the tokenizer |
///
/// Loading is strict: every tensor of the files is taken, and none is missing.
public struct VisionLanguageFolder: Sendable {
    public let url: URL
    public let model: VisionLanguageModel
    /// `nil` if the folder holds none.
    public let tokenizerFile: URL?
    /// How images are prepared for the tower; `nil` without one.
    public let imageTransform: ImageTransform?
    /// What was loaded from each file.
    public let reports: [LoadingReport]
    /// SHA-256 over names and elements of all weights.
    public let contentHash: String

    /// - Parameters:
    ///   - url: The folder.
    ///   - tower: Folder or file of the published vision model; `nil` if the folder holds the tower.
    /// - Throws: `SerializationError`, ``ConfigurationError``, ``CheckpointMismatch`` with everything that does not fit, or
    ///   ``LogitsCheckError``.
    public init(at url: URL, tower: URL? = nil) throws {
        var generator = PhiloxGenerator(seed: 0)
        let (model, reports) = try ModelFolder.visionLanguageModel(at: url, tower: tower, using: &generator)
        self.url = url
        self.model = model
        self.reports = reports
        imageTransform = try model.tower?.imageTransform(folder: tower ?? url)
        let file = url.appendingPathComponent("tokenizer.json")
        tokenizerFile = FileManager.default.fileExists(atPath: file.path) ? file : nil
        let tensors = model.parameters.map { (name: $0, tensor: $1) }.sorted { $0.name < $1.name }
        let lines = tensors.map { name, tensor in
            "\(name) \(tensor.shape) \(SHA256.hexadecimal(Safetensors.data([(name: name, tensor: tensor)])))\n"
        }
        contentHash = SHA256.hexadecimal(Array(lines.joined().utf8))
    }
}

/// The towers and projectors that names and shapes do not tell, beside a model that holds its tower.
struct VisionLanguageFile: Codable {
    static let name = "vision_language.json"

    var tower: VisionTowerConfiguration
    var projector: ProjectorConfiguration

    /// The file of a folder; `nil` without one.
    ///
    /// - Throws: ``ConfigurationError`` when it cannot be read, or describes more weights than the model has.
    init?(in folder: URL, hiddenSize: Int, weightCount: Int) throws {
        let file = folder.appendingPathComponent(Self.name)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        func failure(_ found: String) -> ConfigurationError {
            ConfigurationError(found, advice: "Write the folder again.", file: file.path)
        }
        let bytes = try MappedFile(at: file)
        guard bytes.byteCount <= 1 << 20 else { throw failure("more than 1 MiB") }
        let json = bytes.withBytes { Data($0) }
        do { self = try JSONDecoder().decode(Self.self, from: ByteOrderMark.dropped(from: json)) } catch {
            throw failure("no description of a vision tower: \(JSONReading.explanation(of: error, in: json))")
        }
        do { try tower.validate() } catch var error as ConfigurationError {
            error.file = file.path
            throw error
        }
        guard (1...64).contains(projector.merge) else {
            throw failure("a projector that joins \(projector.merge) neighbours")
        }
        guard projector != .identity || tower.width == hiddenSize else {
            throw failure("no projector between a tower of width \(tower.width) and a decoder of \(hiddenSize)")
        }
        let matrices = projector.matrixElementCount(inputWidth: tower.width, outputWidth: hiddenSize)
        guard tower.leastParameterCount + matrices <= Double(weightCount) else {
            throw failure("a vision tower and projector of more weights than the folder's \(weightCount)")
        }
    }

    init(tower: VisionTowerConfiguration, projector: ProjectorConfiguration) {
        (self.tower, self.projector) = (tower, projector)
    }
}
