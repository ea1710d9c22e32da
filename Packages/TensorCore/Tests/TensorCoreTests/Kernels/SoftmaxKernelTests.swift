import CTensorKernels
import TensorCore
import TensorTestSupport
import Testing

@Suite struct SoftmaxKernelTests {
    /// softmax(0, ln 3) = (1/4, 3/4).
    @Test(arguments: KernelVariants.names)
    func twoClassesByHand(variant: String) {
        let table = KernelVariants.table(variant)
        var y: [Float] = [0, 1.0986123]
        var logSum: Float = 0
        table.softmax(y, &y, &logSum, 1, 2, 2)
        expectCloseFloats(y, [0.25, 0.75], within: .elementwise)
        expectCloseFloats([logSum], [1.3862944], within: .elementwise)
    }

    /// Rows lie `stride` apart; what lies between them stays.
    @Test(arguments: KernelVariants.names, [0, 3])
    func rowsMatchReference(variant: String, gap: Int) {
        let table = KernelVariants.table(variant)
        for (rows, columns) in matrixSizes + [(2, 30_011)] {
            let size = "\(rows) × \(columns)"
            var x = randomFloats(rows * columns, in: -30...30, seed: 40)
            if columns > 2 { x[columns / 2] = -.infinity }
            let dy = randomFloats(rows * columns, seed: 41)

            var (y, logSum) = (x, [Float](repeating: 0, count: rows))
            var ySpan = y.mutableSpan
            var logSumSpan = logSum.mutableSpan
            softmaxForward(x.span, into: &ySpan, logSum: &logSumSpan)
            let forward = callOffAlignment([], outputs: [spread(x, rows, gap), logSum]) {
                table.softmax($1[0], $1[0], $1[1], rows, columns, columns + gap)
            }
            expectCloseFloats(forward[0], spread(y, rows, gap), within: .reduction, "softmax of \(size)")
            expectCloseFloats(forward[1], logSum, within: .reduction, "logSum of \(size)")

            var dx = y
            var dxSpan = dx.mutableSpan
            softmaxBackward(y.span, dy: dy.span, rows: rows, into: &dxSpan)
            let backward = callOffAlignment([spread(y, rows, gap)], outputs: [spread(dy, rows, gap)]) {
                table.softmax_backward($0[0], $1[0], $1[0], rows, columns, columns + gap)
            }
            expectCloseFloats(backward[0], spread(dx, rows, gap), within: .reduction, "gradient of \(size)")

            var probabilities = x
            var probabilitiesSpan = probabilities.mutableSpan
            exponentialOfRows(x.span, scale: 0.5, logSum: logSum.span, into: &probabilitiesSpan)
            let again = callOffAlignment([spread(x, rows, gap), logSum], outputs: [spread(x, rows, gap)]) {
                table.exponential_of_rows($0[0], 0.5, $0[1], $1[0], rows, columns, columns + gap)
            }
            // the argument's rounding is magnified by its size, up to 60
            expectCloseFloats(
                again[0], spread(probabilities, rows, gap), within: .init(relative: 1e-5, absolute: 1e-7),
                "exp of \(size)")

            let delta = randomFloats(rows, seed: 42)
            var dScores = dy
            var dScoresSpan = dScores.mutableSpan
            attentionSoftmaxBackward(y.span, dy: dy.span, delta: delta.span, scale: 0.125, into: &dScoresSpan)
            let scores = callOffAlignment([spread(y, rows, gap), delta], outputs: [spread(dy, rows, gap)]) {
                table.attention_softmax_backward($0[0], $1[0], $0[1], 0.125, $1[0], rows, columns, columns + gap)
            }
            expectCloseFloats(scores[0], spread(dScores, rows, gap), within: .reduction, "score gradient of \(size)")
        }
    }

    @Test(arguments: KernelVariants.names)
    func hiddenRowsAreZeroAndNaNStaysInItsRow(variant: String) {
        let table = KernelVariants.table(variant)
        for columns in [1, 5, 16, 37] {
            let hidden = [Float](repeating: -.infinity, count: columns)
            var poisoned = hidden
            poisoned[columns - 1] = .nan
            var infinite = randomFloats(columns, seed: 43)
            infinite[0] = .infinity
            let x = hidden + poisoned + infinite + randomFloats(columns, seed: 44)

            var (y, logSum) = (x, [Float](repeating: 0, count: 4))
            var ySpan = y.mutableSpan
            var logSumSpan = logSum.mutableSpan
            softmaxForward(x.span, into: &ySpan, logSum: &logSumSpan)
            let found = callOffAlignment([x], outputs: [x, logSum]) {
                table.softmax($0[0], $1[0], $1[1], 4, columns, columns)
            }
            expectCloseFloats(found[0], y, within: .reduction)
            expectCloseFloats(found[1], logSum, within: .reduction)
            #expect(found[0][..<columns].allSatisfy { $0 == 0 })
            #expect(found[1][0] == -.infinity)
            #expect(found[0][columns..<3 * columns].allSatisfy { $0.isNaN })

            let zeros = callOffAlignment([hidden, [-.infinity]], outputs: [hidden]) {
                table.exponential_of_rows($0[0], 1, $0[1], $1[0], 1, columns, columns)
            }[0]
            #expect(zeros.allSatisfy { $0 == 0 })
        }
    }

    @Test(arguments: KernelVariants.names)
    func crossEntropyMatchesReference(variant: String) {
        let table = KernelVariants.table(variant)
        for (rows, columns) in matrixSizes + [(2, 6400)] {
            let x = randomFloats(rows * columns, in: -10...10, seed: 45)
            let target = (0..<rows).map { Int32(($0 * 7 + columns - 1) % columns) }
            var (dx, loss) = (x, [Float](repeating: 0, count: rows))
            var dxSpan = dx.mutableSpan
            var lossSpan = loss.mutableSpan
            crossEntropy(x.span, target: target.span, scale: 0.25, loss: &lossSpan, into: &dxSpan)

            let found = callOffAlignment([], outputs: [x, loss]) {
                table.cross_entropy($1[0], target, 0.25, $1[1], $1[0], rows, columns)
            }
            expectCloseFloats(found[0], dx, within: .reduction, "gradient of \(rows) × \(columns)")
            expectCloseFloats(found[1], loss, within: .reduction, "loss of \(rows) × \(columns)")
            let lossAlone = callOffAlignment([x], outputs: [loss]) {
                table.cross_entropy($0[0], target, 0.25, $1[0], nil, rows, columns)
            }
            expectCloseFloats(lossAlone[0], loss, within: .reduction, "loss alone of \(rows) × \(columns)")
        }
    }

    /// Rows with `gap` untouched numbers after each.
    private func spread(_ x: [Float], _ rows: Int, _ gap: Int) -> [Float] {
        let columns = x.count / rows
        return (0..<rows).flatMap { x[$0 * columns..<($0 + 1) * columns] + [Float](repeating: 99, count: gap) }
    }
}
