import CTensorKernels
import TensorCore
import TensorTestSupport
import Testing

@Suite struct NormKernelTests {
    private static let sizes = matrixSizes + [(2, 100_003)]

    @Test(arguments: KernelVariants.names)
    func rmsNormMatchesReference(variant: String) {
        let table = KernelVariants.table(variant)
        for (rows, columns) in Self.sizes {
            let (x, gamma) = (randomFloats(rows * columns, seed: 30), randomFloats(columns, seed: 31))
            let dy = randomFloats(rows * columns, seed: 32)
            let size = "\(rows) × \(columns)"

            var (y, rstd) = (x, [Float](repeating: 0, count: rows))
            var ySpan = y.mutableSpan
            var rstdSpan = rstd.mutableSpan
            rmsNormForward(x.span, gamma: gamma.span, epsilon: 1e-6, into: &ySpan, rstd: &rstdSpan)
            let forward = callOffAlignment([x, gamma], outputs: [x, rstd]) {
                table.rms_norm($0[0], $0[1], 1e-6, $1[0], $1[1], rows, columns)
            }
            expectCloseFloats(forward[0], y, within: .reduction, "y of \(size)")
            expectCloseFloats(forward[1], rstd, within: .reduction, "rstd of \(size)")

            var (dx, dgamma) = (x, gamma)
            var dxSpan = dx.mutableSpan
            var dgammaSpan = dgamma.mutableSpan
            rmsNormBackward(x.span, gamma: gamma.span, rstd: rstd.span, dy: dy.span, into: &dxSpan, dgamma: &dgammaSpan)
            let backward = callOffAlignment([x, gamma, rstd, dy], outputs: [x, gamma]) {
                table.rms_norm_backward($0[0], $0[1], $0[2], $0[3], $1[0], $1[1], rows, columns)
            }
            expectCloseFloats(backward[0], dx, within: .reduction, "dx of \(size)")
            expectCloseFloats(backward[1], dgamma, within: .reduction, "dgamma of \(size)")

            // either gradient alone
            let onlyX = callOffAlignment([x, gamma, rstd, dy], outputs: [x]) {
                table.rms_norm_backward($0[0], $0[1], $0[2], $0[3], $1[0], nil, rows, columns)
            }
            let onlyGamma = callOffAlignment([x, gamma, rstd, dy], outputs: [gamma]) {
                table.rms_norm_backward($0[0], $0[1], $0[2], $0[3], nil, $1[0], rows, columns)
            }
            expectCloseFloats(onlyX[0], backward[0], within: .exact, "dx alone of \(size)")
            expectCloseFloats(onlyGamma[0], backward[1], within: .exact, "dgamma alone of \(size)")
        }
    }

    @Test(arguments: KernelVariants.names)
    func layerNormMatchesReference(variant: String) {
        let table = KernelVariants.table(variant)
        // a mean of zero variance has no digits left to compare: two columns at least
        for (rows, columns) in Self.sizes where columns > 1 {
            let x = randomFloats(rows * columns, in: 1...5, seed: 33)
            let (gamma, beta) = (randomFloats(columns, seed: 34), randomFloats(columns, seed: 35))
            let dy = randomFloats(rows * columns, seed: 36)
            let perRow = [Float](repeating: 0, count: rows)
            let size = "\(rows) × \(columns)"

            var (y, mean, rstd) = (x, perRow, perRow)
            var ySpan = y.mutableSpan
            var meanSpan = mean.mutableSpan
            var rstdSpan = rstd.mutableSpan
            layerNormForward(
                x.span, gamma: gamma.span, beta: beta.span, epsilon: 1e-5, into: &ySpan, mean: &meanSpan,
                rstd: &rstdSpan)
            let forward = callOffAlignment([x, gamma, beta], outputs: [x, perRow, perRow]) {
                table.layer_norm($0[0], $0[1], $0[2], 1e-5, $1[0], $1[1], $1[2], rows, columns)
            }
            expectCloseFloats(forward[0], y, within: .reduction, "y of \(size)")
            expectCloseFloats(forward[1], mean, within: .reduction, "mean of \(size)")
            expectCloseFloats(forward[2], rstd, within: .reduction, "rstd of \(size)")

            var (dx, dgamma, dbeta) = (x, gamma, beta)
            var dxSpan = dx.mutableSpan
            var dgammaSpan = dgamma.mutableSpan
            var dbetaSpan = dbeta.mutableSpan
            layerNormBackward(
                x.span, gamma: gamma.span, mean: mean.span, rstd: rstd.span, dy: dy.span, into: &dxSpan,
                dgamma: &dgammaSpan, dbeta: &dbetaSpan)
            let backward = callOffAlignment([x, gamma, mean, rstd, dy], outputs: [x, gamma, beta]) {
                table.layer_norm_backward(
                    $0[0], $0[1], $0[2], $0[3], $0[4], $1[0], $1[1], $1[2], rows, columns)
            }
            expectCloseFloats(backward[0], dx, within: .reduction, "dx of \(size)")
            expectCloseFloats(backward[1], dgamma, within: .reduction, "dgamma of \(size)")
            expectCloseFloats(backward[2], dbeta, within: .reduction, "dbeta of \(size)")
        }
    }

