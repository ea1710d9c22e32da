import CTensorKernels
import TensorCore
import TensorTestSupport
import Testing

@Suite struct MatrixVectorKernelTests {
    @Test func matrixProductByHand() {
        let (a, b): ([Double], [Double]) = ([1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12])
        var y = [Double](repeating: 0, count: 4)
        var output = y.mutableSpan
        matrixProduct(a.span, b.span, rows: 2, inner: 3, columns: 2, into: &output)
        #expect(y == [58, 64, 139, 154])

        // the same matrices stored transposed
        let (aTransposed, bTransposed): ([Double], [Double]) = ([1, 4, 2, 5, 3, 6], [7, 9, 11, 8, 10, 12])
        output = y.mutableSpan
        matrixProduct(
            aTransposed.span, bTransposed.span, rows: 2, inner: 3, columns: 2, transposingA: true, transposingB: true,
            into: &output)
        #expect(y == [58, 64, 139, 154])
    }

    /// A pixel at (0, 1) of a 2 × 2 image, padded by one, in 2 × 2 patches at every second place.
    @Test func patchesByHand() {
        let image: [Double] = [1, 2, 3, 4]
        var patches = [Double](repeating: 9, count: 16)
        var output = patches.mutableSpan
        convolutionPatches(
            image.span, batch: 1, channels: 1, height: 2, width: 2, kernel: 2, stride: 2, padding: 1, into: &output)
        #expect(patches == [0, 0, 0, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0, 0, 0])
    }

    @Test(arguments: KernelVariants.names)
    func everyStorageFormatMatchesReference(variant: String) {
        let table = KernelVariants.table(variant)
        for (rows, columns) in matrixSizes + [(9, 0), (8, 4099)] {
            let w = randomFloats(rows * columns, seed: 80)
            let x = randomFloats(columns, seed: 81)
            let half = w.map { Float16Format.encode($0) }
            let brain = w.map { BFloat16Format.encode($0) }
            let bytes = w.map { Int8(($0 * 63).rounded()) }
            let scale = randomFloats(rows, in: 0.01...0.02, seed: 82)
            let blank = [Float](repeating: 3, count: rows)

            func check(
                _ name: String, element: @escaping (Int) -> Float,
                _ kernel: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
            ) {
                var expected = blank
                var output = expected.mutableSpan
                matrixVector(x.span, into: &output) { element($0 * columns + $1) }
                let found = callOffAlignment([x], outputs: [blank]) { kernel($0[0], $1[0]) }[0]

                // the error of a sum in Float grows with its terms, which cancel here: √columns · 2² · 2⁻²⁴ and some
                let close = Tolerance(relative: 1e-5, absolute: 1e-6 * Double(max(columns, 1)).squareRoot())
                expectCloseFloats(found, expected, within: close, "\(name) of \(rows) × \(columns)")
            }
            check("gemv", element: { w[$0] }) { x, y in table.gemv(w, x, y, rows, columns) }
            check("gemv_float16", element: { Float16Format.decode(half[$0]) }) { x, y in
                table.gemv_float16(half, x, y, rows, columns)
            }
            check("gemv_bfloat16", element: { BFloat16Format.decode(brain[$0]) }) { x, y in
                table.gemv_bfloat16(brain, x, y, rows, columns)
            }
            check("gemv_int8", element: { Float(bytes[$0]) * scale[$0 / columns] }) { x, y in
                table.gemv_int8(bytes, scale, x, y, rows, columns)
            }
        }
    }

    @Test(arguments: KernelVariants.names)
    func specialValuesReachTheirRows(variant: String) {
        let table = KernelVariants.table(variant)
        let (rows, columns) = (6, 70)
        for place in [0, 40, 69] {
            var w = randomFloats(rows * columns, seed: 83)
            w[2 * columns + place] = .nan
            w[5 * columns + place] = .infinity
            let x = [Float](repeating: 1, count: columns)
            let half = w.map { Float16Format.encode($0) }
            let brain = w.map { BFloat16Format.encode($0) }
            var y = [[Float]](repeating: [Float](repeating: 0, count: rows), count: 3)
            table.gemv(w, x, &y[0], rows, columns)
            table.gemv_float16(half, x, &y[1], rows, columns)
            table.gemv_bfloat16(brain, x, &y[2], rows, columns)
            for y in y {
                #expect(y[2].isNaN && y[5] == .infinity)
                #expect([0, 1, 3, 4].allSatisfy { y[$0].isFinite })
            }
        }
    }
}
