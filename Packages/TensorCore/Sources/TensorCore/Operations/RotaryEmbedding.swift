import Parallel
import CTensorKernels

/// Cosines and sines of rotary position embedding for positions 0, 1, …
///
///     angle[p, i] = p · f[i],  f[i] = base^(−2i / headSize)
///
/// Built in `Float`, as the references do. Source: Su et al. 2021, arXiv:2104.09864, eq. 34.
public struct RotaryTable: Sendable {
    /// `[positions, headSize / 2]`, multiplied by the attention factor.
    public let cosine: Tensor
    /// `[positions, headSize / 2]`, multiplied by the attention factor.
    public let sine: Tensor

    public var positionCount: Int { cosine.shape[0] }
    /// Elements of a head.
    public var headSize: Int { 2 * cosine.shape[1] }

    /// YaRN: frequencies that let a model run on longer texts than it was trained on.
    ///
    /// Peng et al. 2023, arXiv:2309.00071, section 3.2, in the form of the MiniMind reference. In use only when the table
    /// is longer than `originalPositionCount`.
    public struct YaRN: Sendable, Hashable, Codable {
        public var originalPositionCount: Int
        public var factor: Float
        public var betaFast: Float
        public var betaSlow: Float
        public var attentionFactor: Float

        public init(
            originalPositionCount: Int = 2048, factor: Float = 16, betaFast: Float = 32, betaSlow: Float = 1,
            attentionFactor: Float = 1
        ) {
            self.originalPositionCount = originalPositionCount
            self.factor = factor
            self.betaFast = betaFast
            self.betaSlow = betaSlow
            self.attentionFactor = attentionFactor
        }
    }

    /// - Parameters:
    ///   - headSize: Even.
    ///   - positionCount: Rows of the table.
    ///   - base: θ of the frequencies `base^(−2i / headSize)`.
    ///   - yarn: Stretches them for longer texts; nil for none.
    public init(headSize: Int, positionCount: Int, base: Float, yarn: YaRN? = nil) {
        require(headSize > 0 && headSize % 2 == 0, "rotary embedding of head size \(headSize)")
        var frequencies = RotaryTable.frequencies(headSize: headSize, base: base)
        var factor: Float = 1
        if let yarn, positionCount > yarn.originalPositionCount {
            frequencies = RotaryTable.scaled(frequencies, by: yarn, headSize: headSize, base: base)
            factor = yarn.attentionFactor
        }
        let half = headSize / 2
        let (cosine, sine) = (
            Tensor.uninitialized([positionCount, half]), Tensor.uninitialized([positionCount, half])
        )
        parallelFor((positionCount + 255) / 256) { block in
            for position in block * 256..<min(positionCount, block * 256 + 256) {
                for i in 0..<half {
                    let angle = Float(position) * frequencies[i]
                    cosine.floatBase[position * half + i] = Libm.cosine(angle) * factor
                    sine.floatBase[position * half + i] = Libm.sine(angle) * factor
                }
            }
        }
        self.cosine = cosine
        self.sine = sine
    }

    private static func frequencies(headSize: Int, base: Float) -> [Float] {
        (0..<headSize / 2).map { 1 / Libm.power(base, Float(2 * $0) / Float(headSize)) }
    }

    /// Low frequencies divided by the factor, high ones kept, a ramp between.
    private static func scaled(_ frequencies: [Float], by yarn: YaRN, headSize: Int, base: Float) -> [Float] {
        func dimension(_ beta: Float) -> Double {
            let rotations = Double(yarn.originalPositionCount) / (Double(beta) * 2 * .pi)
            return Double(headSize) * Libm.logarithm(rotations) / (2 * Libm.logarithm(Double(base)))
        }
        let low = max(dimension(yarn.betaFast).rounded(.down), 0)
        let high = min(dimension(yarn.betaSlow).rounded(.up), Double(headSize / 2 - 1))
        return frequencies.enumerated().map { i, frequency in
            let ramp = Float(min(max((Double(i) - low) / max(high - low, 0.001), 0), 1))
            return frequency * (1 - ramp + ramp / yarn.factor)
        }
    }

