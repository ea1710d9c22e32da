public import Foundation
import Parallel
public import RobotInterface
import Synchronization
import TensorCore
import TensorNN
public import TensorTraining

/// A training as a whole: a recipe and demonstrations become a checkpoint.
///
///     let training = PolicyTraining(recipe, on: demonstrations, output: folder)
///     let result = try training.run { print($0) }
///
/// The run keeps its states, its log and its report beside the checkpoint, in `<output>.run`. The same training continues
/// there after an interruption, `kill -9` among them, and ends in the same bytes; with another recipe or other data it is
/// refused. Images are read while the training goes on: it never needs all of them in memory.
public struct PolicyTraining: Sendable {
    public var recipe: PolicyRecipe
    public var demonstrations: any DemonstrationSet
    /// The checkpoint's folder.
    public var output: URL
    /// The folder of the files that the recipe names.
    public var filesFolder: URL?
    /// The weights the training starts from; `nil` to draw them.
    public var start: PolicyWeightSource?
    /// Bytes that images may take in memory; half of the machine's by default. Others are read again in each pass.
    public var imageMemory = Int(clamping: ProcessInfo.processInfo.physicalMemory / 2)
    /// Whether demonstrations and examples that cannot be read are left out; else they end the training.
    public var skipsDamaged = false
    /// Whether what an interrupted run left is forgotten.
    public var restarts = false
    /// What the checkpoint's record names as the program that trained it.
    public var program = ""

    public init(_ recipe: PolicyRecipe, on demonstrations: any DemonstrationSet, output: URL) {
        (self.recipe, self.demonstrations) = (recipe, demonstrations)
        self.output = output.standardizedFileURL
    }

    /// Where the run keeps its states, its log and its report.
    public var runFolder: URL {
        output.deletingLastPathComponent().appendingPathComponent(output.lastPathComponent + ".run")
    }

    // MARK: - Running

    /// Trains, or continues what was interrupted, on the calling thread.
    ///
    /// SIGINT, SIGTERM, the cancellation of the surrounding task and `shouldStop` end it after the current update, with
    /// its state saved and a checkpoint of the weights so far.
    ///
    /// - Parameters:
    ///   - progress: Called with what happens, on the calling thread.
    ///   - shouldStop: Asked after each update.
    /// - Throws: ``PipelineError``, ``RecipeError``, ``WeightTransferError`` and ``RunPlanError`` for a recipe that does not
    ///   fit the data, the weights or the run in the folder; `TrainingDiverged`; what reading the demonstrations and
    ///   writing the folders throws. `CancellationError` when it is ended before its first update.
    @discardableResult
    public func run(
        progress: (PolicyTrainingEvent) -> Void = { _ in }, shouldStop: () -> Bool = { false }
    ) throws -> PolicyTrainingResult {
        var collective = SingleProcess()
        return try run(over: &collective, progress: progress, shouldStop: shouldStop)
    }

    /// The same, the recipe's shards shared by several processes; each calls this, and that of rank 0 reports and writes.
    @discardableResult
    public func run(
        over collective: inout some Collective, progress: (PolicyTrainingEvent) -> Void = { _ in },
        shouldStop: () -> Bool = { false }
    ) throws -> PolicyTrainingResult {
        let isFirst = collective.rank == 0
        func report(_ event: PolicyTrainingEvent) { if isFirst { progress(event) } }
        var recipe = recipe
        if let start { try recipe.family.model.prepare(&recipe, for: start, filesIn: filesFolder) }

        // data and pipelines
        let assembly = try PolicyAssembly(
            recipe, demonstrations, recipeFolder: filesFolder, skipsDamaged: skipsDamaged)
        for damaged in assembly.damaged { report(.skipped("\(damaged)")) }
        report(
            .read(
                trainingDemonstrations: assembly.demonstrationCounts.training,
                trainingExamples: assembly.trainingExamples.count,
                validationDemonstrations: assembly.demonstrationCounts.validation,
                validationExamples: assembly.validationExamples.count))

        let sizes = try assembly.sizes()
        func train<Model: PolicyModel>(
            _: Model.Type, _ collective: inout some Collective
        ) throws -> PolicyTrainingResult {
            let configuration = try Model.configuration(for: recipe, sizes: sizes, actions: assembly.actionPipeline)
            let run = PolicyTrainingRun<Model>(
                training: self, recipe: recipe, assembly: assembly, configuration: configuration)
            return try run.run(
                over: &collective, shouldStop: { shouldStop() || Task.isCancelled }, progress: report)
        }
        let result = try train(recipe.family.model, &collective)
        report(.finished(result))
        return result
    }

    /// Trains on a thread of its own. The events end with ``PolicyTrainingEvent/finished(_:)``.
    ///
    /// Whoever leaves the loop, or cancels its task, ends the training after its current update; it can be continued.
    public func events() -> AsyncThrowingStream<PolicyTrainingEvent, any Error> {
        AsyncThrowingStream { continuation in
            let wish = StopWish()
            continuation.onTermination = { _ in wish.isGiven.store(true, ordering: .relaxed) }
            let thread = Thread {
                do {
                    try run(
                        progress: { continuation.yield($0) },
                        shouldStop: { wish.isGiven.load(ordering: .relaxed) })
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            thread.name = "PolicyTraining"
            thread.stackSize = 16 << 20
            thread.start()
        }
    }
}

private final class StopWish: Sendable {
    let isGiven = Atomic(false)
}

/// What a training ended with.
public struct PolicyTrainingResult: Sendable, CustomStringConvertible {
    /// The checkpoint's folder, and the hash of its content.
    public var checkpoint: URL
    public var contentHash: String
    /// The update whose weights were kept, and the last one made.
    public var step, lastStep: Int
    /// Validation numbers of these weights; of the training where nothing is kept for validation.
    public var metrics: [String: Double]
    /// Signs that the policy does not look, from its predictions beside the recorded actions.
    public var findings: [String]
    /// Whether it was ended before its time; the same training continues.
    public var wasInterrupted: Bool

    public var description: String {
        "\(checkpoint.path): weights after \(step) of \(lastStep) updates, \(contentHash)"
    }
}
