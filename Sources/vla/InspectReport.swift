import FileSupport
import Foundation
import TensorCore
import VisionLanguage

/// What a file of tensors holds, and which model it is.
struct InspectReport: Codable {
    struct Entry: Codable {
        var name: String
        var dtype: String
        var shape: [Int]
    }

    struct Model: Codable {
        var kind: String
        var summary: String
        var parameterCount: Int?
        var layout: String
        var assumptions: [String]
        var leftovers: [String]
        var mismatch: Mismatch?
        /// Whether the check value saved with the weights is computed again: "agrees", "differs" or "none".
        var check: String
    }

    struct Mismatch: Codable {
        var missing: [String]
        var unexpected: [String]
        var wrongShapes: [String]
        var notFinite: [String]
        var conflicting: [String]
        var text: String
    }

    var file: String
    var format: String
    var elementCount = 0
    var byteCount = 0
    var storedTypes: [String: Int] = [:]
    var wrappings: [String] = []
    var model: Model?
    var tensors: [Entry] = []

    /// Whether it is a folder with the weights of a model that nobody knows here.
    var isUnknownFolder: Bool {
        var isFolder: ObjCBool = false
        return model == nil && FileManager.default.fileExists(atPath: file, isDirectory: &isFolder)
            && isFolder.boolValue
    }

    init(of path: String, configuration: String?, generation: MiniMindGeneration?) throws {
        let url = URL(fileURLWithPath: path)
        file = path
        do {
            var checkpoint = try Checkpoint(at: url)
            if let configuration {
                checkpoint.configuration = try Data(contentsOf: URL(fileURLWithPath: configuration))
            }
            format = checkpoint.format
            wrappings = checkpoint.wrappings.map(\.rawValue)
            for name in checkpoint.names { add(name, checkpoint.tensors[name]!) }
            model = try Self.model(checkpoint, generation)
        } catch let error as SerializationError where error.kind == .wrongFormat {
            // arrays, which are no weights
            guard let archive = try? TensorArchive.open(url) else { throw error }
            format = archive.format.rawValue
            for name in archive.names { add(name, try archive.tensor(name)) }
        }
    }

    private mutating func add(_ name: String, _ tensor: Tensor) {
        elementCount += tensor.elementCount
        byteCount += tensor.elementCount * tensor.dtype.byteSize
        storedTypes[tensor.dtype.rawValue, default: 0] += 1
        tensors.append(Entry(name: name, dtype: tensor.dtype.rawValue, shape: tensor.shape.sizes))
    }

    private static func model(_ checkpoint: Checkpoint, _ generation: MiniMindGeneration?) throws -> Model? {
        let description = try ModelDescription(of: checkpoint, generation: generation)
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
    func text(listingTensors: Bool) -> String {
        let types = storedTypes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        var lines = [
            "\(file): \(format), \(tensors.count) tensors (\(types)), \(elementCount) elements, \(byteCount) bytes"
        ]
        if !wrappings.isEmpty { lines.append("  undone: \(wrappings.joined(separator: ", "))") }
        if let model { lines += text(of: model) }
        if isUnknownFolder { lines.append("  no model that is known here: names, shapes and numbers are not checked") }
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

extension InspectReport.Mismatch {
    init(_ mismatch: CheckpointMismatch) {
        missing = mismatch.missing
        unexpected = mismatch.unexpected
        wrongShapes = mismatch.wrongShapes.map { "\($0.name) is \($0.found), expected \($0.expected)" }
        notFinite = mismatch.notFinite
        conflicting = mismatch.conflicting
        text = mismatch.description
    }
}
