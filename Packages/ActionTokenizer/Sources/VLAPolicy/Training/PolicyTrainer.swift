public import Foundation
import Parallel
import TensorCore
import TensorNN
public import TensorTraining

/// Trains a policy's model on prepared examples.
///
/// Each update is a function of the settings and its number, whatever the number of threads and processes; a run that was
/// killed continues after its newest saved state, and ends in the same bytes as one that was not.
public struct PolicyTrainer<Model: PolicyModel> {
    public var settings: PolicyTrainingSettings
    public var training: PreparedDataset
    /// May be empty.
    public var validation: PreparedDataset
    /// Where states, `run.jsonl` and the best weights lie; nil to keep nothing.
    public var runFolder: URL?
    /// Called now and then, on the process that writes the log.
    public var report: (PolicyTrainingEvent) -> Void = { _ in }
    /// Asked after each update; true ends the run with a saved state, from which it can be continued.
    public var shouldStop: () -> Bool = { false }
    /// Threads that make batches ahead of the step that takes them.
    public var loaderThreadCount = max(1, min(4, KernelThreads.count / 2))
    /// Bytes that batches made ahead may take; one is always made.
    public var batchMemory = 256 << 20
    private let draws: WeightedDraws?
    /// For tests: ends as if the process had died after this update.
    var diesAfterStep: Int?
    /// For tests: ends after this update, on all ranks, as if a signal had come.
    var endsAfterStep: Int?

    public init(
        _ settings: PolicyTrainingSettings, training: PreparedDataset, validation: PreparedDataset,
        runFolder: URL? = nil
    ) throws {
        guard training.count > 0 else { throw PolicyDataError.noDemonstrations("the training part") }
        self.settings = settings
        self.training = training
        self.validation = validation
        self.runFolder = runFolder
        draws = try training.sampling.map { try WeightedDraws($0, training.examples) }
        if let epochCount = settings.epochCount { self.settings.stepCount = epochCount * updatesPerEpoch }
    }

    /// What a run ended with.
    public struct Result {
        /// The weights that were chosen.
        public var model: Model
        /// The update they are from, and the last one of the run.
        public var step, lastStep: Int
        /// Validation numbers of these weights; of the training when there is no validation.
        public var metrics: [String: Double]
        /// Whether a signal ended the run before its time; it can be continued.
        public var wasStopped: Bool
        public var exampleCount: Int
    }

    private var order: ExampleOrder {
        ExampleOrder(exampleCount: training.count, settings: settings, draws: draws)
    }

    private var updatesPerEpoch: Int {
        (order.microBatchesPerEpoch + settings.accumulationCount - 1) / settings.accumulationCount
    }

    /// Makes the batches of this process.
    private func loader(_ collective: borrowing some Collective) -> ExampleLoader {
        let order = order
        // images as numbers, and the bytes they are made of
        let batchSize = order.rowCount * training.bytesPerExample * 5
        return ExampleLoader(
            training, order: order, variation: .init(augmentation: settings.augmentation, jitter: settings.jitter),
            rank: collective.rank, processCount: collective.size, threadCount: loaderThreadCount,
            batchLimit: max(1, min(2 * loaderThreadCount, batchMemory / max(batchSize, 1))))
    }

    /// The loop with its schedule, states and log.
    private func loop() -> TrainingLoop {
        let s = settings
        var loop = TrainingLoop(
            epochCount: (s.stepCount + updatesPerEpoch - 1) / updatesPerEpoch,
            microBatchesPerEpoch: order.microBatchesPerEpoch,
            schedule: .warmUpThenCosine(
                peak: s.learningRate, floor: s.learningRate * s.finalRateShare, warmUpStepCount: s.warmUpStepCount,
                stepCount: s.stepCount))
        loop.accumulationCount = s.accumulationCount
        loop.shardCount = s.shardCount
        loop.clipNorm = s.clipNorm
        loop.stepLimit = min(s.stepCount, endsAfterStep ?? .max)
        loop.stateFolder = runFolder?.appendingPathComponent("states")
        loop.stepsPerState = s.stepsPerState
        loop.timePerState = .seconds(s.minutesPerState * 60)
        loop.logFile = runFolder?.appendingPathComponent("run.jsonl")
        loop.timePerProgressLine = nil
        return loop
    }

    /// Norms, biases, embeddings and other vectors are not decayed unless the settings say so.
    private func optimizer(_ model: Model) -> AveragingOptimizer<AdamW> {
        if settings.decaysEverything {
            return AveragingOptimizer(
                AdamW(learningRate: settings.learningRate, weightDecay: settings.weightDecay),
                decay: settings.averageDecay)
        }
        var matrices: Set<String> = []
        model.forEachParameter { name, parameter in
            if parameter.value.rank > 1, name.hasSuffix("weight"), !name.contains("embed") { matrices.insert(name) }
        }
        let decayed = matrices
        let group = ParameterGroup(weightDecay: 0) { !decayed.contains($0) }
        return AveragingOptimizer(
            AdamW(learningRate: settings.learningRate, weightDecay: settings.weightDecay, groups: [group]),
            decay: settings.averageDecay)
    }

