public import TensorCore
public import TensorNN

/// A state as a row for a decoder: `[B, S]` → `[B, H]`. Names `fc1`, `fc2`.
public struct StateProjector: Module {
    public enum Kind: String, Codable, CaseIterable, Sendable {
        /// `fc2(gelu(fc1(s)))`.
        case gelu
        /// The 2025 system's: `rms(fc2(dropout(silu(fc1(s)))))`, ε 1e-6. Its dropout is a training's choice and left out.
        case microVLA2025 = "story"
    }

    public let kind: Kind
    private var first: Linear
    private var second: Linear
    private var norm: RMSNorm?

    public init(_ kind: Kind, stateSize: Int, width: Int, using generator: inout some RandomNumberGenerator) {
        self.kind = kind
        first = Linear(stateSize, width, using: &generator)
        second = Linear(width, width, using: &generator)
        if kind == .microVLA2025 { norm = RMSNorm(width, epsilon: 1e-6) }
    }

    public func callAsFunction(_ state: Tensor) -> Tensor {
        switch kind {
        case .gelu: second(first(state).gelu(.exact))
        case .microVLA2025: norm!(second(first(state).silu()))
        }
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("fc1", &first)
        try visitor.visit("fc2", &second)
        try visitor.visit("norm", &norm)
    }
}
