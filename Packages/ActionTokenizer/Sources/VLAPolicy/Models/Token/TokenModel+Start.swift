import RobotInterface
import ActionTokenizer
import TensorCore
import TensorNN
public import VisionLanguage

extension TokenModel.Settings {
    /// The same with decoder, tower and projector of a trained vision-language model; dropout stays as it is chosen here.
    public func starting(from model: VisionLanguageModel) -> TokenModel.Settings {
        var settings = self
        settings.decoder = model.decoder.configuration
        // choices of a training, not of the model
        settings.decoder.dropout = decoder.dropout
        settings.decoder.initialization = decoder.initialization
        settings.vision = model.tower?.configuration
        if let projector = model.projector { settings.projector = projector.configuration }
        return settings
    }
}

extension TokenModel {
    /// Starts from a trained vision-language model: its decoder, tower and projector become this model's.
    ///
    /// The model has to be made for it, by ``Settings/starting(from:)``. Ids that the vision-language model does not know,
    /// such as appended action tokens, get new rows; rows that begin and end a sequence start as copies of its own. Only
    /// the state's projector is new besides.
    ///
    /// - Returns: What was taken over and what is new.
    /// - Throws: ``WeightTransferError`` when anything else would be new, or has no place here.
    @discardableResult
    public mutating func start(from folder: VisionLanguageFolder) throws -> WeightTransfer {
        let (source, other) = (folder.url.path, folder.model)
        let differences = try Self.differences(configuration.settings, from: other)
        guard differences.isEmpty else { throw WeightTransferError.configuration(source: source, differences) }

        var transfer = WeightTransfer(
            sources: folder.reports.map { "\($0.file): \($0.tensorCount) tensors, \($0.format)" },
            parent: "vision-language model \(folder.contentHash)", taken: [], new: [])
        var weights = other.parameters
        var missing: [String] = []
        var result = self
        let (own, theirs) = (configuration.settings.decoder, other.decoder.configuration)
        result.updateParameters { name, parameter in
            guard let tensor = weights.removeValue(forKey: name)?.converted(to: .float32) else {
                // the state is what a vision-language model knows nothing of
                if name.hasPrefix("state_proj.") { transfer.new.append(name) } else { missing.append(name) }
                return
            }
            let (shape, wanted) = (tensor.shape, parameter.value.shape)
            if shape == wanted {
                transfer.taken.append(name)
                parameter.value = tensor
            } else if Self.tables.contains(name), shape.rank == 2, wanted.rank == 2, shape[1] == wanted[1],
                shape[0] < wanted[0]
            {
                var rows = parameter.value.slice(axis: 0, shape[0]..<wanted[0]).contiguous
                for (new, old) in [(own.beginID, theirs.beginID), (own.endID, theirs.endID)] where new >= shape[0] {
                    rows = rows.replacingRows(at: [new - shape[0]], with: tensor.gatheringRows([old]))
                }
                parameter.value = .concatenated([tensor, rows], axis: 0)
                transfer.extended.append(
                    .init(name: name, takenCount: shape[0], newCount: wanted[0] - shape[0]))
            } else {
                missing.append(name)
            }
        }
        guard weights.isEmpty else { throw WeightTransferError.noPlace(source: source, weights.keys.sorted()) }
        guard missing.isEmpty else { throw WeightTransferError.missing(source: source, missing) }
        self = result
        return transfer
    }

    /// Matrices with a row for each id.
    private static let tables: Set<String> = ["model.embed_tokens.weight", "lm_head.weight"]

    /// Where settings are not those of a vision-language model; ids behind its own, dropout and drawing may differ.
    private static func differences(_ settings: Settings, from other: VisionLanguageModel) throws -> [String] {
        var expected = settings.starting(from: other)
        var found = settings
        if found.decoder.vocabularySize > expected.decoder.vocabularySize {
            let known = expected.decoder.vocabularySize
            expected.decoder.vocabularySize = found.decoder.vocabularySize
            if found.decoder.beginID >= known { expected.decoder.beginID = found.decoder.beginID }
            if found.decoder.endID >= known { expected.decoder.endID = found.decoder.endID }
        }
        // fills what nothing is learnt of
        found.decoder.paddingID = expected.decoder.paddingID
        return try FieldDifference.between(found, and: expected).map(\.description)
    }
}
