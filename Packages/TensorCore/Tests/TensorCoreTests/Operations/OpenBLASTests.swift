import TensorTestSupport
import Testing

@testable import TensorCore

/// OpenBLAS, which knows nothing of our kernels, computes the same products.
@Suite struct OpenBLASTests {
    @Test(arguments: [false, true], [false, true])
    func productsOfRandomSizesAgree(transposesA: Bool, transposesB: Bool) {
        var generator = TestGenerator(state: 11)
        for _ in 0..<24 {
            let (m, n, k) = (
                Int.random(in: 1...160, using: &generator), Int.random(in: 1...160, using: &generator),
                Int.random(in: 1...700, using: &generator)
            )
            // rows lie further apart than they are long, as those of a view
            let (lda, ldb, ldc) = ((transposesA ? m : k) + 3, (transposesB ? k : n) + 1, n + 2)
            let a = sample([transposesA ? k : m, lda], seed: generator.next(), range: -1...1)
            let b = sample([transposesB ? n : k, ldb], seed: generator.next(), range: -1...1)
            let c = sample([m, ldc], seed: generator.next())
            let (alpha, beta) = (Float.random(in: -1...1, using: &generator), Float(Int(generator.next() % 2)))

            func product(_ multiply: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void)
                -> Tensor
            {
                var result = c
                a.withPointer(of: Float.self) { a in
                    b.withPointer(of: Float.self) { b in
                        result.withMutablePointer(of: Float.self) { multiply(a, b, $0) }
                    }
                }
                return result
            }
            let expected = product {
                BLAS.openBLAS(transposesA, transposesB, m, n, k, alpha, $0, lda, $1, ldb, beta, $2, ldc)
            }
            let alone = product {
                BLAS.gemm(transposesA, transposesB, m, n, k, alpha: alpha, $0, lda, $1, ldb, beta: beta, $2, ldc)
            }
            let parallel = product {
                BLAS.parallelGemm(
                    transposesA, transposesB, m, n, k, alpha: alpha, $0, lda, $1, ldb, beta: beta, $2, ldc)
            }
            let close = Tolerance(relative: 1e-5, absolute: 1e-6 * Double(k).squareRoot())
            expectClose(alone, expected, within: close)
            #expect(alone.elements() == parallel.elements(), "\(m) × \(n) × \(k) on all threads")
        }
    }
}
