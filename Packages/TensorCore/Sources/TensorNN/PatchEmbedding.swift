public import TensorCore

/// The first layer of a vision transformer: square patches of an image as tokens, in rows from the top left.
///
/// `[batch, channels, height, width]` → `[batch, patches, hiddenSize]`. `weight` is `[hiddenSize, channels, size, size]`,
/// as that of the strided convolution it is stored as. Source: Dosovitskiy et al. 2020, arXiv:2010.11929, eq. 1.
public struct PatchEmbedding: Module {
    public var weight: Parameter
    public var bias: Parameter?

    public init(
        patchSize: Int, channelCount: Int = 3, hiddenSize: Int, bias: Bool,
        initialization: Initialization = .uniformByInputSize, using generator: inout some RandomNumberGenerator
    ) {
        let inputSize = channelCount * patchSize * patchSize
        weight = Parameter(
            initialization.draw(
                [hiddenSize, channelCount, patchSize, patchSize], inputSize: inputSize, using: &generator))
        if bias { self.bias = Parameter(initialization.draw([hiddenSize], inputSize: inputSize, using: &generator)) }
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        patchEmbedding(x, weight: weight.value, bias: bias?.value)
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("weight", &weight)
        try visitor.visit("bias", &bias)
    }
}
