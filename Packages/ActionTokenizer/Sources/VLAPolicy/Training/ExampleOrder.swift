public import TensorCore

/// Which examples a training step takes: a function of the settings and the step's place, which is all there is to save.
public struct ExampleOrder: Sendable {
    /// A shard of a micro-batch of an epoch.
    public struct Place: Hashable, Sendable {
        public var epoch, microBatch, shard: Int

        public init(epoch: Int, microBatch: Int, shard: Int = 0) {
            (self.epoch, self.microBatch, self.shard) = (epoch, microBatch, shard)
        }
    }

    public let exampleCount: Int
    public let shardCount: Int
    /// Examples of a place.
    public let rowCount: Int
    /// Micro-batches of an epoch; what is left of the order after whole ones is not seen in that epoch.
    public let microBatchesPerEpoch: Int
    private let seed: UInt64
    private let draws: WeightedDraws?

    /// Every example once in each epoch, in torch's order.
    public init(exampleCount: Int, settings: PolicyTrainingSettings) {
        self.init(exampleCount: exampleCount, settings: settings, draws: nil)
    }

    /// As many examples in an epoch as there are, drawn with replacement by the weights of their demonstrations; without
    /// weights every one once.
    ///
    /// - Throws: ``RecipeError`` when no example has a weight.
    public init(
        _ examples: PolicyExamples, settings: PolicyTrainingSettings, sampling: SamplingWeights? = nil
    ) throws {
        self.init(
            exampleCount: examples.count, settings: settings,
            draws: try sampling.map { try WeightedDraws($0, examples) })
    }

    init(exampleCount: Int, settings: PolicyTrainingSettings, draws: WeightedDraws?) {
        (self.exampleCount, seed, shardCount) = (exampleCount, settings.seed, settings.shardCount)
        self.draws = draws
        rowCount = max(1, settings.batchSize / (settings.shardCount * settings.accumulationCount))
        microBatchesPerEpoch = max(1, Self.sampler(exampleCount, shardCount, seed).countPerRank / rowCount)
    }

    private static func sampler(_ exampleCount: Int, _ shardCount: Int, _ seed: UInt64) -> DistributedSampler {
        DistributedSampler(sampleCount: exampleCount, rankCount: shardCount, seed: seed, isShuffled: true)
    }

    /// All examples of a shard in an epoch, in order.
    public func examples(epoch: Int, shard: Int) -> [Int] {
        let sampler = Self.sampler(exampleCount, shardCount, seed)
        guard let draws else { return sampler.indices(rank: shard, epoch: epoch) }
        var generator = TorchGenerator(seed: seed &+ UInt64(bitPattern: Int64(epoch)))
        let all = (0..<sampler.countPerRank * shardCount).map { _ in draws.example(at: generator.uniformDouble()) }
        return stride(from: shard, to: all.count, by: shardCount).map { all[$0] }
    }

    /// The examples of a place, of those of its epoch and shard.
    func examples(at place: Place, of all: [Int]) -> [Int] {
        let first = place.microBatch * rowCount
        return Array(all[min(first, all.count - 1)..<min(first + rowCount, all.count)])
    }

    /// What a place draws from: augmentation, jitter, noise and dropout.
    public func generator(at place: Place) -> PhiloxGenerator {
        let number = (place.epoch * microBatchesPerEpoch + place.microBatch) * shardCount + place.shard
        return PhiloxGenerator(seed: seed, stream: UInt64(number) &* 2 &+ 1)
    }

    /// The places one process takes, one after the other; processes share the shards of each micro-batch.
    func place(_ number: Int, rank: Int, processCount: Int) -> Place {
        let rounds = shardCount / processCount
        let (batch, round) = (number / rounds, number % rounds)
        return Place(
            epoch: batch / microBatchesPerEpoch, microBatch: batch % microBatchesPerEpoch,
            shard: round * processCount + rank)
    }

    /// The number of a place among those of its process.
    func number(of place: Place, processCount: Int) -> Int {
        (place.epoch * microBatchesPerEpoch + place.microBatch) * (shardCount / processCount)
            + place.shard / processCount
    }
}
