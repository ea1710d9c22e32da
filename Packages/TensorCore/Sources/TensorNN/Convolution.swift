public import TensorCore

/// A two-dimensional convolution of images whose channels lie together.
///
/// `[batch, height, width, inputs]` → `[batch, rows, columns, outputs]`, see
/// `channelsLastConvolution` of TensorCore. `weight` is
/// `[outputs, inputs, kernel, kernel]`, `bias` `[outputs]`, named and laid out as in `torch.nn.Conv2d`.
public struct Convolution: Module {
    public var weight: Parameter
    public var bias: Parameter?
    public let stride: Int
    public let padding: Int

    public init(
        _ inputCount: Int, _ outputCount: Int, kernelSize: Int, stride: Int = 1, padding: Int = 0, bias: Bool = true,
        initialization: Initialization = .uniformByInputSize, using generator: inout some RandomNumberGenerator
    ) {
        let inputSize = inputCount * kernelSize * kernelSize
        weight = Parameter(
            initialization.draw(
                [outputCount, inputCount, kernelSize, kernelSize], inputSize: inputSize, using: &generator))
        if bias { self.bias = Parameter(initialization.draw([outputCount], inputSize: inputSize, using: &generator)) }
        self.stride = stride
        self.padding = padding
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        channelsLastConvolution(x, weight: weight.value, bias: bias?.value, stride: stride, padding: padding)
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("weight", &weight)
        try visitor.visit("bias", &bias)
    }
}
