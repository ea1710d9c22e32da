import ArgumentParser
import Foundation
import TensorCore
import TensorNN
import TensorTraining
import VLAPolicy

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a policy on demonstrations and write a checkpoint.",
        discussion: """
            The recipe is a JSON file; what it leaves out has its default (--print-recipe shows all settings). The run
            keeps its states and its log beside the checkpoint, in CHECKPOINT.run, and is continued by the same command
            after an interruption, to the bit. --restart begins anew.

            EXAMPLES
              vla train --data demonstrations --recipe Recipes/regression-small.json -o Checkpoints/mine
              vla train --print-recipe
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "A folder or file of demonstrations; several may be given.", completion: .directory)
    var data: [String] = []

    @Option(help: "The recipe.", completion: .file(extensions: ["json"]))
    var recipe: String?

    @Option(name: [.short, .customLong("output")], help: "The checkpoint's folder.", completion: .directory)
    var output: String?

    @Option(help: "Updates, in place of the recipe's.")
    var steps: Int?

    @Option(help: "A checkpoint whose weights the training starts from.", completion: .directory)
    var parent: String?

    @Flag(help: "Forget what an interrupted run left.")
    var restart = false

    @Flag(help: "Print the recipe with all its settings and end.")
    var printRecipe = false

    func validate() throws {
        if printRecipe { return }
        if data.isEmpty { throw ValidationError("Give the demonstrations by --data.") }
        if output == nil { throw ValidationError("Give the checkpoint's folder by --output.") }
    }

    func run() throws {
        common.apply()
        let recipeFile = recipe.map { URL(fileURLWithPath: $0) }
        var recipe = try recipeFile.map { try PolicyRecipe(at: $0) } ?? PolicyRecipe()
        if let steps { recipe.training.stepCount = steps }
        if printRecipe { return try printJSON(recipe) }
        let output = URL(fileURLWithPath: output!)

        // data and pipelines
        let source = try TrainingData(at: data.map { URL(fileURLWithPath: $0) }, actionColumn: recipe.data.actionColumn)
        let set = source.demonstrationSet
        let assembly = try PolicyAssembly(
            recipe, set, recipeFolder: recipeFile?.deletingLastPathComponent(), statistics: source.statistics)
        let counts = assembly.demonstrationCounts
        progress(
            "\(counts.training) demonstrations for training with \(assembly.trainingExamples.count) examples, "
                + "\(counts.validation) for validation with \(assembly.validationExamples.count)\n")

        let sizes = try assembly.sizes()
        switch recipe.family {
        case .regression:
            let settings = recipe.regression ?? RegressionModel.Settings()
            try train(RegressionModel.self, .init(sizes: sizes, settings: settings), recipe, assembly, set, output)
        case .token:
            guard let tokens = assembly.actionPipeline.tokens else {
                throw RecipeError(file: recipe.name, reason: "a token policy needs action.tokens")
            }
            let settings = (recipe.token ?? .small).fitted(
                vocabularySize: sizes.vocabularySize, tokens: tokens,
                isAppended: recipe.action.tokens?.source == .appended)
            try train(TokenModel.self, .init(sizes: sizes, settings: settings), recipe, assembly, set, output)
        case .flowMatching:
            let settings = recipe.flowMatching ?? FlowMatchingModel.Settings()
            try train(FlowMatchingModel.self, .init(sizes: sizes, settings: settings), recipe, assembly, set, output)
        }
    }

    private func train<Model: PolicyModel>(
        _: Model.Type, _ configuration: Model.Configuration, _ recipe: PolicyRecipe, _ assembly: PolicyAssembly,
        _ set: DemonstrationSet, _ output: URL
    ) throws {
        let runFolder = output.deletingLastPathComponent().appendingPathComponent(output.lastPathComponent + ".run")
        if restart { try? FileManager.default.removeItem(at: runFolder) }
        try configuration.validate()
        var generator = CounterGenerator(seed: recipe.training.seed, stream: .max)
        var model = Model(configuration, using: &generator)
        var parents: [String] = []
        if let parent {
            let checkpoint = try PolicyCheckpoint(at: URL(fileURLWithPath: parent))
            try model.load(checkpoint.weights)
            parents = [checkpoint.contentHash!]
        }

        model.adapt(recipe.training)

        var training = try prepared(assembly.trainingExamples, assembly, "training")
        var validation = try prepared(assembly.validationExamples, assembly, "validation")
        if let token = model as? TokenModel, let weights = token.frozenTowerWeights, recipe.training.jitter == nil {
            try addFeatures(to: &training, of: token, weights, set.contentHash + " training", runFolder)
            try addFeatures(to: &validation, of: token, weights, set.contentHash + " validation", runFolder)
        }
        progress(
            "\(model.parameterCount()) weights, \(KernelThreads.count) threads, "
                + "\(training.pictureByteCount >> 20) MiB of pictures\n")
        var trainer = try PolicyTrainer<Model>(
            recipe.training, training: training, validation: validation, runFolder: runFolder)
        trainer.report = { progress($0) }
        let result = try trainer.run(model)

        var trained = result.model
        trained.mergeAdapters()
        let policy = try LearnedPolicy(
            model: trained, observationPipeline: assembly.observationPipeline,
            actionPipeline: assembly.actionPipeline, tokenizer: assembly.tokenizer)
        var record = TrainingRecord(
            recipe: recipe, data: set.name, dataHash: set.contentHash, parents: parents, step: result.step,
            stepCount: result.lastStep, exampleCount: result.exampleCount, metrics: result.metrics,
            program: Versions.workspace)
        record.pictures = training.fingerprints()
        record.check = try PredictionCheck(trained, actions: assembly.actionPipeline)
        let written = try PolicyCheckpoint(policy, training: record, isHalfPrecision: recipe.isHalfPrecision)
            .write(to: output)
        print("\(output.path): weights after \(result.step) of \(result.lastStep) updates, \(written.contentHash!)")
        try RunReport(title: recipe.name, runFolder: runFolder).write(to: runFolder)
        if result.wasStopped { throw ExitCode(130) }
    }

    /// What a frozen tower makes of the pictures, from the cache beside the run.
    private func addFeatures(
        to data: inout PreparedDataset, of model: TokenModel, _ weights: [String: Tensor], _ dataHash: String,
        _ runFolder: URL
    ) throws {
        guard data.count > 0 else { return }
        let set = data
        let key = try FeatureCache.key(
            pipeline: set.observationPipeline, weights: weights, dataHash: dataHash, count: set.count)
        data.features = try FeatureCache(at: runFolder.appendingPathComponent("features"))
            .features(key, count: set.count) { range in
                let batch = set.batch(Array(range), using: CounterGenerator(seed: 0))
                return withoutGradient { model.features(batch.inputs)!.contiguous }
            }
        progress("features of \(set.count) examples by the frozen tower\n")
    }

    private func prepared(_ examples: [PolicyExample], _ assembly: PolicyAssembly, _ part: String) throws
        -> PreparedDataset
    {
        var lastLine = ContinuousClock.now
        return try PreparedDataset(
            examples, observationPipeline: assembly.observationPipeline, actionPipeline: assembly.actionPipeline,
            tokenizer: assembly.tokenizer
        ) { count in
            guard ContinuousClock.now - lastLine > .seconds(5) else { return }
            lastLine = .now
            progress("preparing \(part): \(count) of \(examples.count)\n")
        }
    }

    private func progress(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
