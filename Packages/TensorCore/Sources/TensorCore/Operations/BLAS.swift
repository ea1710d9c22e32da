import COpenBLAS
import CTensorKernels

/// Matrix products on pointers: OpenBLAS on one thread a call, split among the kernel threads here.
enum BLAS {
    /// OpenBLAS's own threads are switched off once: two levels of threads cost 1.4 to 6 times the time.
    private static let isSingleThreaded: Bool = {
        openblas_set_num_threads(1)
        return true
    }()

    /// C = alpha · op(A) · op(B) + beta · C for row-major matrices: op(A) is m × k, op(B) k × n, C m × n.
    ///
    /// One call on the calling thread.
    static func gemm(
        _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, alpha: Float = 1,
        _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int, beta: Float = 0,
        _ c: UnsafeMutablePointer<Float>, _ ldc: Int
    ) {
        guard m > 0, n > 0 else { return }
        guard isSingleThreaded else { return }
        cblas_sgemm(
            CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
            numericCast(m), numericCast(n), numericCast(k), alpha, a, numericCast(max(lda, 1)), b,
            numericCast(max(ldb, 1)), beta, c, numericCast(max(ldc, 1)))
    }

    /// The same, split into blocks of C by a rule that looks at the sizes only, so that the bits do not depend on the
    /// number of threads.
    static func parallelGemm(
        _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, alpha: Float = 1,
        _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int, beta: Float = 0,
        _ c: UnsafeMutablePointer<Float>, _ ldc: Int
    ) {
        let count = pieceCount(m, n, k)
        if count == 1 {
            gemm(transposeA, transposeB, m, n, k, alpha: alpha, a, lda, b, ldb, beta: beta, c, ldc)
            return
        }
        // rows of C unless it is very wide: a piece packs all of B, which costs more the fewer rows it has
        let cutsRows = 2 * m >= n
        parallelFor(count) { piece in
            let rows = cutsRows ? part(piece, of: count, size: m, multiple: 4) : 0..<m
            let columns = cutsRows ? 0..<n : part(piece, of: count, size: n, multiple: 16)
            gemm(
                transposeA, transposeB, rows.count, columns.count, k, alpha: alpha,
                transposeA ? a + rows.lowerBound : a + rows.lowerBound * lda, lda,
                transposeB ? b + columns.lowerBound * ldb : b + columns.lowerBound, ldb, beta: beta,
                c + rows.lowerBound * ldc + columns.lowerBound, ldc)
        }
    }

    /// Pieces of C: few and large, since every piece packs a whole factor again. Two pieces of a layer of a small model
    /// run at 0.99 of the speed of one, four at 0.95, eight at 0.93.
    private static func pieceCount(_ m: Int, _ n: Int, _ k: Int) -> Int {
        switch 2 * m * n * max(k, 1) {
        case ..<8_000_000: 1
        case ..<4_000_000_000: 2
        case ..<16_000_000_000: 4
        case ..<64_000_000_000: 8
        default: 16
        }
    }

    /// Piece `index` of `count` of 0..<size, in multiples of what the kernels work on at a time.
    private static func part(_ index: Int, of count: Int, size: Int, multiple: Int) -> Range<Int> {
        let step = ((size + count - 1) / count + multiple - 1) / multiple * multiple
        return min(index * step, size)..<min((index + 1) * step, size)
    }
}
