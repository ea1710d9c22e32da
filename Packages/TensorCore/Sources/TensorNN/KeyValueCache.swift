public import TensorCore

/// Keys and values of the tokens seen so far, for every layer of a decoder.
///
/// Keys are kept after rotation and before repetition over the query heads. A value: a copy goes on independently.
public struct KeyValueCache: Sendable {
    public var layers: [Layer]

    public init(layerCount: Int) { layers = (0..<layerCount).map { _ in Layer() } }

    /// Tokens seen so far: the position of the next one.
    public var tokenCount: Int { layers.first?.tokenCount ?? 0 }

    /// The cache of one layer.
    public struct Layer: Sendable {
        public private(set) var tokenCount = 0
        // [batch, capacity, keyValueHeads, headSize]
        private var keys: Tensor?
        private var values: Tensor?

        public init() {}

        /// Adds the keys and values of new tokens, `[batch, tokens, keyValueHeads, headSize]`, and returns those of all
        /// tokens as views. Batch, heads and head size are those of the first tokens.
        public mutating func append(keys newKeys: Tensor, values newValues: Tensor) -> (keys: Tensor, values: Tensor) {
            require(newKeys.shape == newValues.shape, "cache: keys \(newKeys.shape), values \(newValues.shape)")
            let total = tokenCount + newKeys.shape[1]
            Self.append(newKeys, to: &keys, at: tokenCount, total: total)
            Self.append(newValues, to: &values, at: tokenCount, total: total)
            tokenCount = total
            return (keys!.slice(axis: 1, 0..<total), values!.slice(axis: 1, 0..<total))
        }

        /// Doubles the memory when it is full, then writes behind the tokens present.
        private static func append(_ new: Tensor, to stored: inout Tensor?, at count: Int, total: Int) {
            let (batch, tokens) = (new.shape[0], new.shape[1])
            let width = new.shape[2] * new.shape[3]
            if let present = stored {
                require(
                    present.shape[0] == batch && present.shape[2] == new.shape[2] && present.shape[3] == new.shape[3],
                    "cache of \(present.shape): new tokens \(new.shape)")
            }
            var target = stored
            stored = nil
            if target == nil || target!.shape[1] < total {
                let capacity = max(total, 2 * (target?.shape[1] ?? 0), 16)
                var larger = Tensor.uninitialized([batch, capacity, new.shape[2], new.shape[3]])
                if let target {
                    copy(target, tokens: count, into: &larger, at: 0, width: width)
                }
                target = larger
            }
            copy(new, tokens: tokens, into: &target!, at: count, width: width)
            stored = target
        }

        private static func copy(_ source: Tensor, tokens: Int, into target: inout Tensor, at first: Int, width: Int) {
            let (from, to) = (source.shape[1] * width, target.shape[1] * width)
            let batch = target.shape[0]
            source.withPointer(of: Float.self) { source in
                target.withMutablePointer(of: Float.self) { target in
                    for b in 0..<batch {
                        (target + b * to + first * width).update(from: source + b * from, count: tokens * width)
                    }
                }
            }
        }
    }
}
