import ActionTokenizer
import Foundation
import TensorCore
import TensorNN
import Testing

@testable import VLAPolicy

/// A family as another package adds it: a linear map from the state to the chunk.
struct LinearModel: PolicyModel {
    struct Settings: Codable, Hashable, Sendable {
        var scale: Float = 1
        var bias = true
    }

    struct Configuration: PolicyModelConfiguration {
        var sizes: PolicySizes
        var settings: Settings
        static var defaultSettings: [Settings] { [Settings()] }
        var leastParameterCount: Double { Double(sizes.stateSize * sizes.horizon * sizes.dimensionCount) }
        func validate() throws {
            guard sizes.stateSize > 0 else { throw PipelineError.tokenizer("a linear policy needs a state") }
        }
    }

    static let family = PolicyFamily(rawValue: "linear")
    let configuration: Configuration
    private var map: Linear

    init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator) {
        self.configuration = configuration
        let sizes = configuration.sizes
        map = Linear(
            sizes.stateSize, sizes.horizon * sizes.dimensionCount, bias: configuration.settings.bias, using: &generator)
    }

    func callAsFunction(_ inputs: PolicyInputs) -> Tensor { map(inputs.state!) * configuration.settings.scale }

    func loss(on batch: PolicyBatch, using generator: inout PhiloxGenerator) -> PolicyLoss {
        let difference = self(batch.inputs).reshaped(batch.targets.shape.sizes) - batch.targets
        let total = (difference.squared() * batch.stepWeights()).sum()
        return PolicyLoss(total: total, metrics: ["squaredError": total.detached.scalar])
    }

    func predict(
        _ inputs: PolicyInputs, actions: ActionPipeline, using generator: inout some RandomNumberGenerator
    ) throws -> [[Float]] {
        let values = self(inputs).elements()
        let size = values.count / inputs.count
        return (0..<inputs.count).map { Array(values[$0 * size..<($0 + 1) * size]) }
    }

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws { try visitor.visit("map", &map) }
}

@Suite struct PolicyFamilyTests {
    private static let json = Data(
        #"{"name": "mine", "family": "linear", "cameras": [], "linear": {"scale": 0.5}, "data": {"frameStride": 2}}"#
            .utf8)

    /// Its recipe, with defaults for what is left out; a misspelt setting of its section is an error.
    @Test func recipesHaveItsSection() throws {
        PolicyFamily.register(LinearModel.self)
        #expect(PolicyFamily.registered.contains(LinearModel.family))
        let recipe = try PolicyRecipe(json: Self.json, name: "mine.json")
        #expect(recipe.settings(of: LinearModel.self) == .init(scale: 0.5, bias: true))
        #expect(recipe.family == LinearModel.family && recipe.regression == nil && recipe.data.frameStride == 2)
        let encoded = try JSONEncoder().encode(recipe)
        #expect(try JSONDecoder().decode(PolicyRecipe.self, from: encoded) == recipe)
        #expect(try JSONSerialization.jsonObject(with: encoded) as? [String: Any] != nil)

        let wrong = String(decoding: Self.json, as: UTF8.self).replacingOccurrences(of: "scale", with: "scal")
        #expect { try PolicyRecipe(json: Data(wrong.utf8), name: "mine.json") } throws: {
            "\($0)".contains("linear.scal")
        }
        let other = String(decoding: Self.json, as: UTF8.self)
            .replacingOccurrences(of: #""family": "linear""#, with: #""family": "nonsense""#)
        #expect { try PolicyRecipe(json: Data(other.utf8), name: "mine.json") } throws: {
            "\($0)".contains("nonsense") && "\($0)".contains("register")
        }
    }

    /// Trained, written, read and asked by its name alone.
    @Test func checkpointsComeBack() throws {
        PolicyFamily.register(LinearModel.self)
        var recipe = try PolicyRecipe(json: Self.json, name: "mine.json")
        recipe.action.gripper = .number
        recipe.training.stepCount = 5
        let assembly = try SmallWorld.assembly(recipe, count: 4)
        func trained<Model: PolicyModel>(_: Model.Type) throws -> [String: [UInt8]] {
            var generator = PhiloxGenerator(seed: 1)
            let configuration = try Model.configuration(
                for: recipe, sizes: assembly.sizes(), actions: assembly.actionPipeline)
            let data = SmallWorld.prepared(assembly.trainingExamples, assembly)
            let result = try PolicyTrainer<Model>(recipe.training, training: data, validation: data)
                .run(Model(configuration, using: &generator))
            let policy = try LearnedPolicy(
                model: result.model, observationPipeline: assembly.observationPipeline,
                actionPipeline: assembly.actionPipeline, tokenizer: assembly.tokenizer)
            return try PolicyCheckpoint(policy, training: TrainingRecord(recipe: recipe, data: "", dataHash: ""))
                .files()
        }
        var files = try trained(recipe.family.model)
        files["checkpoint.json"] = try PolicyCheckpoint.manifest(of: files)
        let checkpoint = try PolicyCheckpoint(files: files)
        #expect(checkpoint.training.recipe == recipe)
        let observation = SmallWorld.observation([0.2, 0.7], at: [0, 0.1, 0.2])
        var generator = PhiloxGenerator(seed: 1)
        let chunk = try checkpoint.policy().actionChunk(for: observation, using: &generator)
        #expect(chunk.horizon == 8)
        #expect(try checkpoint.untrainedPolicy(seed: 3).actionChunk(for: observation, using: &generator) != chunk)

        // a program that does not know the family says what to do
        let text = String(decoding: files["config.json"]!, as: UTF8.self)
            .replacingOccurrences(of: #""linear""#, with: #""elsewhere""#)
        files["config.json"] = Array(text.utf8)
        files["checkpoint.json"] = nil
        files["checkpoint.json"] = try PolicyCheckpoint.manifest(of: files)
        #expect(throws: PolicyFamilyError.self) { try PolicyCheckpoint(files: files) }
    }

    @Test func settingsOfOtherFamiliesAreKept() throws {
        var recipe = PolicyRecipe(name: "both", family: .regression)
        recipe.token = .small
        let again = try JSONDecoder().decode(PolicyRecipe.self, from: JSONEncoder().encode(recipe))
        #expect(again == recipe && again.token == .small && again.regression != nil)
        recipe.token = nil
        #expect(again != recipe)
    }
}