    /// Absent gamma and beta are ones and zeros.
    @Test(arguments: KernelVariants.names)
    func layerNormWithoutParametersIsThatOfOnes(variant: String) {
        let table = KernelVariants.table(variant)
        let (rows, columns) = (3, 37)
        let (x, dy) = (randomFloats(rows * columns, seed: 37), randomFloats(rows * columns, seed: 38))
        let perRow = [Float](repeating: 0, count: rows)
        let (ones, zeros) = ([Float](repeating: 1, count: columns), [Float](repeating: 0, count: columns))

        let full = callOffAlignment([x, ones, zeros], outputs: [x, perRow, perRow]) {
            table.layer_norm($0[0], $0[1], $0[2], 1e-5, $1[0], $1[1], $1[2], rows, columns)
        }
        for (hasGamma, hasBeta) in [(false, false), (true, false), (false, true)] {
            let found = callOffAlignment([x, ones, zeros], outputs: [x, perRow, perRow]) {
                table.layer_norm(
                    $0[0], hasGamma ? $0[1] : nil, hasBeta ? $0[2] : nil, 1e-5, $1[0], $1[1], $1[2], rows, columns)
            }
            expectCloseFloats(found[0], full[0], within: .elementwise)
        }

        let fullGradient = callOffAlignment([x, ones, full[1], full[2], dy], outputs: [x]) {
            table.layer_norm_backward($0[0], $0[1], $0[2], $0[3], $0[4], $1[0], nil, nil, rows, columns)
        }
        let gradient = callOffAlignment([x, full[1], full[2], dy], outputs: [x]) {
            table.layer_norm_backward($0[0], nil, $0[1], $0[2], $0[3], $1[0], nil, nil, rows, columns)
        }
        expectCloseFloats(gradient[0], fullGradient[0], within: .reduction)
    }

    @Test(arguments: KernelVariants.names)
    func hugeValuesDoNotOverflowAndNaNStaysInItsRow(variant: String) {
        let table = KernelVariants.table(variant)
        let (rows, columns) = (3, 50)
        var x = randomFloats(rows * columns, in: 1e30...2e30, seed: 39)
        x[columns + 20] = .nan
        let gamma = [Float](repeating: 1, count: columns)
        let perRow = [Float](repeating: 0, count: rows)
        let rms = callOffAlignment([x, gamma], outputs: [x, perRow]) {
            table.rms_norm($0[0], $0[1], 1e-6, $1[0], $1[1], rows, columns)
        }[0]
        let layer = callOffAlignment([x, gamma], outputs: [x, perRow, perRow]) {
            table.layer_norm($0[0], $0[1], nil, 1e-5, $1[0], $1[1], $1[2], rows, columns)
        }[0]
        for y in [rms, layer] {
            #expect(y[..<columns].allSatisfy { $0.isFinite })
            #expect(y[columns..<2 * columns].allSatisfy { $0.isNaN })
            #expect(y[(2 * columns)...].allSatisfy { $0.isFinite })
        }
    }
}
