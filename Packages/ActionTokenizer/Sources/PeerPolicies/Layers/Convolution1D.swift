public import TensorCore
public import TensorNN

/// A one-dimensional convolution over time, of rows whose channels lie together: `[batch, steps, inputs]` → `[batch,
/// steps', outputs]`.
///
/// `weight` is `[outputs, inputs, size]`, `bias` `[outputs]`, named and laid out as in `torch.nn.Conv1d`.
public struct Convolution1D: Module {
    public var weight: Parameter
    public var bias: Parameter?
    public let size: Int
    public let stride: Int
    public let padding: Int
    /// The weight in the order of the windows, `[outputs, size · inputs]`; dropped when parameters are visited.
    private var packedWeight: Tensor?

    public init(weight: Tensor, bias: Tensor?, size: Int, stride: Int = 1, padding: Int = 0) {
        self.weight = Parameter(weight)
        self.bias = bias.map { Parameter($0) }
        self.size = size
        self.stride = stride
        self.padding = padding
    }

    private var windowWeight: Tensor {
        let w = weight.value
        return w.permuted([0, 2, 1]).reshaped([w.shape[0], w.shape[1] * w.shape[2]])
    }

    /// Keeps the weight in the order of the products: for a model that is called often and not trained.
    mutating func pack() { packedWeight = withoutGradient { windowWeight.detached } }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        let (batch, steps, channels) = (x.shape[0], x.shape[1], x.shape[2])
        let padded = zeroPadded(x, steps: padding)
        let count = (steps + 2 * padding - size) / stride + 1
        let windows = (0..<size).map { k -> Tensor in
            guard stride > 1 else { return padded.slice(axis: 1, k..<k + count) }
            // every stride-th row from k on
            let length = count * stride
            let rows =
                k + length <= padded.shape[1]
                ? padded.slice(axis: 1, k..<k + length)
                : zeroPadded(padded.slice(axis: 1, k..<padded.shape[1]), after: k + length - padded.shape[1])
            return rows.reshaped([batch, count, stride, channels]).select(axis: 2, 0)
        }
        let joined = size == 1 ? windows[0] : Tensor.concatenated(windows, axis: 2)
        return linear(joined, weight: packedWeight ?? windowWeight, bias: bias?.value)
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        packedWeight = nil
        try visitor.visit("weight", &weight)
        try visitor.visit("bias", &bias)
    }
}

/// A transposed convolution over time that doubles the steps: size 4, stride 2, padding 1.
///
///     y[2i]     = Σ W[1]ᵀ x[i] + W[3]ᵀ x[i − 1]
///     y[2i + 1] = Σ W[0]ᵀ x[i + 1] + W[2]ᵀ x[i]
///
/// `weight` is `[inputs, outputs, 4]`, named and laid out as in `torch.nn.ConvTranspose1d`.
public struct Upsampling1D: Module {
    public var weight: Parameter
    public var bias: Parameter
    private var packedWeight: Tensor?

    public init(weight: Tensor, bias: Tensor) {
        self.weight = Parameter(weight)
        self.bias = Parameter(bias)
    }

    /// Rows of both phases: `[2 · outputs, 3 · inputs]` over x[i − 1], x[i], x[i + 1].
    private var windowWeight: Tensor {
        let w = weight.value.permuted([2, 1, 0])
        let zero = Tensor.zeros([w.shape[1], w.shape[2]])
        let even = Tensor.concatenated([w[3], w[1], zero], axis: 1)
        let odd = Tensor.concatenated([zero, w[2], w[0]], axis: 1)
        return Tensor.concatenated([even, odd], axis: 0)
    }

    mutating func pack() { packedWeight = withoutGradient { windowWeight.detached } }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        let (batch, steps) = (x.shape[0], x.shape[1])
        let padded = zeroPadded(x, steps: 1)
        let joined = Tensor.concatenated((0..<3).map { padded.slice(axis: 1, $0..<$0 + steps) }, axis: 2)
        // a row holds the even and the odd step
        return linear(joined, weight: packedWeight ?? windowWeight).reshaped([batch, 2 * steps, -1]) + bias.value
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        packedWeight = nil
        try visitor.visit("weight", &weight)
        try visitor.visit("bias", &bias)
    }
}

/// Rows of zeros before and after axis 1.
private func zeroPadded(_ x: Tensor, steps: Int) -> Tensor {
    guard steps > 0 else { return x }
    let zeros = Tensor.zeros([x.shape[0], steps, x.shape[2]])
    return .concatenated([zeros, x, zeros], axis: 1)
}

private func zeroPadded(_ x: Tensor, after steps: Int) -> Tensor {
    .concatenated([x, .zeros([x.shape[0], steps, x.shape[2]])], axis: 1)
}

extension Tensor {
    /// x · tanh(ln(1 + eˣ)), Misra 2019, arXiv:1908.08681, eq. 1.
    ///
    /// With u = eˣ the factor is u(u + 2) / (u(u + 2) + 2); beyond x = 20 it is 1 in `Float`.
    func mish() -> Tensor {
        let u = clamped(to: -80...20).exp()
        let w = u * (u + 2)
        return self * (w / (w + 2))
    }
}
