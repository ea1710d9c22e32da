/// The order in which the ranks of data-parallel training read a data set, as `torch.utils.data.DistributedSampler`.
///
/// The order of an epoch is a function of (seed, epoch): `randperm` with the generator seed `seed + epoch`. It is
/// extended by its own beginning, repeated as often as needed, so that the ranks divide it; or cut, when the tail is
/// dropped. Rank k of W takes the entries k, k + W, k + 2W, …
public struct DistributedSampler: Hashable, Codable, Sendable {
    public let sampleCount: Int
    public let rankCount: Int
    public let seed: UInt64
    public let isShuffled: Bool
    public let dropsTail: Bool

    public init(
        sampleCount: Int, rankCount: Int = 1, seed: UInt64 = 0, isShuffled: Bool = true, dropsTail: Bool = false
    ) {
        require(sampleCount >= 0 && rankCount > 0, "sampler of \(sampleCount) samples for \(rankCount) ranks")
        self.sampleCount = sampleCount
        self.rankCount = rankCount
        self.seed = seed
        self.isShuffled = isShuffled
        self.dropsTail = dropsTail
    }

    /// Samples that each rank takes in an epoch.
    ///
    /// ⌈n / W⌉, or with the tail dropped ⌈(n − W) / W⌉ unless W divides n.
    public var countPerRank: Int {
        if dropsTail, sampleCount % rankCount != 0 { return sampleCount / rankCount }
        return (sampleCount + rankCount - 1) / rankCount
    }

    /// The order of an epoch for all ranks together, `countPerRank · rankCount` long.
    public func order(epoch: Int) -> [Int] {
        guard sampleCount > 0 else { return [] }
        var indices = Array(0..<sampleCount)
        if isShuffled {
            var generator = TorchGenerator(seed: seed &+ UInt64(bitPattern: Int64(epoch)))
            indices = generator.permutation(sampleCount)
        }
        return (0..<(countPerRank * rankCount)).map { indices[$0 % sampleCount] }
    }

    /// The samples of one rank in the order in which it takes them.
    public func indices(rank: Int, epoch: Int) -> [Int] {
        require((0..<rankCount).contains(rank), "rank \(rank) of \(rankCount)")
        let order = order(epoch: epoch)
        return stride(from: rank, to: order.count, by: rankCount).map { order[$0] }
    }

    /// How many of a rank's samples are not repetitions that fill up the last round.
    ///
    /// They come first: metrics over a validation set take that many from each rank and count every sample once.
    public func realSampleCount(rank: Int) -> Int {
        require((0..<rankCount).contains(rank), "rank \(rank) of \(rankCount)")
        let real = min(sampleCount, countPerRank * rankCount)
        return (real - rank + rankCount - 1) / rankCount
    }
}
