import Foundation
import TensorCore
import TensorTestSupport
import Testing

@Suite struct AttentionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var batch = 2
        let queries: Int
        let keys: Int
        var heads = 4
        var keyValueHeads = 2
        let mask: AttentionMask
        /// Added to the score of (batch, query, key).
        let score: @Sendable (Int, Int, Int) -> Double
        var testDescription: String { name }
    }

    static let hidden: Tensor = Tensor(
        scalars: (0..<2 * 5 * 7).map { UInt8($0 % 3 == 0 || $0 % 7 == 2 ? 1 : 0) }, [2, 5, 7])
    static let blocks = [1, 0, 1, 1, 0]

    static let cases: [Case] = [
        .init(name: "full", queries: 5, keys: 7, mask: .full) { _, _, _ in 0 },
        .init(name: "causal", queries: 6, keys: 6, mask: .causal) { _, t, s in s <= t ? 0 : -.infinity },
        .init(name: "causal after a cache", queries: 2, keys: 7, mask: .causal) { _, t, s in
            s <= t + 5 ? 0 : -.infinity
        },
        .init(name: "one query", queries: 1, keys: 7, mask: .causal) { _, _, _ in 0 },
        .init(name: "prefix", queries: 6, keys: 6, mask: .prefix(lengths: [3, 1])) { b, t, s in
            s <= t || s < [3, 1][b] ? 0 : -.infinity
        },
        .init(name: "visible", queries: 5, keys: 7, mask: .visible(hidden)) { b, t, s in
            let i = (b * 5 + t) * 7 + s
            return i % 3 == 0 || i % 7 == 2 ? 0 : -.infinity
        },
        .init(name: "blocks", queries: 5, keys: 5, mask: .blocks(openedBy: blocks)) { _, t, s in
            blocks[...s].reduce(0, +) <= blocks[...t].reduce(0, +) ? 0 : -.infinity
        },
        .init(
            name: "padding", queries: 4, keys: 4,
            mask: .causal.padding(Tensor([1, 1, 1, 1, 1, 1, 0, 0], [2, 4]), bias: -.infinity)
        ) { b, t, s in s <= t && (b == 0 || s < 2) ? 0 : -.infinity },
        .init(
            name: "a row that sees nothing", queries: 3, keys: 3,
            mask: .causal.padding(Tensor([0, 1, 1, 1, 1, 1], [2, 3]), bias: -.infinity)
        ) { b, t, s in s <= t && (b == 1 || s > 0) ? 0 : -.infinity },
        .init(name: "many rows", batch: 1, queries: 70, keys: 70, heads: 2, keyValueHeads: 1, mask: .causal) {
            _, t, s in s <= t ? 0 : -.infinity
        },
    ]

    @Test(arguments: cases)
    func gradientOfAttention(_ test: Case) {
        let size = 3
        let sizes = DoubleReference.AttentionSizes(
            batch: test.batch, queries: test.queries, keys: test.keys, heads: test.heads,
            keyValueHeads: test.keyValueHeads, size: size)
        let q = sample([test.batch, test.queries, test.heads, size])
        let k = sample([test.batch, test.keys, test.keyValueHeads, size], seed: 2)
        let v = sample([test.batch, test.keys, test.keyValueHeads, size], seed: 3)
        // 70 rows have too many elements for differences of all of them: the values, and the gradient of the values
        guard test.queries < 64 else {
            let expected = DoubleReference.attention(
                q.floats.map { Double($0) }, k.floats.map { Double($0) }, v.floats.map { Double($0) }, sizes,
                score: test.score)
            expectClose(
                attention(q, k, v, mask: test.mask).floats.map { Double($0) }, expected, within: .reduction)
            expectGradients(of: [v], { attention(q, k, $0[0], mask: test.mask) }) { inputs in
                DoubleReference.attention(
                    q.floats.map { Double($0) }, k.floats.map { Double($0) }, inputs[0], sizes, score: test.score)
            }
            return
        }
        expectGradients(of: [q, k, v], { attention($0[0], $0[1], $0[2], mask: test.mask) }) {
            DoubleReference.attention($0[0], $0[1], $0[2], sizes, score: test.score)
        }
    }

    @Test func viewsOfALongerCacheAreReadInPlace() {
        let q = sample([2, 1, 4, 8])
        let (k, v) = (sample([2, 9, 2, 8], seed: 2), sample([2, 9, 2, 8], seed: 3))
        let (kPart, vPart) = (k.slice(axis: 1, 0..<5), v.slice(axis: 1, 0..<5))
        expectClose(
            attention(q, kPart, vPart), attention(q, kPart.contiguous, vPart.contiguous), within: .exact)
    }
}
