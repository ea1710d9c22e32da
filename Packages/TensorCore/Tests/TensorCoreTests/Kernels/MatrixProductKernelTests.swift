import CTensorKernels
import TensorCore
import TensorTestSupport
import Testing

/// The packed matrix product and its path for few rows, in every variant.
@Suite struct MatrixProductKernelTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var m, n, k: Int
        var testDescription: String { "\(m) × \(n) × \(k)" }
    }

    /// Remainders in every direction, an inner axis of several blocks, and none at all.
    static let cases = [
        Case(m: 1, n: 1, k: 1), Case(m: 3, n: 5, k: 7), Case(m: 14, n: 32, k: 16), Case(m: 15, n: 33, k: 17),
        Case(m: 29, n: 70, k: 513), Case(m: 145, n: 31, k: 40), Case(m: 5, n: 65, k: 1100), Case(m: 2, n: 3, k: 0),
        Case(m: 6, n: 16, k: 512), Case(m: 150, n: 96, k: 129),
    ]

    /// C = alpha A B + beta C by the packed kernels, of rows `rows` alone.
    static func packed(
        _ table: ctk_table, _ test: Case, rows: Range<Int>, transposed: (a: Bool, b: Bool), _ a: [Float], _ b: [Float],
        _ c: [Float], alpha: Float, beta: Float
    ) -> [Float] {
        var (rowCount, columns, depth, scratchCount) = (0, 0, 0, 0)
        table.gemm_sizes(&rowCount, &columns, &depth, &scratchCount)
        let panels = (test.n + columns - 1) / columns
        var packed = [Float](repeating: .nan, count: panels * columns * max(test.k, 1))
        var scratch = [Float](repeating: .nan, count: scratchCount)
        // in two parts, as threads do
        let stride = transposed.b ? test.k : test.n
        table.gemm_pack(b, stride, transposed.b, test.k, test.n, 0, panels / 2, &packed)
        table.gemm_pack(b, stride, transposed.b, test.k, test.n, panels / 2, panels - panels / 2, &packed)
        var result = c
        let strideA = transposed.a ? test.m : test.k
        a.withUnsafeBufferPointer { a in
            result.withUnsafeMutableBufferPointer { c in
                let a = a.baseAddress! + (transposed.a ? rows.lowerBound : rows.lowerBound * strideA)
                for part in [(0, panels / 2), (panels / 2, panels - panels / 2)] {
                    table.gemm_panels(
                        a, strideA, transposed.a, packed, part.0, part.1, c.baseAddress! + rows.lowerBound * test.n,
                        test.n, rows.count, test.n, test.k, alpha, beta, &scratch)
                }
            }
        }
        return result
    }

    @Test(arguments: KernelVariants.names, cases)
    func productMatchesReferenceInAnyForm(variant: String, test: Case) {
        let table = KernelVariants.table(variant)
        let a = randomFloats(test.m * max(test.k, 1), seed: 1)
        let b = randomFloats(test.n * max(test.k, 1), seed: 2)
        let c = randomFloats(test.m * test.n, seed: 3)
        for (transposedA, transposedB) in [(false, false), (false, true), (true, false), (true, true)] {
            var product = [Float](repeating: 0, count: test.m * test.n)
            var output = product.mutableSpan
            matrixProduct(
                a.span.extracting(first: test.m * test.k), b.span.extracting(first: test.n * test.k), rows: test.m,
                inner: test.k, columns: test.n, transposingA: transposedA, transposingB: transposedB, into: &output)
            for (alpha, beta) in [(Float(1), Float(0)), (1, 1), (-0.5, 0.25)] {
                let expected = zip(product, c).map { Double(alpha) * Double($0) + Double(beta) * Double($1) }
                // beta 0 does not read C
                let start = beta == 0 ? c.map { _ in Float.nan } : c
                let found = Self.packed(
                    table, test, rows: 0..<test.m, transposed: (transposedA, transposedB), a, b, start, alpha: alpha,
                    beta: beta)
                let close = Tolerance(relative: 1e-5, absolute: 2e-6 * Double(max(test.k, 1)).squareRoot())
                expectClose(
                    found.map(Double.init), expected, within: close, "\(transposedA) \(transposedB) \(alpha) \(beta)")
            }
        }
    }

    /// A row has the same bits whether it is computed with all others, alone, or by the path for few rows.
    @Test(arguments: KernelVariants.names, cases)
    func rowsDoNotDependOnTheirNeighbours(variant: String, test: Case) {
        let table = KernelVariants.table(variant)
        let a = randomFloats(test.m * max(test.k, 1), seed: 4)
        let b = randomFloats(test.n * max(test.k, 1), seed: 5)
        let c = randomFloats(test.m * test.n, seed: 6)
        for transposedB in [false, true] {
            let whole = Self.packed(
                table, test, rows: 0..<test.m, transposed: (false, transposedB), a, b, c, alpha: 0.7, beta: 0.3)
            for row in [0, test.m / 2, test.m - 1] {
                let alone = Self.packed(
                    table, test, rows: row..<row + 1, transposed: (false, transposedB), a, b, c, alpha: 0.7, beta: 0.3)
                let range = row * test.n..<(row + 1) * test.n
                #expect(Array(alone[range]) == Array(whole[range]), "row \(row)")
            }
            var few = c
            table.gemm_few(
                a, test.k, b, transposedB ? test.k : test.n, transposedB, &few, test.n, test.m, test.n, test.k, 0.7, 0.3
            )
            #expect(few == whole, "few rows")
        }
    }

    /// Stored numbers converted in registers give the bits of those converted beforehand, NaN and infinity among them.
    @Test(arguments: KernelVariants.names, cases)
    func storedNumbersAreConvertedOnTheWay(variant: String, test: Case) {
        let table = KernelVariants.table(variant)
        let count = test.n * test.k
        let a = randomFloats(test.m * max(test.k, 1), seed: 10)
        var b = randomFloats(count, seed: 11)
        if count > 2 { (b[count / 2], b[count - 1]) = (.infinity, 1e-6) }
        for isHalf in [true, false] {
            var (stored, floats) = ([UInt16](repeating: 0, count: count), [Float](repeating: 0, count: count))
            if isHalf {
                table.float_to_float16(b, &stored, count)
                table.float16_to_float(stored, &floats, count)
            } else {
                table.float_to_bfloat16(b, &stored, count)
                table.bfloat16_to_float(stored, &floats, count)
            }
            var (expected, found) = (
                [Float](repeating: 7, count: test.m * test.n), [Float](repeating: 8, count: test.m * test.n)
            )
            table.gemm_few(a, test.k, floats, test.k, true, &expected, test.n, test.m, test.n, test.k, 1, 0)
            let kernel = isHalf ? table.gemm_few_float16 : table.gemm_few_bfloat16
            kernel!(a, test.k, stored, test.k, &found, test.n, test.m, test.n, test.k)
            #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
        }
    }

    /// Zeros behind the end of the inner axis change no bit: masked scores of attention.
    @Test(arguments: KernelVariants.names)
    func trailingZerosChangeNothing(variant: String) {
        let table = KernelVariants.table(variant)
        let (short, long) = (Case(m: 20, n: 40, k: 300), Case(m: 20, n: 40, k: 1200))
        let a = randomFloats(20 * 300, seed: 7)
        let b = randomFloats(1200 * 40, seed: 8)
        var padded = [Float](repeating: 0, count: 20 * 1200)
        for row in 0..<20 {
            for column in 0..<300 { padded[row * 1200 + column] = a[row * 300 + column] }
        }
        let c = [Float](repeating: 0, count: 20 * 40)
        let one = Self.packed(
            table, short, rows: 0..<20, transposed: (false, false), a, Array(b[..<12_000]), c, alpha: 1, beta: 0)
        let other = Self.packed(
            table, long, rows: 0..<20, transposed: (false, false), padded, b, c, alpha: 1, beta: 0)
        #expect(one == other)
    }

    @Test(arguments: KernelVariants.names)
    func specialValuesReachTheirElementsAlone(variant: String) {
        let table = KernelVariants.table(variant)
        let test = Case(m: 3, n: 40, k: 70)
        for place in [0, 40, 69] {
            let a = [Float](repeating: 1, count: test.m * test.k)
            var b = randomFloats(test.n * test.k, seed: 9)
            b[2 * test.k + place] = .nan
            b[35 * test.k + place] = .infinity
            let c = [Float](repeating: 0, count: test.m * test.n)
            let y = Self.packed(
                table, test, rows: 0..<3, transposed: (false, true), a, b, c, alpha: 1, beta: 0)
            var few = c
            table.gemm_few(a, test.k, b, test.k, true, &few, test.n, test.m, test.n, test.k, 1, 0)
            for (index, value) in (y + few).enumerated() {
                switch index % test.n {
                case 2: #expect(value.isNaN)
                case 35: #expect(value == .infinity)
                default: #expect(value.isFinite)
                }
            }
        }
    }
}
