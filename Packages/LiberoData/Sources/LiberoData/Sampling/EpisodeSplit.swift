import TensorCore

/// Episodes for training and for validation; never split by frame: neighbouring frames leak.
public struct EpisodeSplit: Hashable, Codable, Sendable {
    public var training: [Int]
    public var validation: [Int]

    public init(training: [Int], validation: [Int]) { (self.training, self.validation) = (training, validation) }

    /// As scikit-learn's `train_test_split` of the sorted episodes: the order of the legacy NumPy permutation, the first
    /// part for validation.
    ///
    /// - Parameters:
    ///   - episodes: The indices to be split.
    ///   - share: Of episodes for training, rounded down.
    ///   - seed: `random_state`.
    public static func scikitLearn(_ episodes: [Int], trainingShare share: Double = 0.8, seed: UInt32 = 42)
        -> EpisodeSplit
    {
        precondition((0...1).contains(share), "EpisodeSplit: a share of \(share)")
        let sorted = episodes.sorted()
        var generator = NumPyGenerator(seed: seed)
        let order = generator.permutation(sorted.count).map { sorted[$0] }
        let validationCount = sorted.count - Int(share * Double(sorted.count))
        return EpisodeSplit(
            training: Array(order[validationCount...]), validation: Array(order[..<validationCount]))
    }

    /// As TensorFlow Datasets' `train[:95%]`, which is what OpenVLA trains on: the first episodes as they are stored, their
    /// number rounded to the nearest, halves to even.
    public static func leading(_ episodes: [Int], trainingPercent percent: Double = 95) -> EpisodeSplit {
        precondition((0...100).contains(percent), "EpisodeSplit: \(percent) percent")
        let count = Int((percent * Double(episodes.count) / 100).rounded(.toNearestOrEven))
        return EpisodeSplit(training: Array(episodes[..<count]), validation: Array(episodes[count...]))
    }

    /// As the data set's own lists say, which robomimic's files have below `/mask`.
    ///
    /// - Throws: ``LiberoDataError`` when there is no list of that name, or an episode is in both.
    public static func filterKeys(
        of dataset: LiberoDataset, training: String = "train", validation: String = "valid"
    ) throws -> EpisodeSplit {
        func list(_ name: String) throws -> [Int] {
            guard let found = dataset.filterKeys[name] else {
                throw LiberoDataError(
                    .missing, level: .open, file: dataset.url.lastPathComponent, column: "mask/\(name)",
                    "the lists of episodes are \(dataset.filterKeys.keys.sorted())")
            }
            return found
        }
        let split = EpisodeSplit(training: try list(training), validation: try list(validation))
        if let both = Set(split.training).intersection(split.validation).min() {
            throw LiberoDataError(
                .mismatch, level: .open, file: dataset.url.lastPathComponent, episode: both,
                "the episode is for training and for validation")
        }
        return split
    }

    /// By a hash of each episode's number: the others stay where they are when episodes are added.
    public static func hashed(_ episodes: [Int], trainingShare share: Double = 0.8, seed: UInt64 = 42) -> EpisodeSplit {
        let generator = PhiloxGenerator(seed: seed, stream: 0x5eed)
        return divide(episodes.sorted()) { episode in
            Double(generator.block(UInt64(episode))[0]) / 0x1p32 < share
        }
    }

    /// The same share of each task's episodes, drawn by the seed.
    public static func stratified(
        _ episodes: [EpisodeInfo], trainingShare share: Double = 0.8, seed: UInt64 = 42
    ) -> EpisodeSplit {
        var training: Set<Int> = []
        for (task, members) in Dictionary(grouping: episodes, by: \.taskIndex) {
            var generator = TorchGenerator(seed: seed &+ UInt64(task))
            let order = generator.permutation(members.count)
            training.formUnion(order.prefix(Int((share * Double(members.count)).rounded())).map { members[$0].index })
        }
        return divide(episodes.map(\.index)) { training.contains($0) }
    }

    private static func divide(_ episodes: [Int], _ trains: (Int) -> Bool) -> EpisodeSplit {
        EpisodeSplit(training: episodes.filter(trains), validation: episodes.filter { !trains($0) })
    }
}
