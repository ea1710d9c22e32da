public import TensorCore

/// A low-rank change of a linear layer, `Δy = scale · (x Aᵀ) Bᵀ`.
///
/// `A` is `[rank, inputSize]`, `B` `[outputSize, rank]` and zero at the start, so that training starts from the layer as
/// it was. Source: Hu et al. 2021, arXiv:2106.09685, section 4.1; the names are MiniMind's.
public struct LowRankAdapter: Module {
    public var a: Parameter
    public var b: Parameter
    /// α / rank in the paper; 1 in MiniMind.
    public let scale: Float

    public init(a: Tensor, b: Tensor, scale: Float) {
        require(
            a.rank == 2 && b.rank == 2 && a.shape[0] == b.shape[1], "low-rank adapter: A \(a.shape), B \(b.shape)")
        self.a = Parameter(a)
        self.b = Parameter(b)
        self.scale = scale
    }

    /// - Parameters:
    ///   - inputSize: Columns of the adapted matrix.
    ///   - outputSize: Its rows.
    ///   - rank: Rows of A, columns of B.
    ///   - scale: α / rank. OpenVLA: rank 32, α = 16.
    ///   - standardDeviation: Of A's normal distribution; 1/rank in OpenVLA, 0.02 in MiniMind.
    ///   - generator: Draws A; B is zero.
    public init(
        inputSize: Int, outputSize: Int, rank: Int, scale: Float, standardDeviation: Float,
        using generator: inout some RandomNumberGenerator
    ) {
        self.init(
            a: .normal(standardDeviation: standardDeviation, [rank, inputSize], using: &generator),
            b: .zeros([outputSize, rank]), scale: scale)
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        linear(linear(x, weight: a.value), weight: b.value) * scale
    }

    /// The change of the weight, `scale · B A`: `[outputSize, inputSize]`.
    public var weightChange: Tensor { matmul(b.value.detached, a.value.detached) * scale }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("A.weight", &a)
        try visitor.visit("B.weight", &b)
    }
}

extension Module {
    /// Freezes everything and adds low-rank adapters to linear layers: all of them, or those the filter accepts.
    public mutating func addAdapters(
        rank: Int, scale: Float, standardDeviation: Float, using generator: inout some RandomNumberGenerator,
        where accepts: (String, Linear) -> Bool = { _, _ in true }
    ) {
        setTrainable(false)
        // drawn in visiting order with a copy, since the closure cannot hold the inout generator
        var source = generator
        updateLinearLayers(where: accepts) { _, layer in
            layer.adapter = LowRankAdapter(
                inputSize: layer.inputSize, outputSize: layer.outputSize, rank: rank, scale: scale,
                standardDeviation: standardDeviation, using: &source)
        }
        generator = source
    }

    /// Adds every adapter's change to its layer's weight and removes the adapters.
    public mutating func mergeAdapters() {
        updateLinearLayers(where: { _, layer in layer.adapter != nil }) { _, layer in
            guard let adapter = layer.adapter else { return }
            layer.weight.value = layer.weight.value.detached + adapter.weightChange
            layer.adapter = nil
        }
    }
}
