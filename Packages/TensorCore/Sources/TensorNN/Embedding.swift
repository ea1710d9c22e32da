public import TensorCore

/// A table of vectors, one per id: ids `[...]` → `[..., width]`. Named as `torch.nn.Embedding`.
public struct Embedding: Module {
    /// `[count, width]`.
    public var weight: Parameter

    public init(weight: Tensor) { self.weight = Parameter(weight) }

    public init(
        count: Int, width: Int, initialization: Initialization = .normal(standardDeviation: 1),
        using generator: inout some RandomNumberGenerator
    ) {
        weight = Parameter(initialization.draw([count, width], inputSize: width, using: &generator))
    }

    /// - Parameter ids: Integers of any type and shape; an id outside of the table traps.
    public func callAsFunction(_ ids: Tensor) -> Tensor { embedding(weight.value, ids: ids) }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("weight", &weight)
    }
}
