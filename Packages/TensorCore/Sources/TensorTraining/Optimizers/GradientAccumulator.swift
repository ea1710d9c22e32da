import TensorCore
public import TensorNN

/// Adds up the gradients of several micro-batches for one update.
///
/// Each is weighted with 1/k, as dividing the loss by k does. At the end of an epoch the gradients of less than k
/// micro-batches are taken with the same weight (``takeRemainder()``): the update is smaller, as in the reference code.
public struct GradientAccumulator: Sendable {
    /// Micro-batches of a full update, k.
    public let count: Int
    /// Micro-batches added since the last update.
    public private(set) var addedCount = 0
    private var sum = Gradients()

    public init(count: Int) {
        require(count > 0, "accumulation over \(count) micro-batches")
        self.count = count
    }

    /// Adds the gradients of a micro-batch; returns the sum when it was the k-th, and starts anew.
    public mutating func add(_ gradients: consuming Gradients) -> Gradients? {
        // the first ones are taken over and scaled in place
        if addedCount == 0 {
            sum = gradients
            if count > 1 { sum.scale(by: 1 / Float(count)) }
        } else {
            sum.add(gradients, scaledBy: 1 / Float(count))
        }
        addedCount += 1
        return addedCount == count ? take() : nil
    }

    /// The sum of less than k micro-batches at the end of an epoch; nil when none is left.
    public mutating func takeRemainder() -> Gradients? { addedCount > 0 ? take() : nil }

    private mutating func take() -> Gradients {
        defer { (sum, addedCount) = (Gradients(), 0) }
        return sum
    }
}
