import ActionTokenizer
import TensorCore
import TensorNN
import TensorTraining
import Testing
import VLAPolicy
import VisionLanguage

/// Each family learns 20 examples by heart.
@Suite(.serialized) struct OverfitTests {
    private static func dataset(_ recipe: PolicyRecipe) throws -> (PolicyAssembly, PreparedDataset) {
        let set = SmallWorld.demonstrations(2)
        let assembly = try PolicyAssembly(recipe, set)
        let examples = assembly.trainingExamples + assembly.validationExamples
        #expect(examples.count == 20)
        return (assembly, SmallWorld.prepared(examples, assembly))
    }

    /// Full batches, a rate that falls to nothing.
    private static func fit<Model: PolicyModel>(
        _ start: Model, _ data: PreparedDataset, stepCount: Int, rate: Double
    ) throws -> (model: Model, metrics: [String: Float]) {
        var model = start
        var optimizer = AdamW(learningRate: rate, weightDecay: 0)
        let schedule = LearningRateSchedule.warmUpThenCosine(
            peak: rate, floor: 0, warmUpStepCount: 10, stepCount: stepCount)
        var metrics: [String: Float] = [:]
        for step in 0..<stepCount {
            var generator = PhiloxGenerator(seed: 5, stream: UInt64(step))
            let batch = try data.batch(Array(0..<data.count), using: generator)
            let (_, values, gradients) = valueAndGradient(of: model) { model in
                let loss = model.loss(on: batch, using: &generator)
                return (loss.total, loss.metrics)
            }
            optimizer.learningRate = schedule.rate(afterUpdates: step)
            optimizer.update(&model, with: gradients.clipped(toNorm: 1))
            metrics = values
        }
        return (model, metrics)
    }

    /// Half of one of 256 action bins: nothing, to a token.
    private static let halfBin: Float = 1 / 255

    @Test func regressionReachesItsTargets() throws {
        let recipe = SmallWorld.recipe()
        let (assembly, data) = try Self.dataset(recipe)
        let model = try PolicyTrainerTests.model(recipe, assembly)
        let (_, metrics) = try Self.fit(model, data, stepCount: 700, rate: 5e-3)
        #expect(metrics["l1"]! < Self.halfBin, "\(metrics)")
        #expect(metrics["gripperAccuracy"]! > 0.999)
        #expect(metrics["eventError"]! < 0.01)
    }

    @Test func tokensAreAllRight() throws {
        let recipe = SmallWorld.recipe {
            $0.family = .token
            $0.action.horizon = 2
            $0.action.tokens = ActionTokenRecipe()
            $0.action.gripper = .number
        }
        let (assembly, data) = try Self.dataset(recipe)
        var settings = TokenModel.Settings.small
        (settings.decoder.hiddenSize, settings.decoder.layerCount) = (48, 2)
        (settings.decoder.headCount, settings.decoder.keyValueHeadCount, settings.decoder.headSize) = (2, 2, 24)
        settings.decoder.intermediateSize = 96
        settings.vision = .convolutional(
            ConvolutionalVisionTower.Configuration(imageSize: 16, stageWidths: [8, 16], tokenWidth: 24))
        let sizes = try assembly.sizes()
        settings = settings.fitted(
            vocabularySize: sizes.vocabularySize, tokens: assembly.actionPipeline.tokens!, isAppended: true)
        var generator = PhiloxGenerator(seed: 2)
        let model = TokenModel(.init(sizes: sizes, settings: settings), using: &generator)
        let (trained, metrics) = try Self.fit(model, data, stepCount: 250, rate: 5e-3)
        #expect(metrics["tokenAccuracy"] == 1, "\(metrics)")

        // and written one by one, they are the recorded actions up to half a bin
        let policy = try TokenPolicy(
            model: trained, observationPipeline: assembly.observationPipeline,
            actionPipeline: assembly.actionPipeline, tokenizer: assembly.tokenizer)
        let example = try assembly.trainingExamples[3]
        let chunk = try policy.actionChunk(for: example.observation, using: &generator)
        let wanted = try assembly.actionPipeline.encode(example.actions)
        let found = try assembly.actionPipeline.encode(chunk)
        #expect(zip(wanted, found).allSatisfy { abs($0 - $1) < 1.01 / 255 }, "\(wanted) \(found)")
    }

    @Test(arguments: FlowMatchingModel.Settings.Objective.allCases)
    func drawnActionsAreTheRecorded(objective: FlowMatchingModel.Settings.Objective) throws {
        let recipe = SmallWorld.recipe()
        let (assembly, data) = try Self.dataset(recipe)
        var settings = FlowMatchingModel.Settings()
        settings.encoder = recipe.regression!.encoder
        settings.encoder.width = 32
        settings.objective = objective
        var generator = PhiloxGenerator(seed: 2)
        let model = FlowMatchingModel(
            .init(sizes: try assembly.sizes(), settings: settings), using: &generator)
        let (trained, _) = try Self.fit(model, data, stepCount: 1400, rate: 5e-3)

        let batch = try data.batch(Array(0..<data.count), using: generator)
        let numbers = try withoutGradient {
            try trained.predict(batch.inputs, actions: assembly.actionPipeline, using: &generator)
        }
        let wanted = batch.targets.elements()
        let error = zip(numbers.flatMap { $0 }, wanted).map { abs($0 - $1) }.reduce(0, +) / Float(wanted.count)
        // draws stay as far as the steps of the integration leave them: a hundredth of the range
        #expect(error < 0.02, "mean error \(error)")
        // the same noise gives the same bits
        var (first, second) = (PhiloxGenerator(seed: 8), PhiloxGenerator(seed: 8))
        #expect(
            try trained.predict(batch.inputs.row(0), actions: assembly.actionPipeline, using: &first)
                == trained.predict(batch.inputs.row(0), actions: assembly.actionPipeline, using: &second))
    }
}