    /// Trains in this process alone.
    public func run(_ model: Model) throws -> Result {
        var collective = SingleProcess()
        return try run(model, over: &collective)
    }

    /// Trains, or continues a run of the folder.
    ///
    /// - Throws: `TrainingDiverged`, and what reading or writing the folder throws.
    public func run(_ initial: Model, over collective: inout some Collective) throws -> Result {
        if let runFolder { try FileManager.default.createDirectory(at: runFolder, withIntermediateDirectories: true) }
        var (model, optimizer, none) = (initial, optimizer(initial), false)
        let average = optimizer.average
        let (loop, order, loader) = (loop(), order, loader(collective))
        defer { loader.cancel() }
        var progress = TrainingProgress(stepCount: settings.stepCount, examplesPerStep: settings.batchSize)
        var choice = ModelChoice(runFolder, settings: settings)
        var (lastStep, wasCancelled) = (0, false)

        let outcome = try loop.run(&model, &optimizer, context: &none, over: &collective) { model, place, _ in
            let place = ExampleOrder.Place(epoch: place.epoch, microBatch: place.microBatch, shard: place.shard)
            let batch = try loader.batch(at: place)
            var generator = order.generator(at: place)
            let (value, metrics, gradients) = valueAndGradient(of: model) { model in
                let loss = model.loss(on: batch, using: &generator)
                return (loss.total, loss.metrics)
            }
            progress.add(loss: value, metrics: metrics)
            return TrainingLoop.Output(loss: value, metrics: metrics, gradients: gradients)
        } afterUpdate: { model, step in
            lastStep = step
            if step == diesAfterStep { throw Death() }
            var record: [String: LogValue] = [:]
            if step % settings.stepsPerValidation == 0 || step == settings.stepCount {
                let averaged = settings.averageDecay > 0 ? average.applied(to: model) : model
                let metrics = try evaluate(averaged)
                for (name, value) in metrics { record["validation/\(name)"] = .number(value) }
                try choice.consider(averaged, step: step, metrics: metrics)
                report(.progress(progress.take(step: step)))
                report(.validation(step: step, metrics: metrics, findings: try findings(of: averaged)))
            } else if progress.isLineDue {
                report(.progress(progress.take(step: step)))
            }
            record["examples"] = LogValue(step * settings.batchSize)
            return record
        } isOver: { step in
            lastStep = step
            try choice.resume(after: step)
            if shouldStop(), step < settings.stepCount {
                wasCancelled = true
                return true
            }
            guard let patience = settings.patience, choice.validationsWithoutBetter >= patience else { return false }
            report(.endsEarly(validationCount: patience))
            return true
        }
        let wasStopped = if case .stopped = outcome { true } else { wasCancelled }
        var chosen = settings.averageDecay > 0 ? average.applied(to: model) : model
        let best = try choice.best(of: &chosen)
        return Result(
            model: chosen, step: best?.step ?? lastStep, lastStep: lastStep, metrics: best?.metrics ?? [:],
            wasStopped: wasStopped, exampleCount: lastStep * settings.batchSize)
    }

    private struct Death: Error {}

    /// Means over the validation examples; empty without any.
    ///
    /// - Throws: What reading their images throws.
    public func evaluate(_ model: Model) throws -> [String: Double] {
        let count = min(validation.count, settings.validationLimit ?? .max)
        guard count > 0 else { return [:] }
        // spread over all of them
        let indices = (0..<count).map { $0 * validation.count / count }
        var sums: [String: Double] = [:]
        for start in stride(from: 0, to: count, by: 64) {
            let part = Array(indices[start..<min(start + 64, count)])
            var generator = PhiloxGenerator(seed: settings.seed, stream: UInt64(start) &* 2)
            let batch = try validation.batch(part, using: generator)
            let loss = withoutGradient { model.loss(on: batch, using: &generator) }
            sums["loss", default: 0] += Double(loss.total.scalar) * Double(part.count)
            for (name, value) in loss.metrics { sums[name, default: 0] += Double(value) * Double(part.count) }
        }
        return sums.mapValues { $0 / Double(count) }
    }

    /// What a few predictions say of a policy that does not look; see ``ActionDetectors``.
    private func findings(of model: Model) throws -> [String] {
        try validation.comparison(of: model, limit: 24)?.detectors.findings ?? []
    }
}
