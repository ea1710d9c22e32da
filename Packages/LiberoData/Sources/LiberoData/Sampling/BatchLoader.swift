import RobotInterface
import ImageProcessing

/// Batches in a given order, their images decoded by threads ahead of the reader.
///
/// The order, and so every batch, does not depend on the number of threads; memory is bounded by the budget.
public final class BatchLoader: Sendable {
    public let form: BatchForm
    public let batchSize: Int
    /// Whether the last samples of an epoch, fewer than a batch, are left out.
    public let dropsLast: Bool
    private let loader: SampleLoader<DecodedSample>

    /// Starts preparing.
    ///
    /// - Parameters:
    ///   - order: The samples, one after another.
    ///   - form: Size and layout of what a batch holds.
    ///   - batchSize: Samples in a batch.
    ///   - position: Where to go on; the beginning by default.
    ///   - threadCount: Threads that prepare.
    ///   - byteBudget: What decoded images that wait may take in memory.
    ///   - dropsLast: Whether an incomplete last batch is left out.
    ///   - policy: What happens with a sample that is damaged.
    public init(
        _ order: SampleOrder, form: BatchForm, batchSize: Int, from position: SampleOrder.Position = .init(),
        threadCount: Int = 2, byteBudget: Int = 256 << 20, dropsLast: Bool = false,
        onDamage policy: SampleLoader<DecodedSample>.DamagePolicy = .fails
    ) {
        precondition(batchSize > 0, "BatchLoader: batches of \(batchSize)")
        (self.form, self.batchSize, self.dropsLast) = (form, batchSize, dropsLast)
        // of the images as they are, or as their transforms leave them
        let bytes = form.cameras.reduce(0) { sum, camera in
            let stored = order.sampler.dataset.description.cameras[camera]
            let size = form.transforms[camera]?.outputSize
            return sum + 3 * (size?.width ?? stored?.width ?? 0) * (size?.height ?? stored?.height ?? 0)
        }
        loader = SampleLoader(
            order, from: position, threadCount: threadCount, byteBudget: byteBudget,
            bytesPerSample: max(bytes, 1) + 4096, onDamage: policy
        ) { try form.decoded($0) }
    }

    /// The next batch; nil at the end of the epoch.
    ///
    /// - Throws: What reading one of its samples threw, when the policy is to fail.
    public func next() throws -> SampleBatch? {
        let samples = try loader.next(batchSize)
        guard samples.count == batchSize || (!dropsLast && !samples.isEmpty) else { return nil }
        return form.batch(samples)
    }

    /// Goes on with the beginning of an epoch.
    public func beginEpoch(_ epoch: Int) { loader.beginEpoch(epoch) }

    /// Where the next batch begins: what to save, and to begin from after an interruption.
    public var position: SampleOrder.Position { loader.position }
    /// What was left out, in order.
    public var skipped: [LiberoDataError] { loader.skipped }
    /// The share of the time so far in which the reader waited.
    public var waitShare: Double { loader.waitShare }
    /// Images handed out per second so far.
    public var imagesPerSecond: Double { loader.samplesPerSecond * Double(form.cameras.count) }

    /// Ends the threads; ``next()`` then returns nil.
    public func cancel() { loader.cancel() }
}
