/// Sizes and visibility of one attention: `B` batch, `T` queries, `S` keys, `A` query heads, `K` key/value heads, `d`
/// elements of a head.
public struct AttentionShape: Sendable, Hashable {
    public var batch, queries, keys, heads, keyValueHeads, headSize: Int
    /// Query t sees keys up to t + S − T: the last query sees all, as with a key/value cache.
    public var isCausal: Bool
    /// Keys at the start of each sequence that every query sees, `[B]`; empty for none.
    public var prefixLengths: [Int]

    public init(
        batch: Int, queries: Int, keys: Int, heads: Int, keyValueHeads: Int, headSize: Int, isCausal: Bool,
        prefixLengths: [Int] = []
    ) {
        precondition(
            keyValueHeads > 0 && heads % keyValueHeads == 0 && (prefixLengths.isEmpty || prefixLengths.count == batch),
            "attention: \(heads) heads on \(keyValueHeads), \(prefixLengths.count) prefixes for a batch of \(batch)")
        self.batch = batch
        self.queries = queries
        self.keys = keys
        self.heads = heads
        self.keyValueHeads = keyValueHeads
        self.headSize = headSize
        self.isCausal = isCausal
        self.prefixLengths = prefixLengths
    }

    /// Whether query `t` of sequence `b` sees key `s`.
    public func sees(_ b: Int, query t: Int, key s: Int) -> Bool {
        if !isCausal || s <= t + keys - queries { return true }
        return !prefixLengths.isEmpty && s < prefixLengths[b]
    }

    /// Where the head vector of query (b, t, a) starts.
    public func queryOffset(_ b: Int, _ t: Int, _ a: Int) -> Int { ((b * queries + t) * heads + a) * headSize }

    /// Where the head vector of key (b, s) for query head a starts: head a reads key head a · K / A.
    public func keyOffset(_ b: Int, _ s: Int, _ a: Int) -> Int {
        ((b * keys + s) * keyValueHeads + a * keyValueHeads / heads) * headSize
    }
}

/// Scaled dot-product attention.
///
///     p[b,a,t,s] = softmax_s(q[b,t,a] · k[b,s,a·K/A] · scale + keyBias[b,s]), over the keys that t sees
///     out[b,t,a] = Σ_s p[b,a,t,s] v[b,s,a·K/A]
///
/// `q`, `output`: `[B, T, A, d]`; `k`, `v`: `[B, S, K, d]`; `keyBias`: `[B, S]` or empty; `probabilities`:
/// `[B, A, T, S]`, read by the gradient. A query that sees no key, or only keys with bias −∞, gets zeros.
/// Source: Vaswani et al. 2017, arXiv:1706.03762, eq. 1; Ainslie et al. 2023, arXiv:2305.13245 (groups).
public func attentionForward<S: ReferenceScalar>(
    _ q: Span<S>, _ k: Span<S>, _ v: Span<S>, keyBias: Span<S>, scale: S, shape: AttentionShape,
    into output: inout MutableSpan<S>, probabilities p: inout MutableSpan<S>
) {
    let (queries, keys, size) = (shape.queries, shape.keys, shape.headSize)
    let rows = shape.batch * shape.heads * queries
    precondition(
        q.count == rows * size && output.count == q.count && k.count == v.count
            && k.count == shape.batch * keys * shape.keyValueHeads * size && p.count == rows * keys
            && (keyBias.count == 0 || keyBias.count == shape.batch * keys),
        "attention: \(q.count) queries, \(k.count) keys, \(v.count) values, \(keyBias.count) biases for \(shape)")

    for row in 0..<rows {
        let (b, a, t) = (row / queries / shape.heads, row / queries % shape.heads, row % queries)
        let query = shape.queryOffset(b, t, a)

        // scores of the keys this query sees
        for s in 0..<keys {
            let key = shape.keyOffset(b, s, a)
            var score: S = 0
            for i in 0..<size { score += q[query + i] * k[key + i] }
            let bias = keyBias.count == 0 ? 0 : keyBias[b * keys + s]
            p[row * keys + s] = shape.sees(b, query: t, key: s) ? score * scale + bias : -.infinity
        }

        // softmax of the row; zeros when all is hidden
        var most = -S.infinity
        for s in 0..<keys { most = maximumKeepingNaN(most, p[row * keys + s]) }
        var sum: S = 0
        for s in 0..<keys {
            p[row * keys + s] = most == -.infinity ? 0 : S.exp(p[row * keys + s] - most)
            sum += p[row * keys + s]
        }
        if sum != 0 {
            for s in 0..<keys { p[row * keys + s] /= sum }
        }

        // weighted mean of the values
        for i in 0..<size {
            var mean: S = 0
            for s in 0..<keys { mean += p[row * keys + s] * v[shape.keyOffset(b, s, a) + i] }
            output[query + i] = mean
        }
    }
}

/// The gradient of ``attentionForward(_:_:_:keyBias:scale:shape:into:probabilities:)``.
///
///     dp[t,s] = dout[t] · v[s]
///     ds[t,s] = p[t,s] · (dp[t,s] − Σ_j p[t,j] dp[t,j]) · scale
///     dq[t] += Σ_s ds[t,s] k[s],  dk[s] += Σ_t ds[t,s] q[t],  dv[s] += Σ_t p[t,s] dout[t]
///
/// Shapes as there; `dq`, `dk` and `dv` are added to, the latter two over the query heads of a group.
public func attentionBackward<S: ReferenceScalar>(
    _ q: Span<S>, _ k: Span<S>, _ v: Span<S>, probabilities p: Span<S>, dOutput: Span<S>, scale: S,
    shape: AttentionShape, dq: inout MutableSpan<S>, dk: inout MutableSpan<S>, dv: inout MutableSpan<S>
) {
    let (queries, keys, size) = (shape.queries, shape.keys, shape.headSize)
    let rows = shape.batch * shape.heads * queries
    precondition(
        q.count == rows * size && dOutput.count == q.count && dq.count == q.count && p.count == rows * keys
            && k.count == shape.batch * keys * shape.keyValueHeads * size && v.count == k.count
            && dk.count == k.count && dv.count == k.count,
        "attentionBackward: \(q.count) queries, \(k.count) keys, \(dOutput.count) gradients for \(shape)")

    for row in 0..<rows {
        let (b, a, t) = (row / queries / shape.heads, row / queries % shape.heads, row % queries)
        let query = shape.queryOffset(b, t, a)

        // gradient of the probabilities, and their mean under p
        var dp = [S](repeating: 0, count: keys)
        var mean: S = 0
        for s in 0..<keys {
            let key = shape.keyOffset(b, s, a)
            for i in 0..<size {
                dp[s] += dOutput[query + i] * v[key + i]
                dv[key + i] += p[row * keys + s] * dOutput[query + i]
            }
            mean += p[row * keys + s] * dp[s]
        }

        // gradient of the scores, carried to query and key
        for s in 0..<keys {
            let key = shape.keyOffset(b, s, a)
            let ds = p[row * keys + s] * (dp[s] - mean) * scale
            for i in 0..<size {
                dq[query + i] += ds * k[key + i]
                dk[key + i] += ds * q[query + i]
            }
        }
    }
}
