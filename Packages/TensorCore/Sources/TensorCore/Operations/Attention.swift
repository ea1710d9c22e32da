import Parallel
import CTensorKernels

/// Scaled dot-product attention with grouped heads: softmax(q kᵀ · scale + mask) v.
///
/// - Parameters:
///   - query: `[batch, T, heads, headSize]`.
///   - key: `[batch, S, keyValueHeads, headSize]`; query head i uses head i · keyValueHeads / heads. Views of a longer
///     cache are read in place.
///   - value: Of `key`'s shape.
///   - mask: Which keys a query sees.
///   - scale: 1/√headSize by default.
/// - Returns: `[batch, T, heads, headSize]`. A query that sees no key gets zeros.
///
/// Scores are never held whole: blocks of rows are computed, used and, for the gradient, computed again from the
/// logarithm of their sum. Sources: Vaswani et al. 2017, arXiv:1706.03762, eq. 1; Ainslie et al. 2023,
/// arXiv:2305.13245 (groups); Dao et al. 2022, arXiv:2205.14135 (recomputation).
public func attention(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, mask: AttentionMask = .causal, scale: Float? = nil
) -> Tensor {
    let layout = AttentionLayout(query, key, value, mask: mask, scale: scale)
    let (q, k, v) = (query.readableByHead, key.readableByHead, value.readableByHead)
    let result = Tensor.uninitialized(query.shape)
    let logSums = Tensor.uninitialized([layout.batch, layout.heads, layout.queries])
    Profiler.measure(
        "attention", operations: layout.operations(products: 2),
        bytes: 4 * (2 * query.elementCount + key.elementCount + value.elementCount), shape: result.shape
    ) {
        layout.forward(q.heads, k.heads, v.heads, into: result.heads, logSums: logSums.floatBase)
    }
    withExtendedLifetime((q, k, v)) {}
    guard Tensor.records(query, key, value) else { return result }
    let (q0, k0, v0, out) = (q.detached, k.detached, v.detached, result)
    return result.recorded("attention", from: [query, key, value]) { dy, inputs in
        Profiler.addBackward("attention", operations: layout.operations(products: 5))
        let dOut = dy.readableByHead
        let (dq, dk, dv) = (Tensor.uninitialized(q0.shape), Tensor.zeros(k0.shape), Tensor.zeros(v0.shape))
        layout.backward(
            q0.heads, k0.heads, v0.heads, output: out.heads, logSums: logSums.floatBase, dOutput: dOut.heads,
            dq: dq.heads, dk: dk.heads, dv: dv.heads)
        withExtendedLifetime((dOut, q0, k0, v0, out, logSums)) {}
        inputs.add(dq, to: 0)
        inputs.add(dk, to: 1)
        inputs.add(dv, to: 2)
    }
}

/// The elements of `[batch, tokens, heads, headSize]`, read head by head where they lie.
private struct HeadPointers {
    let base: UnsafeMutablePointer<Float>
    let batchStride, tokenStride, headStride: Int

    func head(_ batch: Int, _ head: Int, token: Int = 0) -> UnsafeMutablePointer<Float> {
        base + batch * batchStride + head * headStride + token * tokenStride
    }
}

extension Tensor {
    /// This tensor, or a copy if the elements of a head do not lie together.
    fileprivate var readableByHead: Tensor {
        require(dtype == .float32, "attention on \(dtype); convert to float32 first")
        return strides[3] == 1 || shape[3] == 1 ? self : contiguous
    }

    fileprivate var heads: HeadPointers {
        HeadPointers(base: floatBase, batchStride: strides[0], tokenStride: strides[1], headStride: strides[2])
    }
}

private struct AttentionLayout: Sendable {
    let batch, queries, keys, heads, keyValueHeads, headSize: Int
    let scale: Float
    let mask: AttentionMask

    init(_ query: Tensor, _ key: Tensor, _ value: Tensor, mask: AttentionMask, scale: Float?) {
        require(
            query.rank == 4 && key.rank == 4 && key.shape == value.shape && query.shape[0] == key.shape[0]
                && query.shape[3] == key.shape[3] && key.shape[2] > 0 && query.shape[2] % key.shape[2] == 0,
            "attention: query \(query.shape), key \(key.shape), value \(value.shape)")
        (batch, queries, heads, headSize) = (query.shape[0], query.shape[1], query.shape[2], query.shape[3])
        (keys, keyValueHeads) = (key.shape[1], key.shape[2])
        self.scale = scale ?? 1 / Float(headSize).squareRoot()
        self.mask = mask
        mask.check(batch: batch, queries: queries, keys: keys)
    }

