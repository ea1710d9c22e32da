import FileSupport
public import RobotInterface
public import ActionTokenizer
import FileSupport
public import Foundation
public import ImageProcessing
public import TensorTraining

/// Everything that is chosen for a training, in one file; what the data fix is not in it.
public struct PolicyRecipe: Hashable, Sendable {
    public struct Camera: Codable, Hashable, Sendable {
        public var name: CameraName
        /// Nil for the image as it is, its numbers in −1…1.
        public var transform: ImageTransform?

        public init(name: CameraName, transform: ImageTransform? = nil) {
            (self.name, self.transform) = (name, transform)
        }
    }

    public struct State: Codable, Hashable, Sendable {
        public var parts: [StateLayout.Part]
        public var normalization: ActionNormalizer.Method

        public init(
            parts: [StateLayout.Part] = StateLayout.libero.parts,
            normalization: ActionNormalizer.Method = .openPIQuantiles
        ) {
            (self.parts, self.normalization) = (parts, normalization)
        }
    }

    public struct Prompt: Codable, Hashable, Sendable {
        public var template: String
        public var lowercases: Bool
        public var maximumTokenCount: Int
        /// A `tokenizer.json`, relative to the recipe; nil for the words of the data's instructions.
        public var tokenizer: String?

        public init(
            template: String = "{task}", lowercases: Bool = true, maximumTokenCount: Int = 32, tokenizer: String? = nil
        ) {
            (self.template, self.lowercases) = (template, lowercases)
            (self.maximumTokenCount, self.tokenizer) = (maximumTokenCount, tokenizer)
        }
    }

    public struct Action: Codable, Hashable, Sendable {
        public var horizon = 8
        public var normalization = ActionNormalizer.Method.openVLAQuantiles
        public var gripper = GripperCoding.binary
        /// For models that write tokens.
        public var tokens: ActionTokenRecipe?

        public init() {}
    }

    public struct Data: Codable, Hashable, Sendable {
        /// Every how many frames an example is taken.
        public var frameStride = 1
        public var split = DemonstrationSplit()
        /// What happens near the end of a demonstration; nil to repeat the last action, which the loss leaves out.
        public var tail: PolicyExamples.Tail?
        /// How often the examples of a demonstration are drawn, with replacement; nil for each once in an epoch.
        public var sampling: SamplingWeights?
        /// Weights of the examples by task; 1 for tasks that are not named.
        public var taskWeights: [String: Float] = [:]
        /// The column that is learnt, such as an expert's actions before noise was added to what was executed; nil for
        /// the recorded actions.
        public var actionColumn: String?
        /// Frames whose actions move less than this, and leave the gripper as it was, are not learnt; nil to learn all. A
        /// policy of tokens that picks the likeliest one each time learns to stand still where demonstrations wait.
        public var noOpThreshold: Double?
        /// The first demonstrations alone; nil for all.
        public var demonstrationLimit: Int?

        public init() {}
    }

    public var name: String
    public var family: PolicyFamily
    /// Empty if the policy takes no images.
    public var cameras: [Camera]
    public var state: State?
    public var prompt: Prompt?
    public var action = Action()
    /// The models' settings, each under its family's name; those of other families than the recipe's have no effect.
    private var sections: [PolicyFamily: FamilySettings] = [:]
    public var data = Data()
    public var training = PolicyTrainingSettings()
    /// Whether the checkpoint holds `float16`.
    public var isHalfPrecision = true

    /// A policy that sees both cameras of LIBERO, with what its family has by default.
    ///
    /// Traps when the family is not registered.
    public init(name: String = "regression", family: PolicyFamily = .regression) {
        self.name = name
        self.family = family
        cameras = [Camera(name: .agentView), Camera(name: .wrist)]
        state = State()
        prompt = Prompt()
        do { try family.model.addDefaults(to: &self) } catch { preconditionFailure("\(error)") }
    }

    /// The settings of a family; nil where the recipe has none.
    public func settings<Model: PolicyModel>(of _: Model.Type) -> Model.Configuration.Settings? {
        sections[Model.family]?.settings(as: Model.Configuration.Settings.self)
    }

    public mutating func setSettings<Model: PolicyModel>(_ settings: Model.Configuration.Settings?, of _: Model.Type) {
        sections[Model.family] = settings.map { FamilySettings($0) }
    }
}

