import TensorCore
import TensorTestSupport
import Testing

/// The backward references against central differences of the forward ones, in Double.
@Suite struct ReferenceGradientTests {
    /// Central differences in Double with a step of 1e-5 have an error of about 1e-9.
    private let close = Tolerance(relative: 1e-6, absolute: 1e-7)

    private func numbers(_ count: Int, seed: Int) -> [Double] { randomFloats(count, seed: seed).map { Double($0) } }

    private func zeros(_ count: Int) -> [Double] { [Double](repeating: 0, count: count) }

    private func weighted(_ y: [Double], by dy: [Double]) -> Double { zip(y, dy).reduce(0) { $0 + $1.0 * $1.1 } }

    /// Compares gradients of Σ dy · forward(inputs) with central differences.
    private func check(
        _ inputs: [[Double]], dy: [Double], found: [[Double]], sourceLocation: SourceLocation = #_sourceLocation,
        forward: ([[Double]]) -> [Double]
    ) {
        let expected = centralDifferences(of: inputs) { weighted(forward($0), by: dy) }
        for (index, (gradient, numerical)) in zip(found, expected).enumerated() {
            expectClose(gradient, numerical, within: close, "input \(index)", sourceLocation: sourceLocation)
        }
    }

    @Test func rmsNorm() {
        let (rows, columns) = (3, 5)
        let (x, gamma, dy) = (numbers(15, seed: 1), numbers(5, seed: 2), numbers(15, seed: 3))
        func forward(_ inputs: [[Double]]) -> ([Double], rstd: [Double]) {
            var (y, rstd) = (zeros(rows * columns), zeros(rows))
            var ySpan = y.mutableSpan
            var rstdSpan = rstd.mutableSpan
            let (x, gamma) = (inputs[0], inputs[1])
            rmsNormForward(x.span, gamma: gamma.span, epsilon: 1e-3, into: &ySpan, rstd: &rstdSpan)
            return (y, rstd)
        }
        let rstd = forward([x, gamma]).rstd
        var (dx, dgamma) = (zeros(15), zeros(5))
        var dxSpan = dx.mutableSpan
        var dgammaSpan = dgamma.mutableSpan
        rmsNormBackward(x.span, gamma: gamma.span, rstd: rstd.span, dy: dy.span, into: &dxSpan, dgamma: &dgammaSpan)
        check([x, gamma], dy: dy, found: [dx, dgamma]) { forward($0).0 }
    }

    @Test func layerNorm() {
        let (rows, columns) = (3, 5)
        let (x, gamma, beta) = (numbers(15, seed: 4), numbers(5, seed: 5), numbers(5, seed: 6))
        let dy = numbers(15, seed: 7)
        func forward(_ inputs: [[Double]]) -> ([Double], mean: [Double], rstd: [Double]) {
            var (y, mean, rstd) = (zeros(rows * columns), zeros(rows), zeros(rows))
            var ySpan = y.mutableSpan
            var meanSpan = mean.mutableSpan
            var rstdSpan = rstd.mutableSpan
            let (x, gamma, beta) = (inputs[0], inputs[1], inputs[2])
            layerNormForward(
                x.span, gamma: gamma.span, beta: beta.span, epsilon: 1e-3, into: &ySpan,
                mean: &meanSpan, rstd: &rstdSpan)
            return (y, mean, rstd)
        }
        let (_, mean, rstd) = forward([x, gamma, beta])
        var (dx, dgamma, dbeta) = (zeros(15), zeros(5), zeros(5))
        var dxSpan = dx.mutableSpan
        var dgammaSpan = dgamma.mutableSpan
        var dbetaSpan = dbeta.mutableSpan
        layerNormBackward(
            x.span, gamma: gamma.span, mean: mean.span, rstd: rstd.span, dy: dy.span, into: &dxSpan,
            dgamma: &dgammaSpan, dbeta: &dbetaSpan)
        check([x, gamma, beta], dy: dy, found: [dx, dgamma, dbeta]) { forward($0).0 }
    }

    @Test func softmax() {
        let (x, dy) = (numbers(12, seed: 8), numbers(12, seed: 9))
        func forward(_ x: [Double]) -> [Double] {
            var (y, logSum) = (zeros(12), zeros(3))
            var ySpan = y.mutableSpan
            var logSumSpan = logSum.mutableSpan
            softmaxForward(x.span, into: &ySpan, logSum: &logSumSpan)
            return y
        }
        var dx = zeros(12)
        var dxSpan = dx.mutableSpan
        softmaxBackward(forward(x).span, dy: dy.span, rows: 3, into: &dxSpan)
        check([x], dy: dy, found: [dx]) { forward($0[0]) }
    }

    @Test func crossEntropyOfLogits() {
        let x = numbers(12, seed: 10)
        let target: [Int32] = [3, 0, 2]
        func both(_ x: [Double]) -> (loss: [Double], dx: [Double]) {
            var (loss, dx) = (zeros(3), zeros(12))
            var lossSpan = loss.mutableSpan
            var dxSpan = dx.mutableSpan
            crossEntropy(x.span, target: target.span, scale: 0.25, loss: &lossSpan, into: &dxSpan)
            return (loss, dx)
        }
        check([x], dy: [0.25, 0.25, 0.25], found: [both(x).dx]) { both($0[0]).loss }
    }

