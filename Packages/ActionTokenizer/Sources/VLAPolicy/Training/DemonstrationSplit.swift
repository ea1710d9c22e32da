import TensorCore

/// Which demonstrations are kept for validation: whole ones, since frames of one demonstration resemble each other.
public struct DemonstrationSplit: Hashable, Codable, Sendable {
    /// How the demonstrations are divided.
    public enum Rule: String, Codable, CaseIterable, Sendable {
        /// As scikit-learn's `train_test_split` with `random_state`, `shuffle=True`: a permutation of all by NumPy's
        /// generator, its first ⌈share · n⌉ for validation.
        case shuffled
        /// As TensorFlow Datasets' `train[:95%]`, on which OpenVLA trains: the first ones for training, their number
        /// rounded to the nearest, halves to even.
        case leading
        /// By a hash of each demonstration's number: the others stay where they are when some are added.
        case hashed
        /// The same share of each task, drawn by the seed.
        case stratified
        /// By the lists `train` and `valid` that are kept with the data, as robomimic's files have them.
        case stored
    }

    /// Of the demonstrations; at least one where it is not 0.
    public var validationShare: Double
    public var seed: UInt32
    /// Nil for ``Rule/shuffled``.
    public var rule: Rule?

    public init(validationShare: Double = 0.1, seed: UInt32 = 42, rule: Rule? = nil) {
        (self.validationShare, self.seed, self.rule) = (validationShare, seed, rule)
    }

    /// The demonstrations for training and for validation, in the order of the rule.
    ///
    /// - Parameters:
    ///   - tasks: The task of each demonstration.
    ///   - lists: Named lists of demonstrations, for ``Rule/stored``.
    /// - Throws: ``DemonstrationSplitError`` for lists that are missing or overlap.
    public func indices(
        tasks: [String], lists: [String: [Int]] = [:]
    ) throws -> (training: [Int], validation: [Int]) {
        let trainingShare = 1 - validationShare
        switch rule ?? .shuffled {
        case .shuffled: return indices(episodeCount: tasks.count)
        case .leading:
            let count = Int((100 * trainingShare * Double(tasks.count) / 100).rounded(.toNearestOrEven))
            let training = min(max(count, 1), tasks.count)
            return (Array(0..<training), Array(training..<tasks.count))
        case .hashed:
            let generator = PhiloxGenerator(seed: UInt64(seed), stream: 0x5eed)
            return Self.divide(tasks.count) { Double(generator.block(UInt64($0))[0]) / 0x1p32 < trainingShare }
        case .stratified:
            var training: Set<Int> = []
            let groups = Dictionary(grouping: tasks.indices) { tasks[$0] }.sorted { $0.key < $1.key }
            for (number, (_, members)) in groups.enumerated() {
                var generator = TorchGenerator(seed: UInt64(seed) &+ UInt64(number))
                let order = generator.permutation(members.count)
                let count = Int((trainingShare * Double(members.count)).rounded())
                training.formUnion(order.prefix(count).map { members[$0] })
            }
            return Self.divide(tasks.count) { training.contains($0) }
        case .stored:
            let found = lists.keys.sorted()
            guard let training = lists["train"], let validation = lists["valid"] else {
                throw DemonstrationSplitError.noLists(found: found)
            }
            if let both = Set(training).intersection(validation).min() {
                throw DemonstrationSplitError.overlap(demonstration: both)
            }
            return (training, validation)
        }
    }

    /// Those of ``Rule/shuffled``.
    public func indices(episodeCount: Int) -> (training: [Int], validation: [Int]) {
        var generator = NumPyGenerator(seed: seed)
        let order = generator.permutation(episodeCount)
        let count =
            validationShare <= 0
            ? 0 : min(episodeCount - 1, Int((validationShare * Double(episodeCount)).rounded(.up)))
        return (Array(order.dropFirst(max(count, 0))), Array(order.prefix(max(count, 0))))
    }

    private static func divide(_ count: Int, _ trains: (Int) -> Bool) -> (training: [Int], validation: [Int]) {
        ((0..<count).filter(trains), (0..<count).filter { !trains($0) })
    }
}

/// Lists of demonstrations that no split can be made of.
public enum DemonstrationSplitError: Error, Equatable, CustomStringConvertible {
    case noLists(found: [String])
    /// One is for training and for validation.
    case overlap(demonstration: Int)

    public var description: String {
        switch self {
        case .noLists(let found):
            "The recipe's split is 'stored', which needs the lists 'train' and 'valid'; the data have \(found). Take another "
                + "data.split.rule."
        case .overlap(let demonstration):
            "Demonstration \(demonstration) is in the lists for training and for validation. Mend the data, or take another "
                + "data.split.rule."
        }
    }
}