    /// Floating-point operations of some products of a query block and its keys, half of them where it is causal.
    func operations(products: Int) -> Int {
        let share = if case .causal = mask.rule, queries > 1 { 2 * keys - queries } else { 2 * keys }
        return products * batch * heads * queries * headSize * share
    }

    /// Query heads that share a key/value head. Their rows are worked on together, so that keys are read once.
    private var group: Int { heads / keyValueHeads }

    /// Tokens of a block: about 128 rows of scores, and few enough that little of a causal block is hidden.
    private var blockTokens: Int {
        if case .full = mask.rule { return max(16, 128 / group) }
        return max(16, (group == 1 ? 64 : 128) / group)
    }

    /// A block of tokens of one key/value head; rows are ordered by query head, then token.
    private struct Block {
        let batch, keyValueHead, firstToken, tokens, rows: Int
    }

    private func block(_ index: Int, batch b: Int, keyValueHead kv: Int) -> Block {
        let first = index * blockTokens
        let tokens = min(blockTokens, queries - first)
        return Block(batch: b, keyValueHead: kv, firstToken: first, tokens: tokens, rows: tokens * group)
    }

    func forward(
        _ q: HeadPointers, _ k: HeadPointers, _ v: HeadPointers, into out: HeadPointers,
        logSums: UnsafeMutablePointer<Float>
    ) {
        let blocks = (queries + blockTokens - 1) / blockTokens
        parallelFor(batch * keyValueHeads * blocks) { task in
            // the longest rows first: they are the last of a causal mask
            let block = block(
                blocks - 1 - task % blocks, batch: task / (keyValueHeads * blocks),
                keyValueHead: task / blocks % keyValueHeads)
            withUnsafeTemporaryAllocation(of: Float.self, capacity: block.rows * (keys + headSize + 1)) { buffer in
                let scores = buffer.baseAddress!
                let rows = scores + block.rows * keys
                let logSum = rows + block.rows * headSize
                gather(q, block, into: rows)
                let width = maskedScores(rows, k, block, into: scores)
                for row in 0..<block.rows {
                    let visible = visibleKeys(block, row, within: width)
                    let line = scores + row * width
                    ctk_softmax(line, line, logSum + row, 1, visible, width)
                    (line + visible).update(repeating: 0, count: width - visible)
                }
                BLAS.gemm(
                    false, false, block.rows, headSize, width, scores, width, v.head(block.batch, block.keyValueHead),
                    v.tokenStride, rows, headSize)
                scatter(rows, block, to: out)
                for head in 0..<group {
                    (logSums + logSumOffset(block, head)).update(
                        from: logSum + head * block.tokens, count: block.tokens)
                }
            }
        }
    }

