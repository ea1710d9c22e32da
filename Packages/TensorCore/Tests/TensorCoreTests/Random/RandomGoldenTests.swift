import Foundation
import TensorCore
import TensorTestSupport
import Testing

/// `data/samples/sampling/golden.json`: permutations, ranks, splits and words of PyTorch, scikit-learn and NumPy.
@Suite struct SamplingGoldenTests {
    struct File: Decodable, Sendable {
        var randperm: [Permutation] = []
        var distributed_sampler: [Ranks] = []
        var episode_split_sklearn: [Split] = []
        var mt19937_first_outputs: [Words] = []
    }
    struct Permutation: Decodable, Sendable {
        var n: Int
        var seed: UInt64
        var first: [Int]
    }
    struct Ranks: Decodable, Sendable {
        var n, world, epoch: Int
        var seed: UInt64
        var shuffle, drop_last: Bool
        var ranks: [[Int]]
    }
    struct Split: Decodable, Sendable {
        var episodes: Int
        var train_ratio: Double
        var random_state: UInt32
        var n_train: Int
        var train_first, val_first: [Int]
    }
    struct Words: Decodable, Sendable {
        var seed: UInt32
        var uint32: [UInt32]
    }

    /// Empty without the shared folder; a file that cannot be read fails ``fileIsReadable(_:)``.
    static let files = SharedFixtures.entries(in: "data/samples/sampling").filter { $0.pathExtension == "json" }
    static let all = files.compactMap { try? Golden.json($0, as: File.self) }

    @Test(arguments: files)
    func fileIsReadable(_ url: URL) throws {
        _ = try Golden.json(url, as: File.self)
    }

    @Test(arguments: all.flatMap(\.randperm))
    func permutationsAreThoseOfRandperm(expected: Permutation) {
        var generator = TorchGenerator(seed: expected.seed)
        let permutation = generator.permutation(expected.n)
        #expect(Array(permutation.prefix(expected.first.count)) == expected.first)
        #expect(permutation.count == expected.n)
    }

    @Test(arguments: all.flatMap(\.distributed_sampler))
    func ranksReadAsWithDistributedSampler(expected: Ranks) {
        let sampler = DistributedSampler(
            sampleCount: expected.n, rankCount: expected.world, seed: expected.seed, isShuffled: expected.shuffle,
            dropsTail: expected.drop_last)
        let ranks = (0..<expected.world).map { sampler.indices(rank: $0, epoch: expected.epoch) }
        #expect(ranks == expected.ranks)

        // the real samples of all ranks together are each sample once, unless the tail is dropped
        let real = ranks.enumerated().flatMap { rank, indices in indices.prefix(sampler.realSampleCount(rank: rank)) }
        #expect(Set(real).count == real.count)
        #expect(real.count == (expected.drop_last ? sampler.countPerRank * expected.world : expected.n))
    }

    /// scikit-learn's splitter: the first entries of a permutation validate, the rest train.
    @Test(arguments: all.flatMap(\.episode_split_sklearn))
    func splitsAreThoseOfScikitLearn(expected: Split) {
        var generator = NumPyGenerator(seed: expected.random_state)
        let permutation = generator.permutation(expected.episodes)
        let validationCount = expected.episodes - Int(Double(expected.episodes) * expected.train_ratio)
        let (validation, training) = (permutation.prefix(validationCount), permutation.dropFirst(validationCount))
        #expect(training.count == expected.n_train)
        #expect(Array(validation.prefix(expected.val_first.count)) == expected.val_first)
        #expect(Array(training.prefix(expected.train_first.count)) == expected.train_first)
    }

    @Test(arguments: all.flatMap(\.mt19937_first_outputs))
    func wordsAreThoseOfMT19937(expected: Words) {
        var twister = MersenneTwister(seed: expected.seed)
        #expect(expected.uint32.map { _ in twister.next32() } == expected.uint32)
    }
}

/// The draws of NumPy's global generator in `golden/libero/*/meta.json`: two environment resets after `seed(0)`.
@Suite struct NumPyDrawsGoldenTests {
    struct Meta: Decodable {
        struct Reset: Decodable { var draws: [Draw] }
        var resets: [Reset]
    }

    /// A call: function, positional arguments, named arguments, result.
    struct Draw: Decodable {
        var function: String
        var arguments: [Double]
        var named: [String: Double]
        var result: [Double]

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            function = try container.decode(String.self)
            arguments = try container.decode([Double].self)
            named = try container.decode([String: Double].self)
            if let list = try? container.decode([Double].self) {
                result = list
            } else {
                result = [try container.decode(Double.self)]
            }
        }
    }

    @Test(arguments: SharedFixtures.folders(in: "golden/libero"))
    func resetsDrawTheSameNumbers(folder: URL) throws {
        let meta = try Golden.json(folder.appendingPathComponent("meta.json"), as: Meta.self)
        var generator = NumPyGenerator(seed: 0)
        for draw in meta.resets.flatMap(\.draws) {
            let drawn: [Double]
            switch draw.function {
            case "randn": drawn = (0..<Int(draw.arguments.first ?? 1)).map { _ in generator.normal() }
            case "uniform":
                let low = try #require(draw.named["low"] ?? draw.arguments.first)
                let high = try #require(draw.named["high"] ?? draw.arguments.last)
                drawn = [generator.uniform(low, high)]
            case "randint": drawn = [Double(generator.integer(below: Int(try #require(draw.arguments.first))))]
            default:
                Issue.record("draw '\(draw.function)' is not known")
                return
            }
            #expect(drawn == draw.result, "\(draw.function)")
        }
    }
}
