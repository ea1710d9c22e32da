public import TensorCore

/// How the weights of a layer are drawn.
public enum Initialization: Sendable, Hashable, Codable {
    /// U(−k, k) with k = 1/√inputSize, the default of PyTorch's linear layers.
    case uniformByInputSize
    /// N(0, σ²).
    case normal(standardDeviation: Float)
    /// 0 everywhere, without memory of its own until it is written: for weights that a file replaces.
    case zero

    func draw(_ shape: Shape, inputSize: Int, using generator: inout some RandomNumberGenerator) -> Tensor {
        switch self {
        case .uniformByInputSize:
            let k = 1 / Float(inputSize).squareRoot()
            return .uniform(-k...k, shape, using: &generator)
        case .normal(let standardDeviation):
            return .normal(standardDeviation: standardDeviation, shape, using: &generator)
        case .zero:
            return Tensor(0).broadcast(to: shape)
        }
    }
}

/// An affine map of the last axis, `y = x Wᵀ + b`: `[..., inputSize]` → `[..., outputSize]`.
///
/// `weight` is `[outputSize, inputSize]`, `bias` `[outputSize]`, named and laid out as in `torch.nn.Linear`. The weight
/// may be stored as `float16`, `bfloat16` or `int8`; it is then a constant.
public struct Linear: Module {
    public var weight: Parameter
    public var bias: Parameter?
    /// A low-rank change of the weight, trained while the weight itself is frozen.
    public var adapter: LowRankAdapter?

    public init(weight: Tensor, bias: Tensor? = nil) {
        self.weight = Parameter(weight)
        self.bias = bias.map { Parameter($0) }
    }

    /// Draws the weight; the bias is drawn with it, or zero where the weight is normal.
    public init(
        _ inputSize: Int, _ outputSize: Int, bias: Bool = true, initialization: Initialization = .uniformByInputSize,
        using generator: inout some RandomNumberGenerator
    ) {
        weight = Parameter(initialization.draw([outputSize, inputSize], inputSize: inputSize, using: &generator))
        guard bias else { return }
        switch initialization {
        case .uniformByInputSize:
            self.bias = Parameter(initialization.draw([outputSize], inputSize: inputSize, using: &generator))
        case .normal, .zero: self.bias = Parameter(.zeros([outputSize]))
        }
    }

    public var inputSize: Int { weight.value.shape[1] }
    public var outputSize: Int { weight.value.shape[0] }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        let y = linear(x, weight: weight.value, bias: bias?.value)
        guard let adapter else { return y }
        return y + adapter(x)
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("weight", &weight)
        try visitor.visit("bias", &bias)
        try visitor.visit("lora", &adapter)
    }
}

extension Module {
    /// Changes every linear layer inside for which `accepts` is true by its full name.
    public mutating func updateLinearLayers(
        where accepts: (String, Linear) -> Bool = { _, _ in true }, _ body: (String, inout Linear) -> Void
    ) {
        withoutActuallyEscaping(accepts) { accepts in
            withoutActuallyEscaping(body) { body in
                var visitor = LinearVisitor(accepts: accepts, body: body)
                do {
                    try visitParameters(&visitor)
                } catch {
                    fatalError("\(Self.self).visitParameters threw '\(error)' though its visitor did not")
                }
            }
        }
    }

    /// Stores the weights of linear layers in another type for inference: `float16`, `bfloat16` or `int8` by row.
    public mutating func storeLinearWeights(as dtype: DType, where accepts: (String) -> Bool = { _ in true }) {
        updateLinearLayers(where: { name, _ in accepts(name) }) { _, layer in
            let weight = layer.weight.value.detached
            layer.weight = Parameter(
                dtype == .int8 ? weight.quantizedByRow() : weight.converted(to: dtype), isTrainable: false)
        }
    }
}

private struct LinearVisitor: ParameterVisitor {
    var scope: [String] = []
    let accepts: (String, Linear) -> Bool
    let body: (String, inout Linear) -> Void

    func visitParameter(_ name: String, _ parameter: inout Parameter) {}

    mutating func willVisit<M: Module>(_ name: String, _ module: inout M) throws {
        guard var layer = module as? Linear, accepts(name, layer) else { return }
        body(name, &layer)
        if let changed = layer as? M { module = changed }
    }
}
