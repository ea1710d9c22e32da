public import Foundation
public import VisionLanguage

/// Weights a training starts from in place of drawn ones.
public enum PolicyWeightSource: Sendable {
    /// A policy of the same configuration.
    case checkpoint(PolicyCheckpoint)
    /// Another program's weights, under its names.
    case file(URL, names: WeightNameMap = .microVLA2025, vision: URL? = nil)
    /// A trained vision-language model, which becomes a part of the policy's.
    case visionLanguageModel(VisionLanguageFolder)

    /// What an error calls it.
    var name: String {
        switch self {
        case .checkpoint: "a checkpoint"
        case .file(let file, _, _): "another program's \(file.lastPathComponent)"
        case .visionLanguageModel(let folder): "the vision-language model \(folder.url.lastPathComponent)"
        }
    }
}

/// What a model took over from other weights, and what is new in it. Nothing else happened: whatever fits nowhere is an
/// error.
public struct WeightTransfer: Hashable, Codable, Sendable, CustomStringConvertible {
    /// A matrix with a row for each id, of which the source has fewer.
    public struct ExtendedTable: Hashable, Codable, Sendable {
        public var name: String
        /// Rows taken over, and rows behind them that are new.
        public var takenCount, newCount: Int
    }

    /// What was read, such as `MiniMind2-V: 98 tensors, safetensors`.
    public var sources: [String]
    /// What a checkpoint trained from these weights names as its parent.
    public var parent: String
    /// Names of parameters that were taken over whole.
    public var taken: [String]
    public var extended: [ExtendedTable] = []
    /// Names of parameters that keep the values they were drawn with.
    public var new: [String]

    public init(sources: [String], parent: String, taken: [String], new: [String]) {
        (self.sources, self.parent, self.taken, self.new) = (sources, parent, taken, new)
    }

    public var description: String {
        var lines = sources
        lines.append("taken over: \(taken.count + extended.count) parameters")
        for table in extended {
            lines.append("  \(table.name): \(table.takenCount) rows taken over, \(table.newCount) new")
        }
        lines.append("new: \(new.isEmpty ? "nothing" : new.joined(separator: ", "))")
        return lines.joined(separator: "\n")
    }
}

/// Weights that a model cannot start from; nothing was changed.
public enum WeightTransferError: Error, Equatable, CustomStringConvertible {
    /// The family has no use for weights of this kind.
    case unsupported(String, family: String)
    /// Sizes or choices differ.
    case configuration(source: String, [String])
    /// The source has parameters for which the model has no place.
    case noPlace(source: String, [String])
    /// The model has parameters that the source has to hold and does not, or with other shapes.
    case missing(source: String, [String])
    /// The instructions' tokenizer is not the one the model was trained with.
    case otherTokenizer(found: String, expected: String)

    public var description: String {
        switch self {
        case .unsupported(let what, let family):
            "A policy of the family \(family) cannot start from \(what)."
        case .configuration(let source, let differences):
            "\(source) is not the model the recipe describes: \(differences.joined(separator: "; ")). "
                + "Take the settings over by `Settings.starting(from:)`, or train from a model of the recipe's sizes."
        case .noPlace(let source, let names):
            "The policy has no place for \(Self.list(names)) of \(source). A policy that starts from a vision-language "
                + "model needs a camera."
        case .missing(let source, let names):
            "\(source) lacks \(Self.list(names)), or has them in another shape."
        case .otherTokenizer(let found, let expected):
            "The recipe's tokenizer \(found) is not \(expected), with which the model was trained. Leave it out of the "
                + "recipe to use that one."
        }
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
    }
}