extension PolicyRecipe: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case name, family, cameras, state, prompt, action, data, training, isHalfPrecision
    }

    /// A family's section.
    private struct SectionKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ family: PolicyFamily) { stringValue = family.rawValue }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Names that no family may have.
    static let settingNames = Set(CodingKeys.allCases.map(\.rawValue))

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        family = try container.decode(PolicyFamily.self, forKey: .family)
        cameras = try container.decode([Camera].self, forKey: .cameras)
        state = try container.decodeIfPresent(State.self, forKey: .state)
        prompt = try container.decodeIfPresent(Prompt.self, forKey: .prompt)
        action = try container.decode(Action.self, forKey: .action)
        data = try container.decode(Data.self, forKey: .data)
        training = try container.decode(PolicyTrainingSettings.self, forKey: .training)
        isHalfPrecision = try container.decode(Bool.self, forKey: .isHalfPrecision)
        // says how a family of another package becomes known
        _ = try family.model
        let parts = try decoder.container(keyedBy: SectionKey.self)
        for family in PolicyFamily.registered {
            sections[family] = try FamilySettings(of: family, in: parts, forKey: SectionKey(family))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(family, forKey: .family)
        try container.encode(cameras, forKey: .cameras)
        try container.encodeIfPresent(state, forKey: .state)
        try container.encodeIfPresent(prompt, forKey: .prompt)
        try container.encode(action, forKey: .action)
        try container.encode(data, forKey: .data)
        try container.encode(training, forKey: .training)
        try container.encode(isHalfPrecision, forKey: .isHalfPrecision)
        var parts = encoder.container(keyedBy: SectionKey.self)
        for (family, settings) in sections { try settings.encode(into: &parts, forKey: SectionKey(family)) }
    }
}

/// How a policy is trained.
public struct PolicyTrainingSettings: Codable, Hashable, Sendable {
    public var seed: UInt64 = 1
    /// Updates.
    public var stepCount = 10_000
    /// Passes over the examples in place of updates.
    public var epochCount: Int?
    /// Examples of an update, over all shards and accumulated parts.
    public var batchSize = 32
    /// Parts of a batch that processes share; the result depends on it, not on the number of processes.
    public var shardCount = 1
    /// Parts of a batch that are computed one after another, to save memory.
    public var accumulationCount = 1

    public var learningRate = 7e-4
    /// Updates over which the rate rises.
    public var warmUpStepCount = 200
    /// The last rate as a share of the highest; the rate falls to it along a cosine.
    public var finalRateShare = 0.02
    public var weightDecay = 0.01
    /// Whether norms, biases and embeddings are decayed, too, as PyTorch's AdamW does when told nothing else.
    public var decaysEverything = false
    public var clipNorm: Double? = 1
    /// Of the average of the weights that is evaluated and saved; 0 for the weights themselves.
    public var averageDecay: Float = 0.999
    /// Parameters that are not trained, by the beginnings of their names; nil for none but a frozen tower's.
    public var frozen: [String]?
    /// Low-rank changes of linear layers in place of all weights; they are added to the weights at the end.
    public var adapters: Adapters?
    public var jitter: ImageJitter? = ImageJitter(shift: 1, brightness: 0.05, contrast: 0.1)
    /// Changes of the cameras' own images and the place of the pipelines' crops; slower, as every image goes through the
    /// pipeline each time.
    public var augmentation: ObservationAugmentation?

    /// Updates between two validations.
    public var stepsPerValidation = 500
    /// Validation examples that are looked at; nil for all.
    public var validationLimit: Int? = 2048
    /// The number that chooses the checkpoint: the lowest is best. Nil for the last weights.
    public var selection: String? = "loss"
    /// Validations without a better one after which the training ends; nil for never.
    public var patience: Int?

    /// See `LowRankAdapter`; OpenVLA's are rank 32, scale ½, deviation 1/32.
    public struct Adapters: Codable, Hashable, Sendable {
        public var rank = 32
        public var scale: Float = 0.5
        public var standardDeviation: Float = 1 / 32
        /// Beginnings of the names of the layers; nil for all.
        public var layers: [String]?
        /// Beginnings of the names of parameters that are trained whole beside them, such as a new head.
        public var trainedWhole: [String]?

        public init() {}
    }

    public var stepsPerState = 500
    public var minutesPerState = 5.0

