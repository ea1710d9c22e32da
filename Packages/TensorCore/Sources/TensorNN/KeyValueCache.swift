public import TensorCore

/// Keys and values of the tokens seen so far, for every layer of a decoder.
///
/// Keys are kept after rotation and before repetition over the query heads. A value: a copy goes on independently.
public struct KeyValueCache: Sendable {
    public var layers: [Layer]

    public init(layerCount: Int) { layers = (0..<layerCount).map { _ in Layer() } }

    /// Tokens seen so far, of the longest row: the position of its next one.
    public var tokenCount: Int { layers.first?.tokenCount ?? 0 }

    /// Forgets what stands behind the first tokens of each row: the padding of prompts that are not equally long.
    ///
    /// The next tokens of a row come right behind those it keeps, at its own positions; it computes what it would alone.
    ///
    /// - Parameter lengths: Tokens each row keeps, at most as many as it has.
    public mutating func cut(toLengths lengths: [Int]) {
        for index in layers.indices { layers[index].cut(toLengths: lengths) }
    }

    /// The cache of one layer.
    public struct Layer: Sendable {
        /// Of the longest row.
        public private(set) var tokenCount = 0
        /// Tokens of each row; nil when all rows have ``tokenCount``.
        public private(set) var lengths: [Int]?
        // [batch, capacity, keyValueHeads, headSize]
        private var keys: Tensor?
        private var values: Tensor?

        public init() {}

        mutating func cut(toLengths lengths: [Int]) {
            let present = self.lengths ?? lengths.map { _ in tokenCount }
            require(
                lengths.count == keys?.shape[0] ?? 0 && zip(lengths, present).allSatisfy { $0 >= 0 && $0 <= $1 },
                "cache of \(keys?.shape[0] ?? 0) rows of \(present) tokens: cut to \(lengths)")
            tokenCount = lengths.max() ?? 0
            self.lengths = lengths.allSatisfy { $0 == tokenCount } ? nil : lengths
        }

        /// Adds the keys and values of new tokens, `[batch, tokens, keyValueHeads, headSize]`, and returns those of all
        /// tokens as views. Batch, heads and head size are those of the first tokens; of shorter rows the last keys and
        /// values returned mean nothing.
        public mutating func append(keys newKeys: Tensor, values newValues: Tensor) -> (keys: Tensor, values: Tensor) {
            require(newKeys.shape == newValues.shape, "cache: keys \(newKeys.shape), values \(newValues.shape)")
            let total = tokenCount + newKeys.shape[1]
            let places = lengths ?? [Int](repeating: tokenCount, count: newKeys.shape[0])
            Self.append(newKeys, to: &keys, at: places, total: total)
            Self.append(newValues, to: &values, at: places, total: total)
            tokenCount = total
            lengths = lengths?.map { $0 + newKeys.shape[1] }
            return (keys!.slice(axis: 1, 0..<total), values!.slice(axis: 1, 0..<total))
        }

        /// Doubles the memory when it is full, then writes behind the tokens present of each row.
        private static func append(_ new: Tensor, to stored: inout Tensor?, at places: [Int], total: Int) {
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
                    let zeros = [Int](repeating: 0, count: batch)
                    copy(target, tokens: total - tokens, into: &larger, at: zeros, width: width)
                }
                target = larger
            }
            copy(new, tokens: tokens, into: &target!, at: places, width: width)
            stored = target
        }

        private static func copy(
            _ source: Tensor, tokens: Int, into target: inout Tensor, at places: [Int], width: Int
        ) {
            let (from, to) = (source.shape[1] * width, target.shape[1] * width)
            let batch = target.shape[0]
            source.withPointer(of: Float.self) { source in
                target.withMutablePointer(of: Float.self) { target in
                    for b in 0..<batch {
                        (target + b * to + places[b] * width).update(from: source + b * from, count: tokens * width)
                    }
                }
            }
        }
    }
}
