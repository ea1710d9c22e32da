import TensorCore

/// The order in which samples are read: a function of seed, epoch and position, which are all there is to save.
public struct SampleOrder: Sendable {
    /// Where a reader is; restoring it goes on with exactly the next sample.
    public struct Position: Hashable, Codable, Sendable {
        public var epoch: Int
        /// Samples of this rank that were read in the epoch.
        public var sample: Int

        public init(epoch: Int = 0, sample: Int = 0) { (self.epoch, self.sample) = (epoch, sample) }
    }

    public enum Rule: Hashable, Codable, Sendable {
        /// Each sample once per epoch, in the order of torch's `DistributedSampler`.
        case shuffled
        /// In order.
        case sequential
        /// With replacement, by the sampler's weights.
        case weighted
    }

    public let sampler: ChunkSampler
    public let rule: Rule
    public let seed: UInt64
    public let rank: Int
    private let distribution: DistributedSampler
    private let sums: [Double]

    public init(
        _ sampler: ChunkSampler, rule: Rule = .shuffled, seed: UInt64 = 0, rank: Int = 0, rankCount: Int = 1,
        dropsTail: Bool = false
    ) {
        precondition(0..<rankCount ~= rank, "SampleOrder: rank \(rank) of \(rankCount)")
        (self.sampler, self.rule, self.seed, self.rank) = (sampler, rule, seed, rank)
        distribution = DistributedSampler(
            sampleCount: sampler.count, rankCount: rankCount, seed: seed, isShuffled: rule == .shuffled,
            dropsTail: dropsTail)
        sums = rule == .weighted ? sampler.cumulativeWeights : []
    }

    /// Samples of this rank in an epoch.
    public var countPerEpoch: Int { distribution.countPerRank }

    /// How many of them are no repetitions that fill up the last round; they come first.
    public var realCountPerEpoch: Int {
        rule == .weighted ? countPerEpoch : min(distribution.realSampleCount(rank: rank), countPerEpoch)
    }

    /// This rank's samples of an epoch.
    public func samples(epoch: Int) -> [Int] {
        guard rule == .weighted else { return distribution.indices(rank: rank, epoch: epoch) }
        guard let total = sums.last, total > 0 else { return [] }
        var generator = TorchGenerator(seed: seed &+ UInt64(bitPattern: Int64(epoch)))
        let all = (0..<countPerEpoch * distribution.rankCount).map { _ in
            sampler.sample(atWeight: generator.uniformDouble() * total, in: sums)
        }
        return stride(from: rank, to: all.count, by: distribution.rankCount).map { all[$0] }
    }
}
