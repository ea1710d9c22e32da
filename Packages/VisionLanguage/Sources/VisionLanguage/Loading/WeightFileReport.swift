import FileSupport
import Foundation
import TensorCore

/// What a file of tensors holds, and which model it is.
public struct WeightFileReport: Codable, Sendable {
    public struct Entry: Codable, Sendable {
        public var name: String
        public var dtype: String
        public var shape: [Int]
    }

    public struct Model: Codable, Sendable {
        public var kind: String
        public var summary: String
        public var parameterCount: Int?
        public var layout: String
        public var assumptions: [String]
        public var leftovers: [String]
        public var mismatch: Mismatch?
        /// Whether the check value saved with the weights is computed again: "agrees", "differs" or "none".
        public var check: String
    }

    public struct Mismatch: Codable, Sendable {
        public var missing: [String]
        public var unexpected: [String]
        public var wrongShapes: [String]
        public var notFinite: [String]
        public var conflicting: [String]
        public var text: String
    }

    public var file: String
    public var format: String
    public var elementCount = 0
    public var byteCount = 0
    public var storedTypes: [String: Int] = [:]
    public var wrappings: [String] = []
    public var model: Model?
    /// Why a model that is known by name is not supported.
    public var unsupported: String?
    /// Whether these are weights of a model that is not known here; arrays are none.
    public var isUnknown = false
    public var tensors: [Entry] = []

    /// - Parameters:
    ///   - path: A file or folder.
    ///   - configuration: The config.json that the weights have to fit, where none lies beside them.
    ///   - generation: MiniMind's, where the file does not tell it.
    /// - Throws: `SerializationError` for what is no weights and no arrays.
    public init(of path: String, configuration: String? = nil, generation: MiniMindGeneration? = nil) throws {
        let url = URL(fileURLWithPath: path)
        file = path
        do {
            var checkpoint = try Checkpoint(at: url)
            if let configuration {
                checkpoint.configuration = try FileContent.data(at: URL(fileURLWithPath: configuration))
            }
            format = checkpoint.format
            wrappings = checkpoint.wrappingDescriptions
            for name in checkpoint.names { add(name, checkpoint.tensors[name]!) }
            let description = try ModelDescription(of: checkpoint, generation: generation)
            unsupported = description.unsupported
            model = try Self.model(description, checkpoint, generation)
            isUnknown = model == nil && !["npz", "npy"].contains(format)
        } catch let error as SerializationError where error.kind == .wrongFormat {
            // arrays, which are no weights
            guard let archive = try? TensorArchive.open(url) else { throw error }
            format = archive.format.rawValue
            for name in archive.names { add(name, try archive.tensor(name)) }
        }
    }

    /// Whether a model does not fit what its file says, or is not known.
    public var isWrong: Bool { model?.mismatch != nil || model?.check == "differs" || isUnknown }

    private mutating func add(_ name: String, _ tensor: Tensor) {
        elementCount += tensor.elementCount
        byteCount += tensor.elementCount * tensor.dtype.byteSize
        storedTypes[tensor.dtype.rawValue, default: 0] += 1
        tensors.append(Entry(name: name, dtype: tensor.dtype.rawValue, shape: tensor.shape.sizes))
    }

    private static func model(
        _ description: ModelDescription, _ checkpoint: Checkpoint, _ generation: MiniMindGeneration?
    ) throws -> Model? {
        guard description.kind != .unknown else { return nil }
        var model = Model(
            kind: description.kind.rawValue, summary: description.summary,
            parameterCount: description.parameterCount, layout: checkpoint.layout.rawValue,
            assumptions: description.assumptions, leftovers: description.leftovers,
            mismatch: description.mismatch.map(Mismatch.init), check: "none")
        if LogitsCheck(metadata: checkpoint.metadata) != nil, description.mismatch == nil {
            do {
                _ = try ModelFolder.decoder(at: checkpoint.url, generation: generation)
                model.check = "agrees"
            } catch is LogitsCheckError {
                model.check = "differs"
            }
        }
        return model
    }

    /// Headings, then name, type and shape of each tensor in columns.
    public func text(listingTensors: Bool) -> String {
        let types = storedTypes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        var lines = [
            "\(file): \(format), \(tensors.count) tensors (\(types)), \(elementCount) elements, \(byteCount) bytes"
        ]
        if !wrappings.isEmpty { lines.append("  undone: \(wrappings.joined(separator: ", "))") }
        if let model { lines += text(of: model) }
        if let unsupported {
            lines.append("  \(unsupported)")
        } else if isUnknown {
            lines.append("  no model that is known here: names, shapes and numbers are not checked")
        }
        if listingTensors {
            let width = tensors.map(\.name.count).max() ?? 0
            lines += tensors.map { entry in
                let name = entry.name.padding(toLength: width, withPad: " ", startingAt: 0)
                return "  \(name)  \(entry.dtype.padding(toLength: 8, withPad: " ", startingAt: 0))  \(entry.shape)"
            }
        }
        return lines.joined(separator: "\n")
    }

    private func text(of model: Model) -> [String] {
        var lines = ["  \(model.summary)"]
        if let count = model.parameterCount { lines.append("  \(count) parameters") }
        if model.layout != Checkpoint.Layout.current.rawValue {
            lines.append("  layout of MiniMind before 2025-04-26: names and rows of queries and keys differ; --convert")
        }
        for assumption in model.assumptions { lines.append("  assumed: \(assumption)") }
        if !model.leftovers.isEmpty {
            lines.append("  left aside: \(model.leftovers.count) tensors of a published file that no model here uses")
        }
        if let mismatch = model.mismatch {
            lines += mismatch.text.split(separator: "\n").map { "  \($0)" }
            return lines
        }
        lines.append("  all names and shapes fit")
        switch model.check {
        case "agrees": lines.append("  the check value saved with the weights is computed again")
        case "differs": lines.append("  THE CHECK VALUE DIFFERS: right names and shapes, wrong numbers")
        default:
            if model.kind != ModelDescription.Kind.visionTower.rawValue {
                lines.append(
                    "  not checked: the numbers. A file renamed from the old layout without moving rows fits as well;")
                lines.append("  try a text whose continuation you know (vla chat), or compare logits")
            }
        }
        return lines
    }
}

extension WeightFileReport.Mismatch {
    init(_ mismatch: CheckpointMismatch) {
        missing = mismatch.missing
        unexpected = mismatch.unexpected
        wrongShapes = mismatch.wrongShapes.map { "\($0.name) is \($0.found), expected \($0.expected)" }
        notFinite = mismatch.notFinite
        conflicting = mismatch.conflicting
        text = mismatch.description
    }
}