    func backward(
        _ q: HeadPointers, _ k: HeadPointers, _ v: HeadPointers, output: HeadPointers,
        logSums: UnsafePointer<Float>, dOutput: HeadPointers, dq: HeadPointers, dk: HeadPointers, dv: HeadPointers
    ) {
        let blocks = (queries + blockTokens - 1) / blockTokens
        // a key/value head collects the gradients of its query heads in one task, in a fixed order
        parallelFor(batch * keyValueHeads) { task in
            let (b, kv) = (task / keyValueHeads, task % keyValueHeads)
            let (kHead, vHead) = (k.head(b, kv), v.head(b, kv))
            let rowsAtMost = min(blockTokens, queries) * group
            let capacity = rowsAtMost * (2 * keys + 3 * headSize + 1)
            withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity) { buffer in
                let p = buffer.baseAddress!
                let dp = p + rowsAtMost * keys
                let qRows = dp + rowsAtMost * keys
                let dOut = qRows + rowsAtMost * headSize
                let other = dOut + rowsAtMost * headSize
                let delta = other + rowsAtMost * headSize
                for index in 0..<blocks {
                    let block = block(index, batch: b, keyValueHead: kv)
                    gather(q, block, into: qRows)
                    gather(dOutput, block, into: dOut)

                    // P again, from the scores and the saved logarithms of their sums
                    let width = maskedScores(qRows, k, block, into: p)
                    for row in 0..<block.rows {
                        let visible = visibleKeys(block, row, within: width)
                        let line = p + row * width
                        let logSum = logSums + logSumOffset(block, row / block.tokens) + row % block.tokens
                        ctk_exponential_of_rows(line, 1, logSum, line, 1, visible, width)
                        (line + visible).update(repeating: 0, count: width - visible)
                    }

                    // δ = Σ dO ⊙ O;  dP = dO Vᵀ;  dS = P ⊙ (dP − δ) · scale
                    gather(output, block, into: other)
                    for row in 0..<block.rows {
                        var dot = 0.0
                        ctk_dot(dOut + row * headSize, other + row * headSize, headSize, &dot)
                        delta[row] = Float(dot)
                    }
                    BLAS.gemm(
                        false, true, block.rows, width, headSize, dOut, headSize, vHead, v.tokenStride, dp, width)
                    ctk_attention_softmax_backward(p, dp, delta, scale, dp, block.rows, width, width)

                    // dV += Pᵀ dO;  dK += dSᵀ Q;  dQ = dS K
                    BLAS.gemm(
                        true, false, width, headSize, block.rows, p, width, dOut, headSize, beta: 1, dv.head(b, kv),
                        dv.tokenStride)
                    BLAS.gemm(
                        true, false, width, headSize, block.rows, dp, width, qRows, headSize, beta: 1, dk.head(b, kv),
                        dk.tokenStride)
                    BLAS.gemm(
                        false, false, block.rows, headSize, width, dp, width, kHead, k.tokenStride, other, headSize)
                    scatter(other, block, to: dq)
                }
            }
        }
    }

    // MARK: Rows of a block

    /// Copies a block's rows to lie one after another.
    private func gather(_ source: HeadPointers, _ block: Block, into rows: UnsafeMutablePointer<Float>) {
        forEachRow(source, block) { row, place in (rows + row * headSize).update(from: place, count: headSize) }
    }

    /// The other way round.
    private func scatter(_ rows: UnsafePointer<Float>, _ block: Block, to target: HeadPointers) {
        forEachRow(target, block) { row, place in place.update(from: rows + row * headSize, count: headSize) }
    }

    private func forEachRow(
        _ tensor: HeadPointers, _ block: Block, _ body: (_ row: Int, _ place: UnsafeMutablePointer<Float>) -> Void
    ) {
        for head in 0..<group {
            var place = tensor.head(block.batch, block.keyValueHead * group + head, token: block.firstToken)
            for token in 0..<block.tokens {
                body(head * block.tokens + token, place)
                place += tensor.tokenStride
            }
        }
    }

    /// Where the logarithms of a block's sums begin for one of its query heads, in `[batch, heads, queries]`.
    private func logSumOffset(_ block: Block, _ head: Int) -> Int {
        (block.batch * heads + block.keyValueHead * group + head) * queries + block.firstToken
    }

    /// Scores of a block with key bias and explicit mask applied; returns the keys any of its rows may see.
    ///
    /// Rows are `width` floats apart. Columns beyond a row's own limit are not yet hidden.
    private func maskedScores(
        _ rows: UnsafePointer<Float>, _ k: HeadPointers, _ block: Block, into scores: UnsafeMutablePointer<Float>
    ) -> Int {
        let b = block.batch
        let last = block.firstToken + block.tokens - 1
        let width = mask.limit(batch: b, query: last, queries: queries, keys: keys)
        BLAS.gemm(
            false, true, block.rows, width, headSize, alpha: scale, rows, headSize, k.head(b, block.keyValueHead),
            k.tokenStride, scores, width)
        mask.keyBias?.withPointer(of: Float.self) { bias in
            ctk_add_bias(scores, bias + b * keys, scores, block.rows, width)
        }
        if case .visible(let visible) = mask.rule {
            visible.withPointer(of: UInt8.self) { visible in
                let plane = visible + (mask.isShared ? 0 : b * queries * keys)
                for row in 0..<block.rows {
                    let line = plane + (block.firstToken + row % block.tokens) * keys
                    for column in 0..<width where line[column] == 0 { scores[row * width + column] = -.infinity }
                }
            }
        }
        return width
    }

    private func visibleKeys(_ block: Block, _ row: Int, within width: Int) -> Int {
        let query = block.firstToken + row % block.tokens
        return min(width, mask.limit(batch: block.batch, query: query, queries: queries, keys: keys))
    }
}

extension AttentionMask {
    /// Whether one explicit mask serves every row of the batch.
    fileprivate var isShared: Bool {
        if case .visible(let mask) = rule { return mask.shape[0] == 1 }
        return true
    }
}
