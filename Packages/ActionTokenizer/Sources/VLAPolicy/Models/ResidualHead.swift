public import TensorCore
public import TensorNN

/// OpenVLA-OFT's action head: the hidden states of an action's positions → its numbers.
///
///     h = relu(W₁ norm(x));  h ← h + relu(Wᵢ normᵢ(h)), as often as asked;  y = W norm(h)
///
/// Source: Kim et al. 2025, arXiv:2502.19645; `MLPResNet` of its code.
public struct ResidualHead: Module {
    private struct Layer: Module {
        var norm: LayerNorm
        var linear: Linear

        init(_ input: Int, _ output: Int, using generator: inout some RandomNumberGenerator) {
            norm = LayerNorm(input)
            linear = Linear(input, output, using: &generator)
        }

        func callAsFunction(_ x: Tensor) -> Tensor { linear(norm(x)) }

        mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
            try visitor.visit("norm", &norm)
            try visitor.visit("linear", &linear)
        }
    }

    private var first: Layer
    private var residuals: [Layer]
    private var last: Layer

    public init(
        inputSize: Int, hiddenSize: Int, outputSize: Int, residualCount: Int,
        using generator: inout some RandomNumberGenerator
    ) {
        first = Layer(inputSize, hiddenSize, using: &generator)
        residuals = (0..<residualCount).map { _ in Layer(hiddenSize, hiddenSize, using: &generator) }
        last = Layer(hiddenSize, outputSize, using: &generator)
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        var h = first(x).relu()
        for residual in residuals { h = h + residual(h).relu() }
        return last(h)
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("first", &first)
        try visitor.visit("residuals", &residuals)
        try visitor.visit("last", &last)
    }
}
