/// Which keys a query sees. With T queries after S − T earlier tokens, query j is token S − T + j.
public struct AttentionMask: Sendable {
    enum Rule: Sendable {
        case full
        case causal
        /// Per batch row: every query sees the first keys, beyond them the rule is causal.
        case prefix([Int])
        /// Causal, each batch row with its own number of keys.
        case causalOver([Int])
        /// `[batch or 1, T, S]`, 0 hides.
        case visible(Tensor)
    }

    var rule: Rule
    /// `[batch, S]`, added to the scores of every query; −∞ hides a key.
    public var keyBias: Tensor?

    /// Every query sees every key.
    public static let full = AttentionMask(rule: .full)
    /// A query sees itself and what came before.
    public static let causal = AttentionMask(rule: .causal)

    /// Causal, but for a prefix that all queries see whole: images and text before actions.
    ///
    /// - Parameter lengths: Prefix length of each batch row.
    public static func prefix(lengths: [Int]) -> AttentionMask { AttentionMask(rule: .prefix(lengths)) }

    /// Causal for rows of different lengths: the last query of row b is token `keyCounts[b]` − 1; what stands behind in
    /// the row is not read.
    ///
    /// A row has the same bits as alone, with as many keys as its count.
    public static func causal(keyCounts: [Int]) -> AttentionMask { AttentionMask(rule: .causalOver(keyCounts)) }

    /// Whether it is ``causal`` and nothing else.
    public var isPlainCausal: Bool {
        if case .causal = rule { keyBias == nil } else { false }
    }

    /// A mask of `uint8` or `bool`, `[batch, T, S]` or `[1, T, S]`: 0 hides the key from the query.
    public static func visible(_ mask: Tensor) -> AttentionMask {
        require(
            mask.rank == 3 && (mask.dtype == .uint8 || mask.dtype == .bool), "mask \(mask.shape) of \(mask.dtype)")
        let bytes = mask.dtype == .uint8 ? mask : mask.converted(to: .uint8)
        return AttentionMask(rule: .visible(bytes.contiguous))
    }

    /// Blocks of tokens: a 1 opens a new block; a query sees all blocks up to its own, itself included.
    ///
    /// As in pi0 (arXiv:2410.24164) and PaliGemma: images and text one block, state one, actions one.
    public static func blocks(openedBy flags: [Int]) -> AttentionMask {
        var block = 0
        let blocks = flags.map { flag -> Int in
            block += flag
            return block
        }
        let mask = blocks.flatMap { query in blocks.map { key in UInt8(key <= query ? 1 : 0) } }
        return .visible(Tensor(scalars: mask, [1, flags.count, flags.count]))
    }

    /// The same rule with a padding mask: 1 keeps a key, 0 adds `bias` to its scores.
    ///
    /// - Parameters:
    ///   - padding: `[batch, S]` of 0 and 1.
    ///   - bias: −10⁹ as in the MiniMind reference; −∞ hides a key from rows that see no other, too.
    public func padding(_ padding: Tensor, bias: Float = -1e9) -> AttentionMask {
        var result = self
        result.keyBias = padding.converted(to: .float32).mapElements { $0 == 0 ? bias : 0 }
        return result
    }

    /// The mask as numbers to add to scores, 0 or −∞ and the key bias: `[batch or 1, queries, keys]`.
    public func bias(batch: Int, queries: Int, keys: Int) -> Tensor {
        check(batch: batch, queries: queries, keys: keys)
        let isShared =
            switch rule {
            case .full, .causal: true
            case .prefix, .causalOver: false
            case .visible(let mask): mask.shape[0] == 1
            }
        let planes = isShared ? 1 : batch
        var bias = [Float](repeating: 0, count: planes * queries * keys)
        for (b, query) in (0..<planes * queries).map({ ($0 / queries, $0 % queries) }) {
            let row = (b * queries + query) * keys
            for key in limit(batch: b, query: query, queries: queries, keys: keys)..<keys {
                bias[row + key] = -.infinity
            }
        }
        if case .visible(let visible) = rule {
            for (index, isVisible) in visible.elements(of: UInt8.self).enumerated() where isVisible == 0 {
                bias[index] = -.infinity
            }
        }
        let result = Tensor(bias, [planes, queries, keys])
        return keyBias.map { result + $0.expandingDimension(at: 1) } ?? result
    }

    /// Traps when the mask does not belong to attention of these sizes.
    func check(batch: Int, queries: Int, keys: Int) {
        switch rule {
        case .full: break
        case .causal: require(keys >= queries, "causal attention of \(queries) queries over \(keys) keys")
        case .prefix(let lengths):
            require(
                lengths.count == batch && keys >= queries,
                "prefix mask of \(lengths.count) lengths for batch \(batch), \(queries) queries, \(keys) keys")
        case .causalOver(let counts):
            require(
                counts.count == batch && counts.allSatisfy { $0 >= queries && $0 <= keys },
                "causal attention of \(queries) queries over \(counts) keys for batch \(batch), \(keys) keys")
        case .visible(let mask):
            require(
                (mask.shape[0] == batch || mask.shape[0] == 1) && mask.shape[1] == queries && mask.shape[2] == keys,
                "mask \(mask.shape) for batch \(batch), \(queries) queries, \(keys) keys")
        }
        if let keyBias {
            require(keyBias.shape == [batch, keys], "key bias \(keyBias.shape) for batch \(batch), \(keys) keys")
        }
    }

    /// Keys 0..<limit may be seen by a query; for `visible` all of them, before its own mask.
    func limit(batch: Int, query: Int, queries: Int, keys: Int) -> Int {
        switch rule {
        case .full, .visible: keys
        case .causal: keys - queries + query + 1
        case .causalOver(let counts): counts[batch] - queries + query + 1
        case .prefix(let lengths): min(keys, max(lengths[batch], keys - queries + query + 1))
        }
    }
}
