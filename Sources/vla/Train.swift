import ArgumentParser
import Foundation
import TensorCore
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

        switch recipe.family {
        case .regression:
            var generator = CounterGenerator(seed: recipe.training.seed, stream: .max)
            let configuration = RegressionModel.Configuration(
                sizes: try assembly.sizes(), settings: recipe.regression ?? RegressionModel.Settings())
            try configuration.validate()
            let model = RegressionModel(configuration, using: &generator)
            try train(model, recipe, assembly, set, output)
        case .token, .flowMatching:
            throw CheckpointError.unsupported("policies of the family \(recipe.family.rawValue)")
        }
    }

    private func train<Model: PolicyModel>(
        _ initial: Model, _ recipe: PolicyRecipe, _ assembly: PolicyAssembly, _ set: DemonstrationSet, _ output: URL
    ) throws {
        let runFolder = output.deletingLastPathComponent().appendingPathComponent(output.lastPathComponent + ".run")
        if restart { try? FileManager.default.removeItem(at: runFolder) }
        var model = initial
        var parents: [String] = []
        if let parent {
            let checkpoint = try PolicyCheckpoint(at: URL(fileURLWithPath: parent))
            try model.load(checkpoint.weights)
            parents = [checkpoint.contentHash!]
        }

        let training = try prepared(assembly.trainingExamples, assembly, "training")
        let validation = try prepared(assembly.validationExamples, assembly, "validation")
        progress(
            "\(model.parameterCount()) weights, \(KernelThreads.count) threads, "
                + "\(training.pictureByteCount >> 20) MiB of pictures\n")
        var trainer = try PolicyTrainer<Model>(
            recipe.training, training: training, validation: validation, runFolder: runFolder)
        trainer.report = { progress($0) }
        let result = try trainer.run(model)

        let policy = try LearnedPolicy(
            model: result.model, observationPipeline: assembly.observationPipeline,
            actionPipeline: assembly.actionPipeline, tokenizer: assembly.tokenizer)
        let record = TrainingRecord(
            recipe: recipe, data: set.name, dataHash: set.contentHash, parents: parents, step: result.step,
            stepCount: result.lastStep, exampleCount: result.exampleCount, metrics: result.metrics,
            program: Versions.workspace)
        let written = try PolicyCheckpoint(policy, training: record, isHalfPrecision: recipe.isHalfPrecision)
            .write(to: output)
        print("\(output.path): weights after \(result.step) of \(result.lastStep) updates, \(written.contentHash!)")
        if result.wasStopped { throw ExitCode(130) }
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
