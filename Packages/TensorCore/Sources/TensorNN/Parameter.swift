public import TensorCore

/// A tensor that training changes.
public struct Parameter: Sendable {
    public var value: Tensor
    /// Frozen parameters get no gradient and stay out of the optimizer.
    public var isTrainable: Bool

    public init(_ value: Tensor, isTrainable: Bool = true) {
        self.value = value
        self.isTrainable = isTrainable
    }
}