    @Test func rotation() {
        let (x, dy, angles) = (numbers(24, seed: 11), numbers(24, seed: 12), numbers(6, seed: 13))
        let (cosine, sine) = (angles.map { Double.cos($0) }, angles.map { Double.sin($0) })
        func rotate(_ x: [Double], direction: Double) -> [Double] {
            var y = zeros(24)
            var output = y.mutableSpan
            rotateHalf(
                x.span, cosine: cosine.span, sine: sine.span, direction: direction, tokens: 2, heads: 2, into: &output)
            return y
        }
        check([x], dy: dy, found: [rotate(dy, direction: -1)]) { rotate($0[0], direction: 1) }
    }

    @Test func activations() {
        let functions: [((Double) -> Double, (Double) -> Double)] = [
            ({ Activation.silu($0) }, { Activation.siluSlope($0) }),
            ({ Activation.gelu($0) }, { Activation.geluSlope($0) }),
            ({ Activation.geluTanh($0) }, { Activation.geluTanhSlope($0) }),
            ({ Activation.quickGELU($0) }, { Activation.quickGELUSlope($0) }),
            ({ Activation.relu($0) }, { Activation.reluSlope($0) }),
        ]
        let x = [-40, -7, -2.5, -1, -0.3, 0.2, 1, 3, 9, 40]
        for (function, slope) in functions {
            check([x], dy: [Double](repeating: 1, count: x.count), found: [x.map(slope)]) { $0[0].map(function) }
        }
    }

    @Test func gatedUnit() {
        let (gate, up, dy) = (numbers(9, seed: 14), numbers(9, seed: 15), numbers(9, seed: 16))
        var (dgate, dup) = (zeros(9), zeros(9))
        var dgateSpan = dgate.mutableSpan
        var dupSpan = dup.mutableSpan
        siluMultiplyBackward(gate.span, up: up.span, dy: dy.span, dgate: &dgateSpan, dup: &dupSpan)
        check([gate, up], dy: dy, found: [dgate, dup]) { inputs in
            var y = zeros(9)
            var output = y.mutableSpan
            let (gate, up) = (inputs[0], inputs[1])
            siluMultiplyForward(gate.span, up: up.span, into: &output)
            return y
        }
    }

    static let attentionShapes = [
        AttentionShape(batch: 1, queries: 3, keys: 3, heads: 1, keyValueHeads: 1, headSize: 2, isCausal: false),
        AttentionShape(batch: 2, queries: 3, keys: 3, heads: 4, keyValueHeads: 2, headSize: 2, isCausal: true),
        AttentionShape(batch: 1, queries: 2, keys: 5, heads: 2, keyValueHeads: 1, headSize: 3, isCausal: true),
        AttentionShape(
            batch: 2, queries: 4, keys: 4, heads: 2, keyValueHeads: 2, headSize: 2, isCausal: true,
            prefixLengths: [3, 0]),
        // more queries than keys: the first see nothing
        AttentionShape(batch: 1, queries: 4, keys: 2, heads: 1, keyValueHeads: 1, headSize: 2, isCausal: true),
    ]

    @Test(arguments: attentionShapes, [false, true])
    func attention(shape: AttentionShape, hasBias: Bool) {
        let queryCount = shape.batch * shape.queries * shape.heads * shape.headSize
        let keyCount = shape.batch * shape.keys * shape.keyValueHeads * shape.headSize
        let (q, k, v) = (numbers(queryCount, seed: 17), numbers(keyCount, seed: 18), numbers(keyCount, seed: 19))
        var bias = hasBias ? numbers(shape.batch * shape.keys, seed: 20) : []
        if hasBias { bias[0] = -.infinity }
        let dy = numbers(queryCount, seed: 21)

        func forward(_ inputs: [[Double]]) -> ([Double], p: [Double]) {
            var (y, p) = (zeros(queryCount), zeros(shape.batch * shape.heads * shape.queries * shape.keys))
            var ySpan = y.mutableSpan
            var pSpan = p.mutableSpan
            let (q, k, v) = (inputs[0], inputs[1], inputs[2])
            attentionForward(
                q.span, k.span, v.span, keyBias: bias.span, scale: 0.6, shape: shape,
                into: &ySpan, probabilities: &pSpan)
            return (y, p)
        }
        let p = forward([q, k, v]).p
        for row in 0..<p.count / shape.keys {
            let line = p[row * shape.keys..<(row + 1) * shape.keys]
            let total = line.reduce(0, +)
            #expect(total == 0 || abs(total - 1) < 1e-12)
        }

        var (dq, dk, dv) = (zeros(queryCount), zeros(keyCount), zeros(keyCount))
        var dqSpan = dq.mutableSpan
        var dkSpan = dk.mutableSpan
        var dvSpan = dv.mutableSpan
        attentionBackward(
            q.span, k.span, v.span, probabilities: p.span, dOutput: dy.span, scale: 0.6, shape: shape, dq: &dqSpan,
            dk: &dkSpan, dv: &dvSpan)
        check([q, k, v], dy: dy, found: [dq, dk, dv]) { forward($0).0 }
    }

    /// Four queries on two keys: the last two see one and two keys, the first two none.
    @Test func queriesWithoutKeysGetZeros() {
        let shape = Self.attentionShapes[4]
        let (q, k): ([Double], [Double]) = (numbers(8, seed: 22), numbers(4, seed: 23))
        let (v, noBias): ([Double], [Double]) = ([1, 2, 3, 4], [])
        var (y, p) = (numbers(8, seed: 24), zeros(8))
        var ySpan = y.mutableSpan
        var pSpan = p.mutableSpan
        attentionForward(
            q.span, k.span, v.span, keyBias: noBias.span, scale: 1, shape: shape, into: &ySpan,
            probabilities: &pSpan)
        #expect(y[..<4] == [0, 0, 0, 0])
        #expect(y[4..<6] == [1, 2])
        #expect(y[6] > 1 && y[6] < 3)
    }
}
