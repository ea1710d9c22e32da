public import TensorCore

/// Dropout in training: the probability, and the generator its masks are drawn from.
///
/// A model that is used, not trained, gets none of it. Frozen parts run without.
public struct Dropout: Sendable {
    public let probability: Float
    public var generator: PhiloxGenerator

    public init(probability: Float, generator: PhiloxGenerator) {
        require(probability >= 0 && probability < 1, "dropout probability \(probability)")
        self.probability = probability
        self.generator = generator
    }

    /// Each element zero with the probability, else divided by 1 − probability.
    public mutating func callAsFunction(_ x: Tensor) -> Tensor { x.dropout(probability, using: &generator) }
}

/// Attention whose probabilities are dropped out, with all scores in memory: for training.
///
/// Shapes as in ``TensorCore/attention(_:_:_:mask:scale:)``.
func droppedAttention(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, mask: AttentionMask, dropout: inout Dropout
) -> Tensor {
    let (batch, queries, heads, size) = (query.shape[0], query.shape[1], query.shape[2], query.shape[3])
    let (keys, keyValueHeads) = (key.shape[1], key.shape[2])

    /// [batch, S, keyValueHeads, size] → [batch · heads, S, size], each head repeated for its queries.
    func repeated(_ x: Tensor) -> Tensor {
        x.permuted([0, 2, 1, 3]).expandingDimension(at: 2)
            .broadcast(to: [batch, keyValueHeads, heads / keyValueHeads, keys, size])
            .reshaped([batch * heads, keys, size])
    }
    let q = query.permuted([0, 2, 1, 3]).reshaped([batch * heads, queries, size])
    let scores = matmul(q, transposed: repeated(key)) * (1 / Float(size).squareRoot())
    let bias = mask.bias(batch: batch, queries: queries, keys: keys).expandingDimension(at: 1)
    let probabilities = (scores.reshaped([batch, heads, queries, keys]) + bias).softmax()
    let dropped = dropout(probabilities).reshaped([batch * heads, queries, keys])
    return matmul(dropped, repeated(value)).reshaped([batch, heads, queries, size]).permuted([0, 2, 1, 3])
}
