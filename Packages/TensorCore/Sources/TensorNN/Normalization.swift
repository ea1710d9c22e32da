public import TensorCore

/// Root-mean-square normalization of the last axis with a learned scale; see `rmsNorm` of TensorCore.
public struct RMSNorm: Module {
    public var weight: Parameter
    public let epsilon: Float

    public init(weight: Tensor, epsilon: Float) {
        self.weight = Parameter(weight)
        self.epsilon = epsilon
    }

    /// Starts with scale 1.
    public init(_ size: Int, epsilon: Float) { self.init(weight: .ones([size]), epsilon: epsilon) }

    public func callAsFunction(_ x: Tensor) -> Tensor { rmsNorm(x, weight: weight.value, epsilon: epsilon) }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("weight", &weight)
    }
}

/// Layer normalization of the last axis with learned scale and shift, named as `torch.nn.LayerNorm`.
public struct LayerNorm: Module {
    public var weight: Parameter
    public var bias: Parameter
    public let epsilon: Float

    public init(weight: Tensor, bias: Tensor, epsilon: Float) {
        self.weight = Parameter(weight)
        self.bias = Parameter(bias)
        self.epsilon = epsilon
    }

    /// Starts with scale 1 and shift 0.
    public init(_ size: Int, epsilon: Float = 1e-5) {
        self.init(weight: .ones([size]), bias: .zeros([size]), epsilon: epsilon)
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        layerNorm(x, weight: weight.value, bias: bias.value, epsilon: epsilon)
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("weight", &weight)
        try visitor.visit("bias", &bias)
    }
}
