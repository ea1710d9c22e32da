public import Foundation
import TensorCore
public import TensorNN

/// Epochs of micro-batches: gradients, clipping, schedule, update, log and saved states.
///
/// The loop owns no data: it asks for the loss and gradients of the micro-batch at a ``Place``. With a state folder it
/// continues after the newest complete state there, to the bit. SIGINT or SIGTERM ends it after the current update,
/// with a saved state.
public struct TrainingLoop: Sendable {
    public var epochCount: Int
    /// Micro-batches of all ranks together count once.
    public var microBatchesPerEpoch: Int
    public var schedule: LearningRateSchedule
    /// Micro-batches of an update; an epoch's remainder makes one more (see ``GradientAccumulator``).
    public var accumulationCount = 1
    /// Shards of a micro-batch (see ``DataParallel``); a multiple of the number of processes.
    public var shardCount = 1
    /// The largest norm of the gradients; nil for no clipping.
    public var clipNorm: Double?
    /// The run ends after this many updates, if it has not before.
    public var stepLimit: Int?

    /// Where states are saved, by rank 0, and looked for, by all ranks; nil for neither.
    public var stateFolder: URL?
    /// Updates between two states.
    public var stepsPerState: Int?
    /// Time between two states.
    public var timePerState: Duration?
    /// States that are kept.
    public var stateCount = 2
    /// One record per update: step, epoch, rate, gradient norm, seconds, and what the body reports.
    public var logFile: URL?
    /// Time between two lines on standard error; nil for none.
    public var timePerProgressLine: Duration? = .seconds(5)

    public init(epochCount: Int, microBatchesPerEpoch: Int, schedule: LearningRateSchedule) {
        require(
            epochCount >= 0 && microBatchesPerEpoch > 0, "\(epochCount) epochs of \(microBatchesPerEpoch) micro-batches"
        )
        self.epochCount = epochCount
        self.microBatchesPerEpoch = microBatchesPerEpoch
        self.schedule = schedule
    }

    /// Updates of the whole run.
    public var stepCount: Int {
        let all = epochCount * ((microBatchesPerEpoch + accumulationCount - 1) / accumulationCount)
        return min(all, stepLimit ?? all)
    }

    /// What the loop asks for next.
    public struct Place: Hashable, Sendable {
        /// Updates done so far.
        public var step: Int
        public var epoch: Int
        /// Micro-batch of the epoch.
        public var microBatch: Int
        /// Shard of the micro-batch.
        public var shard: Int
    }

    /// What a shard of a micro-batch gives.
    public struct Output {
        public var loss: Float
        /// More numbers for the log, averaged over shards and micro-batches; the same names for all of them.
        public var metrics: [String: Float]
        public var gradients: Gradients

        public init(loss: Float, metrics: [String: Float] = [:], gradients: Gradients) {
            self.loss = loss
            self.metrics = metrics
            self.gradients = gradients
        }
    }

    public enum Outcome: Hashable, Sendable {
        case finished
        /// A signal arrived; the state after that many updates is saved.
        case stopped(step: Int)
    }

    /// Runs, or continues, the training in this process alone; see ``run(_:_:context:over:_:afterUpdate:isOver:)``.
    @discardableResult
    public func run<M: Module>(
        _ model: inout M, _ optimizer: inout some Optimizer,
        _ body: (_ model: M, _ place: Place) throws -> Output
    ) throws -> Outcome {
        var (collective, none) = (SingleProcess(), false)
        return try run(&model, &optimizer, context: &none, over: &collective) { model, place, _ in
            try body(model, place)
        }
    }

