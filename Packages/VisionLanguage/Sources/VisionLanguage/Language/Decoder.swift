public import TensorCore
public import TensorNN

/// A decoder-only transformer, MiniMind's of both generations: vectors in, hidden states out.
///
///     h₀ = embedding(ids), or any vectors;  hᵢ = blockᵢ(hᵢ₋₁);  hidden = norm(h);  logits = head(hidden)
///
/// Axes: `B` batch, `T` new tokens, `H` hidden size. Parameters have the names of the published files. A policy that
/// uses it as a part calls ``callAsFunction(_:mask:cache:dropout:)`` with vectors of its own making and any mask.
public struct Decoder: Module {
    public let configuration: DecoderConfiguration
    /// `[vocabularySize, H]`; also the output layer when tied.
    public var embedding: Embedding
    public var blocks: [DecoderBlock]
    public var norm: RMSNorm
    /// The output layer; nil when it is the embedding table.
    public var head: Linear?
    public let rotary: RotaryTable

    /// Draws all weights as the configuration says. Traps when its sizes do not fit each other (see
    /// ``DecoderConfiguration/validate()``).
    public init(_ configuration: DecoderConfiguration, using generator: inout some RandomNumberGenerator) {
        do { try configuration.validate() } catch { fatalError("\(error)") }
        let c = configuration
        self.configuration = c
        embedding = Embedding(
            count: c.vocabularySize, width: c.hiddenSize, initialization: c.initialization, using: &generator)
        blocks = (0..<c.layerCount).map { _ in DecoderBlock(c, using: &generator) }
        norm = RMSNorm(c.hiddenSize, epsilon: c.normEpsilon)
        if !c.tiesEmbeddings {
            head = Linear(
                c.hiddenSize, c.vocabularySize, bias: false, initialization: c.initialization, using: &generator)
        }
        rotary = RotaryTable(
            headSize: c.headSize, positionCount: c.positionCount, base: c.rotaryBase, yarn: c.yarn)
    }

    /// What a decoder computes of a sequence.
    public struct Output: Sendable {
        /// `[B, T, H]`, after the last norm.
        public var hidden: Tensor
        /// The sum of the experts' losses over the layers; nil for a dense decoder. Added to the loss in training.
        public var auxiliaryLoss: Tensor?
    }

    /// Vectors of token ids: integers `[B, T]` → `[B, T, H]`.
    public func embed(_ ids: Tensor) -> Tensor { embedding(ids) }

    /// The hidden states of a sequence of vectors.
    ///
    /// - Parameters:
    ///   - vectors: `[B, T, H]`: embedded tokens, image rows, states, … in any mixture.
    ///   - mask: Which of the tokens, those in the cache included, a token sees.
    ///   - cache: The tokens before; it gets these. Positions count from its tokens. nil for none.
    ///   - dropout: In training, see ``trainingDropout(_:)``; nil when the model is used or frozen.
    public func callAsFunction(
        _ vectors: Tensor, mask: AttentionMask = .causal, cache: inout KeyValueCache?, dropout: inout Dropout?
    ) -> Output {
        require(
            vectors.rank == 3 && vectors.shape[2] == configuration.hiddenSize,
            "decoder of width \(configuration.hiddenSize): input \(vectors.shape)")
        require(
            cache == nil || cache!.layers.count == blocks.count,
            "decoder of \(blocks.count) layers: cache of \(cache?.layers.count ?? 0)")
        var h = vectors
        var losses: Tensor?
        if dropout != nil { h = dropout!(h) }
        for (index, block) in blocks.enumerated() {
            // taken out of the cache, so that its memory has one owner and grows in place
            var layer = cache?.layers[index]
            cache?.layers[index] = KeyValueCache.Layer()
            let (output, loss) = Profiler.module("layers.\(index)") {
                block(h, rotary: rotary, mask: mask, cache: &layer, dropout: &dropout)
            }
            if let layer { cache?.layers[index] = layer }
            h = output
            if let loss { losses = losses.map { $0 + loss } ?? loss }
        }
        return Output(hidden: norm(h), auxiliaryLoss: losses)
    }

    /// The hidden states of a sequence of vectors after those in a cache, without dropout.
    public func callAsFunction(_ vectors: Tensor, mask: AttentionMask = .causal, cache: inout KeyValueCache?) -> Output
    {
        var none: Dropout?
        return self(vectors, mask: mask, cache: &cache, dropout: &none)
    }

    /// The hidden states of a whole sequence of vectors, without cache and dropout.
    public func callAsFunction(_ vectors: Tensor, mask: AttentionMask = .causal) -> Output {
        var none: KeyValueCache?
        return self(vectors, mask: mask, cache: &none)
    }

    /// Logits of hidden states: `[..., H]` → `[..., vocabularySize]`.
    public func logits(_ hidden: Tensor) -> Tensor { matmul(hidden, transposed: headWeight) }

    /// The weight of the output layer, `[vocabularySize, H]`, for `linearCrossEntropy`.
    public var headWeight: Tensor { head?.weight.value ?? embedding.weight.value }

    /// An empty cache.
    public func makeCache() -> KeyValueCache { KeyValueCache(layerCount: blocks.count) }

    /// The dropout of a training step, nil when the configuration has none.
    public func trainingDropout(_ generator: PhiloxGenerator) -> Dropout? {
        configuration.dropout > 0 ? Dropout(probability: configuration.dropout, generator: generator) : nil
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("model.embed_tokens", &embedding)
        try visitor.visit("model.layers", &blocks)
        try visitor.visit("model.norm", &norm)
        try visitor.visit("lm_head", &head)
    }
}
