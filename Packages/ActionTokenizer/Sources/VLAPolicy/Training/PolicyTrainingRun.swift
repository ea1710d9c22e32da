import FileSupport
import Foundation
import Parallel
import TensorCore
import TensorNN
import TensorReporting
import TensorTraining

/// A training of a known family, after its data were read.
struct PolicyTrainingRun<Model: PolicyModel> {
    let training: PolicyTraining
    let recipe: PolicyRecipe
    let assembly: PolicyAssembly
    let configuration: Model.Configuration

    private var runFolder: URL { training.runFolder }

    func run(
        over collective: inout some Collective, shouldStop: () -> Bool, progress: (PolicyTrainingEvent) -> Void
    ) throws -> PolicyTrainingResult {
        try configuration.validate()
        var generator = PhiloxGenerator(seed: recipe.training.seed, stream: .max)
        var model = Model(configuration, using: &generator)
        var parents: [String] = []
        if let start = training.start {
            let transfer = try model.start(from: start)
            progress(.started(from: transfer))
            parents = [transfer.parent]
        }

        // the run's folder is ready before another process looks into it
        var ready: [UInt8] = [1]
        let lock = collective.rank == 0 ? try begin(parents) : nil
        defer { withExtendedLifetime(lock) {} }
        try collective.broadcast(&ready, from: 0)
        model.adapt(recipe.training)

        let (data, validation) = try prepared(model, shouldStop, progress)
        progress(
            .begins(
                weightCount: model.parameterCount(), threadCount: KernelThreads.count,
                imageByteCount: data.imageByteCount, imageMemory: training.imageMemory))
        return try withoutActuallyEscaping(shouldStop) { shouldStop in
            try withoutActuallyEscaping(progress) { progress in
                var trainer = try PolicyTrainer<Model>(
                    recipe.training, training: data, validation: validation, runFolder: runFolder)
                (trainer.report, trainer.shouldStop) = (progress, shouldStop)
                trainer.batchMemory = max(1, min(trainer.batchMemory, training.imageMemory / 8))
                let result = try trainer.run(model, over: &collective)
                return try finish(result, trainer, parents, writes: collective.rank == 0, progress)
            }
        }
    }

    private func begin(_ parents: [String]) throws -> RunFolderLock {
        let lock = try RunFolderLock(runFolder)
        if training.restarts { try lock.clear() }
        try TrainingPlan(
            recipe: recipe, data: training.demonstrations.name, dataHash: assembly.dataHash,
            tokenizerHash: assembly.tokenizer?.hash, parents: parents
        ).begin(in: runFolder)
        return lock
    }

    /// The parts with their share of the memory for images; with the frozen tower's features where there are any.
    private func prepared(
        _ model: Model, _ shouldStop: () -> Bool, _ progress: (PolicyTrainingEvent) -> Void
    ) throws -> (training: PreparedDataset, validation: PreparedDataset) {
        func dataset(_ examples: PolicyExamples, memory: Int) -> PreparedDataset {
            PreparedDataset(
                examples, observationPipeline: assembly.observationPipeline,
                actionPipeline: assembly.actionPipeline, tokenizer: assembly.tokenizer, imageMemory: memory,
                skipsDamaged: training.skipsDamaged)
        }
        // batches ahead take an eighth; what is validated again and again is kept first
        let memory = training.imageMemory / 8 * 7
        let settings = recipe.training
        var validation = dataset(assembly.validationExamples, memory: memory / 4)
        let looked = min(validation.count, settings.validationLimit ?? .max)
        let kept = min(memory / 4, looked * validation.bytesPerExample)
        var data = dataset(assembly.trainingExamples, memory: memory - kept)
        data.sampling = recipe.data.sampling
        if let weights = model.frozenTowerWeights, settings.jitter == nil, settings.augmentation == nil {
            try addFeatures(to: &data, of: model, weights, "training", shouldStop, progress)
            try addFeatures(to: &validation, of: model, weights, "validation", shouldStop, progress)
        }
        return (data, validation)
    }

    /// What a frozen tower makes of the images, from the cache beside the run.
    private func addFeatures(
        to data: inout PreparedDataset, of model: Model, _ weights: [String: Tensor], _ part: String,
        _ shouldStop: () -> Bool, _ progress: (PolicyTrainingEvent) -> Void
    ) throws {
        guard data.count > 0 else { return }
        let set = data
        let key = try FeatureCache.key(
            pipeline: set.observationPipeline, weights: weights, dataHash: "\(assembly.dataHash) \(part)",
            count: set.count)
        data.features = try FeatureCache(at: runFolder.appendingPathComponent("features"))
            .features(key, count: set.count) { range in
                if shouldStop() { throw CancellationError() }
                let batch = try set.batch(Array(range), using: PhiloxGenerator(seed: 0))
                return withoutGradient { model.features(batch.inputs)!.contiguous }
            }
        progress(.features(exampleCount: set.count))
    }

    /// Writes the checkpoint and the run's report.
    private func finish(
        _ result: PolicyTrainer<Model>.Result, _ trainer: PolicyTrainer<Model>, _ parents: [String], writes: Bool,
        _ progress: (PolicyTrainingEvent) -> Void
    ) throws -> PolicyTrainingResult {
        var ended = PolicyTrainingResult(
            checkpoint: training.output, contentHash: "", step: result.step, lastStep: result.lastStep,
            metrics: result.metrics, findings: [], wasInterrupted: result.wasStopped)
        guard writes else { return ended }
        var trained = result.model
        trained.mergeAdapters()
        let policy = try LearnedPolicy(
            model: trained, observationPipeline: assembly.observationPipeline,
            actionPipeline: assembly.actionPipeline, tokenizer: assembly.tokenizer)
        var record = TrainingRecord(
            recipe: recipe, data: training.demonstrations.name, dataHash: assembly.dataHash, parents: parents,
            step: result.step, stepCount: result.lastStep, exampleCount: result.exampleCount,
            metrics: result.metrics, program: training.program)
        record.images = try trainer.training.fingerprints()
        record.check = try PredictionCheck(trained, actions: assembly.actionPipeline)
        let written = try PolicyCheckpoint(policy, training: record, isHalfPrecision: recipe.isHalfPrecision)
            .write(to: training.output)
        ended.contentHash = written.contentHash!

        var report = try RunReport(title: recipe.name, runFolder: runFolder)
        if let comparison = try trainer.validation.comparison(of: trained, limit: Model.reportedExampleCount) {
            ended.findings = comparison.detectors.findings
            try report.add(comparison)
        }
        report.configuration = try recipe.settingsForLogs()
        try report.write(to: runFolder)
        for data in [trainer.training, trainer.validation] {
            for (index, reason) in data.damaged.sorted(by: { $0.key < $1.key }) {
                progress(.skipped("left out example \(index): \(reason)"))
            }
        }
        return ended
    }
}

/// What a training was begun with, kept in its run's folder: it continues with the same alone.
private struct TrainingPlan: RunPlan {
    static let fileName = "training.json"

    var recipe: PolicyRecipe
    var data, dataHash: String
    var tokenizerHash: String?
    /// Content hashes of what the weights came from.
    var parents: [String]
}