    /// Runs, or continues, the training.
    ///
    /// - Parameters:
    ///   - model: The model; what is saved of a run that goes on replaces it.
    ///   - optimizer: Likewise.
    ///   - context: What the body changes besides the model, such as generators; saved and restored with the state.
    ///     Rank 0's is saved: what must not depend on the number of processes is drawn from the place instead, for
    ///     instance by a `PhiloxGenerator`.
    ///   - collective: The processes of the run.
    ///   - body: Loss and gradients of one shard.
    ///   - afterUpdate: Called on rank 0 after each update with the number of updates done; what it returns joins the
    ///     record of the log.
    ///   - isOver: Called on rank 0 before the first and after each update with the number of updates done; true ends
    ///     the run for all ranks, with a saved state, as if it had had no more updates.
    /// - Throws: ``TrainingDiverged`` before an update with NaN or infinite gradients, and what the body throws.
    @discardableResult
    public func run<M: Module, Context: Codable>(
        _ model: inout M, _ optimizer: inout some Optimizer, context: inout Context,
        over collective: inout some Collective,
        _ body: (_ model: M, _ place: Place, _ context: inout Context) throws -> Output,
        afterUpdate: (_ model: M, _ step: Int) throws -> [String: LogValue] = { _, _ in [:] },
        isOver: (_ step: Int) throws -> Bool = { _ in false }
    ) throws -> Outcome {
        var state = try resume(&model, &optimizer, &context)
        try DataParallel.synchronize(&model, over: &collective)
        var recorder = try collective.rank == 0 ? TrainingRecorder(self, from: state.step) : nil
        let parallel = DataParallel(shardCount: shardCount)
        var accumulator = GradientAccumulator(count: accumulationCount)
        var averages = MetricAverages()

        return try StopSignal.observing {
            // rank 0 decides for all whether to go on: 0, or stop for a signal: 1, or because the run is over: 2
            var stop: [UInt8] = [try recorder != nil && isOver(state.step) ? 2 : 0]
            try collective.broadcast(&stop, from: 0)
            while stop == [0], state.step < stepCount {
                // one micro-batch
                let start = Place(step: state.step, epoch: state.epoch, microBatch: state.position, shard: 0)
                var names: [String] = []
                let (values, gradients) = try parallel.average(of: model, over: &collective) { model, shard in
                    var place = start
                    place.shard = shard
                    let output = try body(model, place, &context)
                    names = output.metrics.keys.sorted()
                    return ([output.loss] + names.map { output.metrics[$0]! }, output.gradients)
                }
                averages.add(values, names: ["loss"] + names)
                state.position += 1

                // k of them make an update; so does what an epoch leaves
                let endsEpoch = state.position == microBatchesPerEpoch
                guard var sum = accumulator.add(gradients) ?? (endsEpoch ? accumulator.takeRemainder() : nil)
                else { continue }
                let norm = clipNorm.map { sum.clip(toNorm: $0) } ?? sum.norm
                guard norm.isFinite else { throw TrainingDiverged(step: state.step, gradientNorm: norm) }
                optimizer.learningRate = schedule.rate(afterUpdates: state.step)
                optimizer.update(&model, with: sum)
                state.step += 1
                if endsEpoch { (state.epoch, state.position) = (state.epoch + 1, 0) }

                // rank 0 records and saves
                if recorder != nil {
                    var record = averages.take()
                    record["epoch"] = LogValue(start.epoch)
                    record["rate"] = .number(optimizer.learningRate)
                    record["gradientNorm"] = .number(norm)
                    record.merge(try afterUpdate(model, state.step)) { $1 }
                    try recorder!.append(record, step: state.step)
                    stop = [try isOver(state.step) ? 2 : StopSignal.hasArrived ? 1 : 0]
                    if recorder!.isStateDue(step: state.step) || stop != [0] {
                        try save(state, model, optimizer, context)
                        try recorder!.noteSaved()
                    }
                }
                try collective.broadcast(&stop, from: 0)
            }
            return stop == [1] && state.step < stepCount ? .stopped(step: state.step) : .finished
        }
    }
}

/// A gradient became NaN or infinite; the model still has the weights from before.
public struct TrainingDiverged: Error, Equatable, CustomStringConvertible {
    /// Updates done before.
    public let step: Int
    public let gradientNorm: Double

    public var description: String {
        """
        The gradient norm after \(step) updates is \(gradientNorm). Look at the losses in the run log; a smaller rate, \
        a longer warm-up or clipping help, and a batch without supervised tokens does the same.
        """
    }
}
