import TensorCore

/// Samples of several data sets in turn, each drawn as often as its weight says.
///
/// As OpenVLA mixes: a set's share is its weight times its samples, divided by the sum over all sets. Drawn with
/// replacement from the seeded generator: an epoch is a function of seed and number.
public struct DatasetMixture: Sendable {
    public struct Part: Sendable {
        public var sampler: ChunkSampler
        public var weight: Double

        public init(_ sampler: ChunkSampler, weight: Double = 1) { (self.sampler, self.weight) = (sampler, weight) }
    }

    /// One draw: the number of a part and of a sample in it.
    public struct Draw: Hashable, Sendable {
        public var part: Int
        public var sample: Int

        public init(part: Int, sample: Int) { (self.part, self.sample) = (part, sample) }
    }

    public let parts: [Part]
    public let seed: UInt64
    /// The share of each part among the draws; they sum to 1.
    public let shares: [Double]

    /// - Throws: ``LiberoDataError`` of kind `meaning` when the parts' numbers or images do not mean the same.
    public init(_ parts: [Part], seed: UInt64 = 0) throws {
        precondition(parts.contains { $0.weight > 0 && $0.sampler.count > 0 }, "DatasetMixture: nothing to draw from")
        precondition(parts.allSatisfy { $0.weight >= 0 }, "DatasetMixture: a weight below 0")
        for part in parts.dropFirst() {
            try part.sampler.dataset.description.requireSame(
                as: parts[0].sampler.dataset.description, file: part.sampler.dataset.url.lastPathComponent)
        }
        (self.parts, self.seed) = (parts, seed)
        shares = Self.shares(weights: parts.map(\.weight), counts: parts.map(\.sampler.count))
    }

    /// `weight · count`, normalized to the sum 1.
    public static func shares(weights: [Double], counts: [Int]) -> [Double] {
        let sizes = zip(weights, counts).map { $0 * Double($1) }
        let total = sizes.reduce(0, +)
        return sizes.map { $0 / total }
    }

    /// The first draws of an epoch.
    public func draws(epoch: Int, count: Int) -> [Draw] {
        var generator = TorchGenerator(seed: seed &+ UInt64(bitPattern: Int64(epoch)))
        var sums: [Double] = []
        for share in shares { sums.append((sums.last ?? 0) + share) }
        let last = shares.lastIndex { $0 > 0 }!
        return (0..<count).map { _ in
            let place = generator.uniformDouble()
            let part = min(sums.partitioningIndex { $0 > place }, last)
            let sampleCount = parts[part].sampler.count
            return Draw(
                part: part, sample: min(Int(generator.uniformDouble() * Double(sampleCount)), sampleCount - 1))
        }
    }

    /// The sample of a draw.
    public func sample(_ draw: Draw) throws -> DemonstrationSample {
        try parts[draw.part].sampler.sample(draw.sample)
    }
}