    /// The rows of given positions, `[positions.count, headSize / 2]`.
    func rows(at positions: [Int]) -> (cosine: Tensor, sine: Tensor) {
        (cosine.gatheringRows(positions), sine.gatheringRows(positions))
    }
}

/// Rotates queries or keys by their positions, half-split: elements i and i + headSize/2 of a head make a pair.
///
///     y[i]       = x[i] · cos − x[i + d/2] · sin
///     y[i + d/2] = x[i + d/2] · cos + x[i] · sin
///
/// - Parameters:
///   - x: `[batch, tokens, heads, headSize]`.
///   - table: Of the same head size, long enough for the last token.
///   - firstPosition: Position of the first token: the number of tokens in the key/value cache.
public func rotaryEmbedding(_ x: Tensor, _ table: RotaryTable, firstPosition: Int = 0) -> Tensor {
    require(
        x.rank == 4 && x.shape[3] == table.headSize && firstPosition + x.shape[1] <= table.positionCount,
        "rotaryEmbedding: \(x.shape) from position \(firstPosition), table of \(table.positionCount) × \(table.headSize)"
    )
    let start = firstPosition * table.headSize / 2
    return rotate(x, table.cosine, table.sine, start: start, direction: 1)
}

/// As ``rotaryEmbedding(_:_:firstPosition:)`` with a position for each token, the same for every row of the batch.
public func rotaryEmbedding(_ x: Tensor, _ table: RotaryTable, positions: [Int]) -> Tensor {
    require(
        x.rank == 4 && x.shape[3] == table.headSize && positions.count == x.shape[1],
        "rotaryEmbedding: \(x.shape), \(positions.count) positions, head size \(table.headSize)")
    let (cosine, sine) = table.rows(at: positions)
    return rotate(x, cosine, sine, start: 0, direction: 1)
}

/// As ``rotaryEmbedding(_:_:firstPosition:)`` with a first position for each row of the batch.
public func rotaryEmbedding(_ x: Tensor, _ table: RotaryTable, firstPositions: [Int]) -> Tensor {
    require(
        x.rank == 4 && x.shape[3] == table.headSize && firstPositions.count == x.shape[0]
            && firstPositions.allSatisfy { $0 >= 0 && $0 + x.shape[1] <= table.positionCount },
        "rotaryEmbedding: \(x.shape) from positions \(firstPositions), table of \(table.positionCount) × \(table.headSize)"
    )
    let rows = firstPositions.enumerated().map { row, position in
        rotaryEmbedding(x[row..<row + 1], table, firstPosition: position)
    }
    return .concatenated(rows, axis: 0)
}

private func rotate(_ x: Tensor, _ cosine: Tensor, _ sine: Tensor, start: Int, direction: Float) -> Tensor {
    let (batch, tokens, heads, size) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let input = x.contiguous
    let result = Tensor.uninitialized(x.shape)
    let grain = max(1, Kernel.grain / max(1, heads * size))
    let blocks = (tokens + grain - 1) / grain
    Profiler.measure("rotaryEmbedding", bytes: 8 * x.elementCount, shape: result.shape) {
        input.withPointer(of: Float.self) { x in
            cosine.withPointer(of: Float.self) { cosine in
                sine.withPointer(of: Float.self) { sine in
                    parallelFor(batch * blocks) { task in
                        let token = task % blocks * grain
                        let offset = (task / blocks * tokens + token) * heads * size
                        ctk_rotate_half(
                            x + offset, cosine + start + token * size / 2, sine + start + token * size / 2, direction,
                            result.floatBase + offset, min(grain, tokens - token), heads, size)
                    }
                }
            }
        }
    }
    return result.recorded("rotaryEmbedding", from: [input]) { dy, inputs in
        inputs.add(rotate(dy, cosine, sine, start: start, direction: -direction), to: 0)
    }
}
