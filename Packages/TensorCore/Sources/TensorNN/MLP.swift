public import TensorCore

/// The gated feed-forward part of a decoder block: `W_down(silu(W_gate x) ⊙ W_up x)`.
///
/// Source: Shazeer 2020, arXiv:2002.05202, eq. 6 (SwiGLU); names of LLaMA and MiniMind.
public struct GatedMLP: Module {
    public var gate: Linear
    public var up: Linear
    public var down: Linear

    public init(gate: Linear, up: Linear, down: Linear) {
        (self.gate, self.up, self.down) = (gate, up, down)
    }

    public init(
        hiddenSize: Int, intermediateSize: Int, initialization: Initialization = .uniformByInputSize,
        using generator: inout some RandomNumberGenerator
    ) {
        func layer(_ input: Int, _ output: Int) -> Linear {
            Linear(input, output, bias: false, initialization: initialization, using: &generator)
        }
        gate = layer(hiddenSize, intermediateSize)
        up = layer(hiddenSize, intermediateSize)
        down = layer(intermediateSize, hiddenSize)
    }

    public func callAsFunction(_ x: Tensor) -> Tensor { down(.siluMultiply(gate: gate(x), up: up(x))) }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("gate_proj", &gate)
        try visitor.visit("up_proj", &up)
        try visitor.visit("down_proj", &down)
    }
}

/// The feed-forward part of a vision transformer block: `W₂ gelu(W₁ x)`, named as in CLIP and SigLIP.
public struct MLP: Module {
    public var first: Linear
    public var second: Linear
    public let activation: Tensor.GELU

    public init(first: Linear, second: Linear, activation: Tensor.GELU) {
        (self.first, self.second, self.activation) = (first, second, activation)
    }

    public init(
        hiddenSize: Int, intermediateSize: Int, activation: Tensor.GELU,
        initialization: Initialization = .uniformByInputSize, using generator: inout some RandomNumberGenerator
    ) {
        first = Linear(hiddenSize, intermediateSize, initialization: initialization, using: &generator)
        second = Linear(intermediateSize, hiddenSize, initialization: initialization, using: &generator)
        self.activation = activation
    }

    public func callAsFunction(_ x: Tensor) -> Tensor { second(first(x).gelu(activation)) }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("fc1", &first)
        try visitor.visit("fc2", &second)
    }
}
