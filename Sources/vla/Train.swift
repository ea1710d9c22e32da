import Parallel
import FileSupport
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
            after an interruption, to the bit; with another recipe or other data it is not. --restart begins anew.

            EXAMPLES
              vla train --data demonstrations --recipe Recipes/regression-small.json -o Checkpoints/mine
              vla train --data libero --recipe Recipes/microvla2025.json --weights story.pth --vision clip-vit-base-patch16 \
                  --steps 0 -o Checkpoints/story
              mpirun -n 2 vla train --processes --data demonstrations -o Checkpoints/mine
              vla train --data demonstrations --steps 500 --json -o try
              vla train --print-recipe
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "A folder or file of demonstrations; several may be given.", completion: .directory)
    var data: [String] = []

    @Option(help: "The recipe.", completion: .file(extensions: ["json"]))
    var recipe: String?

    @Option(help: "Folder of the files that the recipe names. Default: the recipe's own.", completion: .directory)
    var files: String?

    @Option(name: [.short, .customLong("output")], help: "The checkpoint's folder.", completion: .directory)
    var output: String?

    @Option(help: "Updates, in place of the recipe's.")
    var steps: Int?

    @Option(help: "A checkpoint whose weights the training starts from.", completion: .directory)
    var parent: String?

    @Option(
        help: """
            Weights of another program that the training of a token policy starts from: a .pth, .bin or safetensors file. \
            With --steps 0 they become a checkpoint as they are.
            """, completion: .file())
    var weights: String?

    @Option(
        help: "A JSON object from beginnings of names in --weights to others. Default: the story's.",
        completion: .file())
    var names: String?

    @Option(help: "Folder of the published vision model, where --weights does not hold it.", completion: .directory)
    var vision: String?

    @Flag(help: "Share the recipe's shards among the processes of mpirun; needs a build with the trait MPI.")
    var processes = false

    @Flag(help: "Forget what an interrupted run left.")
    var restart = false

    @Flag(help: "Print the recipe with all its settings and end.")
    var printRecipe = false

    @Flag(help: "Print one JSON object at the end.")
    var json = false

    private struct Report: Encodable {
        var checkpoint: String
        var contentHash: String
        /// The update whose weights were kept, and the last one made.
        var step: Int
        var lastStep: Int
        var metrics: [String: Double]
        var wasInterrupted: Bool
    }

    func validate() throws {
        if printRecipe { return }
        if data.isEmpty { throw ValidationError("Give the demonstrations by --data.") }
        if output == nil { throw ValidationError("Give the checkpoint's folder by --output.") }
        if weights == nil, names != nil || vision != nil {
            throw ValidationError("--names and --vision say how --weights is read; give that, too.")
        }
        if weights != nil, parent != nil { throw ValidationError("Weights come from --weights or from --parent.") }
        #if !MPI
            if processes { throw ValidationError("This program was built without MPI; build it with --traits MPI.") }
        #endif
    }

    func run() throws {
        common.apply()
        let recipeFile = recipe.map { URL(fileURLWithPath: $0) }
        var recipe = try recipeFile.map { try PolicyRecipe(at: $0) } ?? PolicyRecipe()
        if let steps { (recipe.training.stepCount, recipe.training.epochCount) = (steps, nil) }
        if printRecipe { return try printJSON(recipe) }
        let output = URL(fileURLWithPath: output!)

        // data and pipelines
        let source = try TrainingData(at: data.map { URL(fileURLWithPath: $0) }, actionColumn: recipe.data.actionColumn)
        let set = source.demonstrationSet
        let assembly = try PolicyAssembly(
            recipe, set,
            recipeFolder: files.map { URL(fileURLWithPath: $0, isDirectory: true) }
                ?? recipeFile?.deletingLastPathComponent(),
            statistics: source.statistics)
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
        if let weights {
            guard var token = model as? TokenModel else {
                throw RecipeError(
                    file: recipe.name, reason: "--weights are those of a token policy, not of \(recipe.family)")
            }
            let names = try names.map { try WeightNameMap(at: URL(fileURLWithPath: $0)) } ?? .story
            let reports = try token.loadWeights(
                ofOtherProgram: URL(fileURLWithPath: weights), names: names,
                vision: vision.map { URL(fileURLWithPath: $0) })
            for report in reports { progress("\(report.file): \(report.tensorCount) tensors, \(report.format)\n") }
            parents = ["file \(SHA256.hexadecimal(Array(try Data(contentsOf: URL(fileURLWithPath: weights)))))"]
            model = token as! Model
        }
        try TrainingPlan(
            recipe: recipe, data: set.name, dataHash: set.contentHash, tokenizerHash: assembly.tokenizer?.hash,
            parents: parents
        ).begin(in: runFolder)

        model.adapt(recipe.training)

        var training = try prepared(assembly.trainingExamples, assembly, "training")
        var validation = try prepared(assembly.validationExamples, assembly, "validation")
        if let token = model as? TokenModel, let weights = token.frozenTowerWeights, recipe.training.jitter == nil,
            recipe.training.augmentation == nil
        {
            try addFeatures(to: &training, of: token, weights, set.contentHash + " training", runFolder)
            try addFeatures(to: &validation, of: token, weights, set.contentHash + " validation", runFolder)
        }
        progress(
            "\(model.parameterCount()) weights, \(KernelThreads.count) threads, "
                + "\(training.pictureByteCount >> 20) MiB of pictures\n")
        var trainer = try PolicyTrainer<Model>(
            recipe.training, training: training, validation: validation, runFolder: runFolder)
        trainer.report = { progress($0) }
        #if MPI
            if processes {
                var wasStopped = false
                try MPICollective.run { collective in
                    if collective.rank > 0 { trainer.report = { _ in } }
                    let result = try trainer.run(model, over: &collective)
                    wasStopped = result.wasStopped
                    if collective.rank == 0 { try finish(result, trainer, recipe, assembly, set, parents, output) }
                }
                if wasStopped { throw ExitCode(130) }
                return
            }
        #endif
        let result = try trainer.run(model)
        try finish(result, trainer, recipe, assembly, set, parents, output)
        if result.wasStopped { throw ExitCode(130) }
    }

    /// Writes the checkpoint and the run's report.
    private func finish<Model: PolicyModel>(
        _ result: PolicyTrainer<Model>.Result, _ trainer: PolicyTrainer<Model>, _ recipe: PolicyRecipe,
        _ assembly: PolicyAssembly, _ set: DemonstrationSet, _ parents: [String], _ output: URL
    ) throws {
        var trained = result.model
        trained.mergeAdapters()
        let policy = try LearnedPolicy(
            model: trained, observationPipeline: assembly.observationPipeline,
            actionPipeline: assembly.actionPipeline, tokenizer: assembly.tokenizer)
        var record = TrainingRecord(
            recipe: recipe, data: set.name, dataHash: set.contentHash, parents: parents, step: result.step,
            stepCount: result.lastStep, exampleCount: result.exampleCount, metrics: result.metrics,
            program: Versions.workspace)
        record.pictures = trainer.training.fingerprints()
        record.check = try PredictionCheck(trained, actions: assembly.actionPipeline)
        let written = try PolicyCheckpoint(policy, training: record, isHalfPrecision: recipe.isHalfPrecision)
            .write(to: output)
        if json {
            try printJSON(
                Report(
                    checkpoint: output.path, contentHash: written.contentHash!, step: result.step,
                    lastStep: result.lastStep, metrics: result.metrics, wasInterrupted: result.wasStopped))
        } else {
            print("\(output.path): weights after \(result.step) of \(result.lastStep) updates, \(written.contentHash!)")
        }
        guard let runFolder = trainer.runFolder else { return }
        var report = try RunReport(title: recipe.name, runFolder: runFolder)
        // a token policy writes its tokens one by one: few examples
        report.comparison = try trainer.validation.comparison(of: trained, limit: recipe.family == .token ? 128 : 512)
        for finding in report.comparison?.detectors.findings ?? [] { progress(finding + "\n") }
        report.configuration = try recipe.settingsForLogs()
        try report.write(to: runFolder)
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

private struct TrainingPlan: RunPlan {
    static let fileName = "training.json"

    var recipe: PolicyRecipe
    var data, dataHash: String
    var tokenizerHash: String?
    /// Content hashes of what the weights came from.
    var parents: [String]
}
