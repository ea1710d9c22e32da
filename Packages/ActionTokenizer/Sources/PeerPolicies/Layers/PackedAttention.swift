public import TensorCore
public import TensorNN

/// Multi-head attention with one matrix for queries, keys and values, named as `torch.nn.MultiheadAttention`.
///
/// `in_proj_weight` is `[3 · width, width]`: rows of queries, keys, values. The scale is 1/√(width / heads).
public struct PackedAttention: Module {
    public var inputWeight: Parameter
    public var inputBias: Parameter
    public var output: Linear
    public let headCount: Int

    init(_ name: String, width: Int, headCount: Int, from source: WeightSource) {
        inputWeight = source.parameter("\(name).in_proj_weight", [3 * width, width])
        inputBias = source.parameter("\(name).in_proj_bias", [3 * width])
        output = source.linear("\(name).out_proj", width, width)
        self.headCount = headCount
    }

    /// - Parameters:
    ///   - query: `[batch, T, width]`.
    ///   - key: `[batch, S, width]`.
    ///   - value: Of `key`'s shape.
    ///   - mask: Which keys a query sees.
    ///   - dropout: Of the probabilities, in training.
    public func callAsFunction(
        query: Tensor, key: Tensor, value: Tensor, mask: AttentionMask = .full, dropout: inout Dropout?
    ) -> Tensor {
        let width = query.shape[2]
        func projected(_ x: Tensor, _ part: Int) -> Tensor {
            let rows = part * width..<(part + 1) * width
            let y = linear(x, weight: inputWeight.value[rows], bias: inputBias.value[rows])
            return y.reshaped([x.shape[0], x.shape[1], headCount, width / headCount])
        }
        let (q, k, v) = (projected(query, 0), projected(key, 1), projected(value, 2))
        let context: Tensor
        if dropout != nil, dropout!.probability > 0 {
            context = droppedContext(q, k, v, mask, &dropout!)
        } else {
            context = attention(q, k, v, mask: mask)
        }
        return output(context.reshaped(query.shape.sizes))
    }

    /// With all probabilities in memory.
    private func droppedContext(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, _ mask: AttentionMask, _ dropout: inout Dropout
    ) -> Tensor {
        let (batch, queries, heads, size) = (q.shape[0], q.shape[1], q.shape[2], q.shape[3])
        let keys = k.shape[1]
        func byHead(_ x: Tensor) -> Tensor { x.permuted([0, 2, 1, 3]).reshaped([batch * heads, x.shape[1], size]) }
        let scores = matmul(byHead(q), transposed: byHead(k)) * (1 / Float(size).squareRoot())
        let bias = mask.bias(batch: batch, queries: queries, keys: keys).expandingDimension(at: 1)
        let probabilities = dropout((scores.reshaped([batch, heads, queries, keys]) + bias).softmax())
        return matmul(probabilities.reshaped([batch * heads, queries, keys]), byHead(v))
            .reshaped([batch, heads, queries, size]).permuted([0, 2, 1, 3])
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("in_proj_weight", &inputWeight)
        try visitor.visit("in_proj_bias", &inputBias)
        try visitor.visit("out_proj", &output)
    }
}
