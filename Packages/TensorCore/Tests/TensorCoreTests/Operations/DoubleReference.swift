import Foundation

/// Plain `Double` versions of operations, row-major, written as the formulas are: the oracle of the gradient tests.
enum DoubleReference {
    static func matmul(_ a: [Double], _ b: [Double], _ m: Int, _ k: Int, _ n: Int, transposed: Bool = false) -> [Double]
    {
        var c = [Double](repeating: 0, count: m * n)
        for i in 0..<m {
            for j in 0..<n {
                for l in 0..<k { c[i * n + j] += a[i * k + l] * (transposed ? b[j * k + l] : b[l * n + j]) }
            }
        }
        return c
    }

    static func rows(_ x: [Double], _ columns: Int, _ body: ([Double]) -> [Double]) -> [Double] {
        stride(from: 0, to: x.count, by: columns).flatMap { body(Array(x[$0..<$0 + columns])) }
    }

    static func softmax(_ row: [Double]) -> [Double] {
        let largest = row.max() ?? 0
        if largest == -.infinity { return row.map { _ in 0 } }
        let e = row.map { exp($0 - largest) }
        let sum = e.reduce(0, +)
        return e.map { $0 / sum }
    }

    static func logSumExp(_ row: [Double]) -> Double {
        let largest = row.max()!
        return largest + log(row.map { exp($0 - largest) }.reduce(0, +))
    }

    static func rmsNorm(_ row: [Double], _ gamma: [Double], _ epsilon: Double) -> [Double] {
        let mean = row.map { $0 * $0 }.reduce(0, +) / Double(row.count)
        return zip(row, gamma).map { $0 / (mean + epsilon).squareRoot() * $1 }
    }

    static func layerNorm(_ row: [Double], _ gamma: [Double], _ beta: [Double], _ epsilon: Double) -> [Double] {
        let mean = row.reduce(0, +) / Double(row.count)
        let variance = row.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(row.count)
        return row.indices.map { (row[$0] - mean) / (variance + epsilon).squareRoot() * gamma[$0] + beta[$0] }
    }

    struct AttentionSizes {
        var batch = 1
        var queries: Int
        var keys: Int
        var heads: Int
        var keyValueHeads: Int
        var size: Int
    }

    /// q `[B, T, H, d]`, k and v `[B, S, K, d]`; `score` adds to a score or hides it by −∞.
    static func attention(
        _ q: [Double], _ k: [Double], _ v: [Double], _ s: AttentionSizes,
        score: (_ batch: Int, _ query: Int, _ key: Int) -> Double
    ) -> [Double] {
        var out = [Double](repeating: 0, count: q.count)
        for b in 0..<s.batch {
            for h in 0..<s.heads {
                let kv = h * s.keyValueHeads / s.heads
                for t in 0..<s.queries {
                    let at = ((b * s.queries + t) * s.heads + h) * s.size
                    let scores = (0..<s.keys).map { key -> Double in
                        let to = ((b * s.keys + key) * s.keyValueHeads + kv) * s.size
                        let dot = (0..<s.size).map { q[at + $0] * k[to + $0] }.reduce(0, +)
                        return dot / Double(s.size).squareRoot() + score(b, t, key)
                    }
                    for (key, p) in softmax(scores).enumerated() {
                        let from = ((b * s.keys + key) * s.keyValueHeads + kv) * s.size
                        for i in 0..<s.size { out[at + i] += p * v[from + i] }
                    }
                }
            }
        }
        return out
    }

    /// x `[B, C, H, W]`, weight `[O, C, kh, kw]` → `[B, O, rows, columns]`.
    static func convolution(
        _ x: [Double], _ w: [Double], _ bias: [Double], x shape: [Int], w kernel: [Int], stride: Int, padding: Int
    ) -> [Double] {
        let (batch, channels, height, width) = (shape[0], shape[1], shape[2], shape[3])
        let (outputs, kh, kw) = (kernel[0], kernel[2], kernel[3])
        let rows = (height + 2 * padding - kh) / stride + 1
        let columns = (width + 2 * padding - kw) / stride + 1
        var y: [Double] = []
        for b in 0..<batch {
            for o in 0..<outputs {
                for r in 0..<rows {
                    for c in 0..<columns {
                        var sum = bias[o]
                        for channel in 0..<channels {
                            for i in 0..<kh {
                                for j in 0..<kw {
                                    let (py, px) = (r * stride + i - padding, c * stride + j - padding)
                                    guard py >= 0, py < height, px >= 0, px < width else { continue }
                                    sum +=
                                        x[((b * channels + channel) * height + py) * width + px]
                                        * w[((o * channels + channel) * kh + i) * kw + j]
                                }
                            }
                        }
                        y.append(sum)
                    }
                }
            }
        }
        return y
    }
}
