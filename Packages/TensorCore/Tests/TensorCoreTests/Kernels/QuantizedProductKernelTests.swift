import CTensorKernels
import TensorCore
import TensorTestSupport
import Testing

@Suite struct QuantizedProductKernelTests {
    /// The kernel on weights, scales and vector that start off alignment.
    private func product(_ variant: String, _ q: [Int8], _ scale: [Float], _ x: [Float]) -> [Float] {
        let table = KernelVariants.table(variant)
        return callOffAlignment([scale, x], outputs: [scale]) { inputs, outputs in
            ([0] + q).withUnsafeBufferPointer {
                table.gemv_int8($0.baseAddress! + 1, inputs[0], inputs[1], outputs[0], scale.count, x.count)
            }
        }[0]
    }

    private func reference(_ q: [Int8], _ scale: [Float], _ x: [Float]) -> [Float] {
        var y = scale
        var span = y.mutableSpan
        quantizedProduct(q.span, scale: scale.span, x.span, into: &span)
        return y
    }

    private func weights(_ count: Int, seed: Int) -> [Int8] {
        randomFloats(count, in: -127.4...127.4, seed: seed).map { Int8($0.rounded()) }
    }

    /// Rows (1, 2, 3) and (−4, 0, 5), scales 0.5 and 2, times (1, −1, 2).
    @Test(arguments: KernelVariants.names)
    func productByHand(variant: String) {
        let (q, scale, x): ([Int8], [Float], [Float]) = ([1, 2, 3, -4, 0, 5], [0.5, 2], [1, -1, 2])
        #expect(reference(q, scale, x) == [2.5, 12])
        #expect(product(variant, q, scale, x) == [2.5, 12])
    }

    /// Rows one by one and by four, columns around every step.
    @Test(arguments: KernelVariants.names)
    func productsMatchReference(variant: String) {
        for rows in [0, 1, 3, 4, 5, 11] {
            for columns in remainderLengths {
                let q = weights(rows * columns, seed: columns)
                let (scale, x) = (
                    randomFloats(rows, in: 0.001...0.1, seed: 5), randomFloats(columns, in: -8...8, seed: columns + 1)
                )
                let (y, expected) = (product(variant, q, scale, x), reference(q, scale, x))
                for r in 0..<rows {
                    // the rounding of a sum is by the size of its terms
                    let size = (0..<columns).reduce(Float(0)) { $0 + abs(Float(q[r * columns + $1]) * x[$1]) }
                    #expect(abs(y[r] - expected[r]) <= 1e-6 * scale[r] * size, "row \(r) of \(rows) × \(columns)")
                }
            }
        }
    }

    @Test(arguments: KernelVariants.names)
    func specialValuesReachTheirSums(variant: String) {
        let (rows, columns) = (6, 77)
        var q = weights(rows * columns, seed: 9)
        let scale = randomFloats(rows, in: 0.001...0.1, seed: 10)
        for special: Float in [.nan, .infinity, -.infinity] {
            for place in [0, 1, 31, 64, 76] {
                // 0 times infinity, in one row
                for r in 0..<rows { q[r * columns + place] = r == 2 ? 0 : Int8(5 - 2 * r) }
                var x = randomFloats(columns, seed: 11)
                x[place] = special
                let (y, expected) = (product(variant, q, scale, x), reference(q, scale, x))
                for r in 0..<rows { #expect(y[r].isNaN ? expected[r].isNaN : y[r] == expected[r] && !y[r].isFinite) }
            }
        }
        // scales of rows with an infinity or NaN; the others stay as they are
        var broken = scale
        (broken[1], broken[4]) = (.infinity, .nan)
        let x = randomFloats(columns, seed: 12)
        let (y, whole) = (product(variant, q, broken, x), product(variant, q, scale, x))
        for r in 0..<rows { #expect([1, 4].contains(r) ? !y[r].isFinite : y[r] == whole[r]) }
    }
}
