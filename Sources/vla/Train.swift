import Parallel
import FileSupport
import ArgumentParser
import Foundation
import TensorCore
import TensorNN
import TensorTraining
import VLAPolicy
import VisionLanguage

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a policy on demonstrations and write a checkpoint.",
        discussion: """
            The recipe is a JSON file; what it leaves out has its default (--print-recipe shows all settings). The run
            keeps its states and its log beside the checkpoint, in CHECKPOINT.run, and is continued by the same command
            after an interruption, to the bit; with another recipe or other data it is not. --restart begins anew.

            EXAMPLES
              vla train --data demonstrations --recipe Recipes/regression-small.json -o Checkpoints/mine
              vla train --data libero --recipe Recipes/microvla2025.json --weights microvla.pth --vision clip-vit-base-patch16 \
                  --steps 0 -o Checkpoints/microvla2025
              vla train --data libero --recipe Recipes/token-small.json --vlm MiniMind2-V -o Checkpoints/mine
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
        help: """
            Folder of a trained vision-language model that a token policy starts from, as `vla tune` writes it. Decoder, \
            vision tower, projector and tokenizer are taken from it; only the state's projector and ids it does not know are \
            new.
            """, completion: .directory)
    var vlm: String?

    @Option(
        help: "A JSON object from beginnings of names in --weights to others. Default: the 2025 system's.",
        completion: .file())
    var names: String?

    @Option(
        help: "Folder of the published vision model, where --weights or --vlm does not hold it.", completion: .directory
    )
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
        if weights == nil, names != nil { throw ValidationError("--names says how --weights is read; give that, too.") }
        if weights == nil, vlm == nil, vision != nil {
            throw ValidationError("--vision belongs to --weights or --vlm; give one of them, too.")
        }
        if [weights, parent, vlm].compactMap({ $0 }).count > 1 {
            throw ValidationError("Weights come from one of --weights, --parent and --vlm.")
        }
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
        let filesFolder =
            files.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? recipeFile?.deletingLastPathComponent()
        let source = try weightSource()
        if let source { try recipe.family.model.prepare(&recipe, for: source, filesIn: filesFolder) }

        // data and pipelines
        let dataset = try TrainingData(
            at: data.map { URL(fileURLWithPath: $0) }, actionColumn: recipe.data.actionColumn)
        let set = dataset.demonstrationSet
        let assembly = try PolicyAssembly(
            recipe, set, recipeFolder: filesFolder, statistics: dataset.statistics)
        let counts = assembly.demonstrationCounts
        progress(
            "\(counts.training) demonstrations for training with \(assembly.trainingExamples.count) examples, "
                + "\(counts.validation) for validation with \(assembly.validationExamples.count)\n")

        let sizes = try assembly.sizes()
        func train<Model: PolicyModel>(_ type: Model.Type) throws {
            let configuration = try Model.configuration(for: recipe, sizes: sizes, actions: assembly.actionPipeline)
            try self.train(type, configuration, source, recipe, assembly, set, output)
        }
        try train(recipe.family.model)
    }

    /// The weights that the training starts from; nil to draw them.
    private func weightSource() throws -> PolicyWeightSource? {
        let vision = vision.map { URL(fileURLWithPath: $0) }
        if let parent { return .checkpoint(try PolicyCheckpoint(at: URL(fileURLWithPath: parent))) }
        if let vlm {
            return .visionLanguageModel(try VisionLanguageFolder(at: URL(fileURLWithPath: vlm), tower: vision))
        }
        return try weights.map { weights in
            let names = try names.map { try WeightNameMap(at: URL(fileURLWithPath: $0)) } ?? .microVLA2025
            return .file(URL(fileURLWithPath: weights), names: names, vision: vision)
        }
    }

    private func train<Model: PolicyModel>(
        _: Model.Type, _ configuration: Model.Configuration, _ source: PolicyWeightSource?, _ recipe: PolicyRecipe,
        _ assembly: PolicyAssembly, _ set: DemonstrationSet, _ output: URL
    ) throws {
        let runFolder = output.deletingLastPathComponent().appendingPathComponent(output.lastPathComponent + ".run")
        if restart { try? FileManager.default.removeItem(at: runFolder) }
        try configuration.validate()
        var generator = PhiloxGenerator(seed: recipe.training.seed, stream: .max)
        var model = Model(configuration, using: &generator)
        var parents: [String] = []
        if let source {
            let transfer = try model.start(from: source)
            progress("\(transfer)\n")
            parents = [transfer.parent]
        }
        try TrainingPlan(
            recipe: recipe, data: set.name, dataHash: set.contentHash, tokenizerHash: assembly.tokenizer?.hash,
            parents: parents
        ).begin(in: runFolder)

        model.adapt(recipe.training)

        var training = try prepared(assembly.trainingExamples, assembly, "training")
        var validation = try prepared(assembly.validationExamples, assembly, "validation")
        if let weights = model.frozenTowerWeights, recipe.training.jitter == nil, recipe.training.augmentation == nil {
            try addFeatures(to: &training, of: model, weights, set.contentHash + " training", runFolder)
            try addFeatures(to: &validation, of: model, weights, set.contentHash + " validation", runFolder)
        }
        progress(
            "\(model.parameterCount()) weights, \(KernelThreads.count) threads, "
                + "\(training.imageByteCount >> 20) MiB of images\n")
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
        record.images = trainer.training.fingerprints()
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
        report.comparison = try trainer.validation.comparison(of: trained, limit: Model.reportedExampleCount)
        for finding in report.comparison?.detectors.findings ?? [] { progress(finding + "\n") }
        report.configuration = try recipe.settingsForLogs()
        try report.write(to: runFolder)
    }

    /// What a frozen tower makes of the images, from the cache beside the run.
    private func addFeatures(
        to data: inout PreparedDataset, of model: some PolicyModel, _ weights: [String: Tensor], _ dataHash: String,
        _ runFolder: URL
    ) throws {
        guard data.count > 0 else { return }
        let set = data
        let key = try FeatureCache.key(
            pipeline: set.observationPipeline, weights: weights, dataHash: dataHash, count: set.count)
        data.features = try FeatureCache(at: runFolder.appendingPathComponent("features"))
            .features(key, count: set.count) { range in
                let batch = set.batch(Array(range), using: PhiloxGenerator(seed: 0))
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