    public init() {}
}

extension PolicyRecipe {
    /// Reads a recipe: a JSON object whose absent settings have their defaults.
    ///
    /// - Throws: ``RecipeError`` for a setting that there is not or that is of the wrong kind; `SettingError` for one that
    ///   is out of its range.
    public init(at file: URL) throws {
        try self.init(json: FileContent.data(at: file), name: file.path)
    }

    /// Reads a recipe from JSON; errors call it `name`.
    public init(json: Foundation.Data, name: String) throws {
        guard let named = try? SettingsJSON.withNamedValues(json),
            let object = try? StrictJSON(parsing: named, file: name), object.object != nil
        else {
            throw RecipeError(file: name, reason: "it is no JSON object")
        }
        let family = PolicyFamily(rawValue: object["family"]?.string ?? PolicyFamily.regression.rawValue)
        do { _ = try family.model } catch { throw RecipeError(file: name, reason: "\(error)") }
        let merged = Self.merged(try StrictJSON(encoding: PolicyRecipe(family: family)), object)
        let settings = try JSONEncoder().encode(merged)
        do {
            self = try SettingsJSON.decode(from: settings, defaults: Self.standIns(family))
        } catch let error as DecodingError {
            guard case .dataCorrupted(let context) = error, context.codingPath.isEmpty else {
                throw RecipeError(file: name, reason: SettingsJSON.explanation(error))
            }
            let number = JSONReading.numberThatDoesNotFit(in: settings) {
                _ = try SettingsJSON.decode(PolicyRecipe.self, from: $0, defaults: Self.standIns(family))
            }
            throw RecipeError(file: name, reason: "\(number ?? JSONReading.explanation(of: error, in: settings))")
        } catch {
            throw RecipeError(file: name, reason: SettingsJSON.explanation(error))
        }
        try SettingsCheck(file: name).check(self)
    }

    /// A recipe in which every setting that may be left out has its default.
    static func standIn(_ family: PolicyFamily) -> PolicyRecipe { standIns(family)[0] }

    /// The same, one for each kind of a choice.
    private static func standIns(_ family: PolicyFamily) -> [PolicyRecipe] {
        let defaults = PolicyFamily.registered.map { ($0, FamilySettings.defaults(of: $0)) }
        return (0..<max(1, defaults.map(\.1.count).max() ?? 0)).map { index in
            var recipe = PolicyRecipe(family: family)
            for (family, settings) in defaults {
                recipe.sections[family] = settings.isEmpty ? nil : settings[min(index, settings.count - 1)]
            }
            recipe.action.tokens = ActionTokenRecipe()
            recipe.data.split.rule = .shuffled
            recipe.data.tail = .repeatsLast
            recipe.training.adapters = .init()
            recipe.training.jitter = .init()
            recipe.training.augmentation = .init()
            return recipe
        }
    }

    /// All settings with their paths, as logs of other programs hold them.
    public func settingsForLogs() throws -> [String: LogValue] {
        var settings: [String: LogValue] = [:]
        func visit(_ value: StrictJSON, _ path: String) {
            switch value {
            case .object(let members):
                for (key, value) in members { visit(value, path.isEmpty ? key : "\(path).\(key)") }
            case .array(let values): for (index, value) in values.enumerated() { visit(value, "\(path).\(index)") }
            case .bool(let value): settings[path] = .flag(value)
            case .number: settings[path] = .number(value.double ?? .nan)
            case .string(let value): settings[path] = .text(value)
            case .null: break
            }
        }
        visit(try StrictJSON(encoding: self), "")
        return settings
    }

    private static func merged(_ base: StrictJSON, _ changes: StrictJSON) -> StrictJSON {
        guard let old = base.object, let new = changes.object else { return changes }
        // a choice among several kinds, as it is encoded: another kind replaces the default
        if old.count == 1, !new.isEmpty, new.allSatisfy({ base[$0.key] == nil }) { return changes }
        var result = base
        for (key, value) in new { result.set(key, to: base[key].map { merged($0, value) } ?? value) }
        return result
    }
}

/// A recipe that cannot be read.
public struct RecipeError: Error, Equatable, CustomStringConvertible {
    public let file: String
    public let reason: String

    public init(file: String, reason: String) { (self.file, self.reason) = (file, reason) }

    public var description: String { "\(file) is no recipe: \(reason)." }
}
