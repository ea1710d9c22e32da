import TensorCore
public import TensorNN

/// The affine part and the statistics of a batch normalization over the last axis.
///
/// The running mean and variance are no trainable parameters; they are stored as `torch.nn.BatchNorm` names them.
public struct BatchNormalization: Module {
    /// Added to the variance.
    public static let epsilon: Float = 1e-5

    public var weight: Parameter
    public var bias: Parameter
    public var runningMean: Parameter
    public var runningVariance: Parameter

    public init(_ size: Int) {
        weight = Parameter(.ones([size]))
        bias = Parameter(.zeros([size]))
        runningMean = Parameter(.zeros([size]), isTrainable: false)
        runningVariance = Parameter(.ones([size]), isTrainable: false)
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("weight", &weight)
        try visitor.visit("bias", &bias)
        try visitor.visit("running_mean", &runningMean)
        try visitor.visit("running_var", &runningVariance)
    }
}

/// A convolution of width 1: a linear layer for every point, with the weight's shape in PyTorch.
///
/// `weight` is `[out, in, 1]` or `[out, in, 1, 1]`.
public struct PointConvolution: Module {
    public var weight: Parameter
    public var bias: Parameter?

    /// - Parameter dimension: 1 or 2: how many axes of size 1 the weight has.
    init(
        _ inputSize: Int, _ outputSize: Int, dimension: Int, bias: Bool,
        using generator: inout some RandomNumberGenerator
    ) {
        let k = 1 / Float(inputSize).squareRoot()
        let shape = Shape([outputSize, inputSize] + [Int](repeating: 1, count: dimension))
        // PyTorch's default: U(-k, k) for both
        weight = Parameter(.uniform(-k...k, shape, using: &generator))
        if bias { self.bias = Parameter(.uniform(-k...k, [outputSize], using: &generator)) }
    }

    public var inputSize: Int { weight.value.shape[1] }
    public var outputSize: Int { weight.value.shape[0] }

    /// The weight as `[out, in]`.
    var matrix: Tensor { weight.value.reshaped([outputSize, inputSize]) }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("weight", &weight)
        try visitor.visit("bias", &bias)
    }
}

/// A convolution without bias, normalization and ReLU.
public struct PointBlock: Module {
    public var convolution: PointConvolution
    public var normalization: BatchNormalization

    init(_ inputSize: Int, _ outputSize: Int, using generator: inout some RandomNumberGenerator) {
        convolution = PointConvolution(inputSize, outputSize, dimension: 2, bias: false, using: &generator)
        normalization = BatchNormalization(outputSize)
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("conv", &convolution)
        var named = NestedModule(name: "bn", module: normalization)
        try visitor.visit("bn", &named)
        normalization = named.module
    }
}

/// A module inside of another that has nothing else.
struct NestedModule<Inner: Module>: Module {
    var name: String
    var module: Inner

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws { try visitor.visit(name, &module) }
}

/// Blocks one after another, the same for every point.
public struct SharedMLP: Module {
    public var blocks: [PointBlock]

    init(_ sizes: [Int], using generator: inout some RandomNumberGenerator) {
        blocks = zip(sizes, sizes.dropFirst()).map { PointBlock($0, $1, using: &generator) }
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        for index in blocks.indices { try visitor.visit("layer\(index)", &blocks[index]) }
    }
}

/// Three convolutions with biases, the first two normalized and with ReLU.
public struct PointHead: Module {
    public var convolutions: [PointConvolution]
    public var normalizations: [BatchNormalization]

    init(_ sizes: [Int], using generator: inout some RandomNumberGenerator) {
        convolutions = zip(sizes, sizes.dropFirst()).map {
            PointConvolution($0, $1, dimension: 1, bias: true, using: &generator)
        }
        normalizations = sizes.dropFirst().dropLast().map { BatchNormalization($0) }
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        for index in convolutions.indices { try visitor.visit("conv\(index + 1)", &convolutions[index]) }
        for index in normalizations.indices { try visitor.visit("bn\(index + 1)", &normalizations[index]) }
    }
}
