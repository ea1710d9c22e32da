public import TensorNN

/// What a weight file and a model do not agree on; nothing was loaded.
public struct CheckpointMismatch: Error, Sendable, Equatable, CustomStringConvertible {
    public var file: String
    /// Names that the model needs and the file does not have.
    public var missing: [String] = []
    /// Names that the model has no place for.
    public var unexpected: [String] = []
    public var wrongShapes: [WeightMismatch.WrongShape] = []
    /// Tensors with NaN or infinite elements.
    public var notFinite: [String] = []
    /// Names of one matrix that the file holds twice, with different values.
    public var conflicting: [String] = []
    public var layout: Checkpoint.Layout = .current

    public init(file: String) { self.file = file }

    public var isEmpty: Bool {
        missing.isEmpty && unexpected.isEmpty && wrongShapes.isEmpty && notFinite.isEmpty && conflicting.isEmpty
    }

    public var description: String {
        var lines = ["\(file): the weights do not fit the model; nothing was loaded."]
        func list(_ title: String, _ names: [String]) {
            guard !names.isEmpty else { return }
            lines.append(
                "  \(title) (\(names.count)): \(names.prefix(8).joined(separator: ", "))\(names.count > 8 ? ", …" : "")"
            )
        }
        list("missing", missing)
        list("no place in the model for", unexpected)
        list("wrong shape", wrongShapes.map { "\($0.name) is \($0.found), expected \($0.expected)" })
        list("NaN or infinite", notFinite)
        list("one matrix, stored twice with different values", conflicting)
        lines += advice
        return lines.joined(separator: "\n")
    }

    private var advice: [String] {
        if layout == .miniMindBefore20250426 {
            return [
                "These are names of MiniMind before 2025-04-26. Convert the file (`vla inspect FILE --convert FOLDER`): "
                    + "renaming alone loads and computes noise, since rows of queries and keys moved too."
            ]
        }
        if !conflicting.isEmpty {
            return ["The configuration ties the two. Say which one counts, or load an untied model."]
        }
        var lines: [String] = []
        let layers = Set(missing.compactMap(Self.layer))
        if let first = layers.min(), layers.count > 0, unexpected.isEmpty {
            lines.append("The file ends before layer \(first): it is of a model with fewer layers.")
        }
        lines.append("Check that the configuration belongs to these weights; list what may be absent by name.")
        return lines
    }

    /// The layer in a name such as `model.layers.3.mlp.up_proj.weight`.
    private static func layer(_ name: String) -> Int? {
        let parts = name.split(separator: ".")
        guard let index = parts.firstIndex(where: { $0 == "layers" || $0 == "layer" }), index + 1 < parts.count else {
            return nil
        }
        return Int(parts[index + 1])
    }
}
