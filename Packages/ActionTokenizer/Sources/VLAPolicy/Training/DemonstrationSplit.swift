import TensorCore

/// Which episodes are kept for validation: whole episodes, since frames of one episode resemble each other.
public struct DemonstrationSplit: Hashable, Codable, Sendable {
    /// Of the episodes; at least one where it is not 0.
    public var validationShare: Double
    public var seed: UInt32

    public init(validationShare: Double = 0.1, seed: UInt32 = 42) {
        (self.validationShare, self.seed) = (validationShare, seed)
    }

    /// The episodes for training and for validation, in scikit-learn's order.
    ///
    /// A permutation of all episodes by NumPy's generator; its first ⌈share · n⌉ are for validation, the others for
    /// training. Source: `sklearn.model_selection.train_test_split` with `random_state`, `shuffle=True`.
    public func indices(episodeCount: Int) -> (training: [Int], validation: [Int]) {
        var generator = NumPyGenerator(seed: seed)
        let order = generator.permutation(episodeCount)
        let count =
            validationShare <= 0
            ? 0 : min(episodeCount - 1, Int((validationShare * Double(episodeCount)).rounded(.up)))
        return (Array(order.dropFirst(max(count, 0))), Array(order.prefix(max(count, 0))))
    }
}
