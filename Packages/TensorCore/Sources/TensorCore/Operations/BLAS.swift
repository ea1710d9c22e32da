import Parallel
import COpenBLAS
import CTensorKernels
import Foundation

/// Matrix products on pointers, by the kernels of `CTensorKernels`, split among the kernel threads here.
///
/// Every element of a product is summed in one order that depends on the inner size alone: a row computed alone, in a
/// batch or on another thread has the same bits. `VLA_MATRIX=openblas` takes OpenBLAS instead, without that promise: for
/// processors that have no fast variant of the kernels, and for comparison.
enum BLAS {
    /// C = alpha · op(A) · op(B) + beta · C for row-major matrices: op(A) is m × k, op(B) k × n, C m × n.
    ///
    /// On the calling thread.
    static func gemm(
        _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, alpha: Float = 1,
        _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int, beta: Float = 0,
        _ c: UnsafeMutablePointer<Float>, _ ldc: Int
    ) {
        guard m > 0, n > 0 else { return }
        if usesOpenBLAS {
            openBLAS(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
            return
        }
        if !transposeA, m <= fewRows {
            ctk_gemm_few(a, lda, b, ldb, transposeB, c, ldc, m, n, k, alpha, beta)
            return
        }
        let sizes = Sizes()
        let panels = sizes.panels(n)
        withAlignedFloats(panels * sizes.columns * k + sizes.scratch) { packed in
            ctk_gemm_pack(b, ldb, transposeB, k, n, 0, panels, packed)
            let scratch = packed + panels * sizes.columns * k
            ctk_gemm_panels(a, lda, transposeA, packed, 0, panels, c, ldc, m, n, k, alpha, beta, scratch)
        }
    }

    /// The same on the kernel threads.
    static func parallelGemm(
        _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, alpha: Float = 1,
        _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int, beta: Float = 0,
        _ c: UnsafeMutablePointer<Float>, _ ldc: Int
    ) {
        guard m > 0, n > 0 else { return }
        if usesOpenBLAS {
            parallelOpenBLAS(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
            return
        }
        let sizes = Sizes()
        if !transposeA, m <= fewRows {
            // columns whose part of B is about 128 KiB
            let columns = max(1, 32_768 / max(k * sizes.columns, 1)) * sizes.columns
            Kernel.forEachPiece(n, grain: columns) { first, count in
                let b = transposeB ? b + first * ldb : b + first
                ctk_gemm_few(a, lda, b, ldb, transposeB, c + first, ldc, m, count, k, alpha, beta)
            }
            return
        }
        guard m * n * max(k, 1) > 500_000 else {
            gemm(transposeA, transposeB, m, n, k, alpha: alpha, a, lda, b, ldb, beta: beta, c, ldc)
            return
        }

        // B is packed once for all threads
        let panels = sizes.panels(n)
        let packed = Tensor.uninitialized([max(1, panels * sizes.columns * k)])
        Kernel.forEachPiece(panels, grain: max(1, 65_536 / max(k * sizes.columns, 1))) { first, count in
            ctk_gemm_pack(b, ldb, transposeB, k, n, first, count, packed.floatBase)
        }

        // blocks of about ten panels of rows, and of columns where there are too few of those
        let rowPanels = (m + sizes.rows - 1) / sizes.rows
        let rowBlocks = (rowPanels + 9) / 10
        let rows = (rowPanels + rowBlocks - 1) / rowBlocks * sizes.rows
        let columnBlocks = max(1, min(4 * KernelThreads.count / rowBlocks, panels / 8))
        let width = (panels + columnBlocks - 1) / columnBlocks
        parallelFor(rowBlocks * columnBlocks) { task in
            let row = task % rowBlocks * rows
            let first = task / rowBlocks * width
            let (height, count) = (min(rows, m - row), min(width, panels - first))
            guard height > 0, count > 0 else { return }
            withAlignedFloats(sizes.scratch) { scratch in
                ctk_gemm_panels(
                    transposeA ? a + row : a + row * lda, lda, transposeA, packed.floatBase, first, count,
                    c + row * ldc, ldc, height, n, k, alpha, beta, scratch)
            }
        }
    }

    /// Up to so many rows are multiplied with B as it lies.
    static let fewRows = 6

    /// What the selected variant of the kernels works in.
    private struct Sizes {
        /// Of a panel of A.
        var rows = 0
        /// Of a panel of B.
        var columns = 0
        private var depth = 0
        /// Floats that a block of rows is packed into.
        var scratch = 0

        init() { ctk_gemm_sizes(&rows, &columns, &depth, &scratch) }

        func panels(_ n: Int) -> Int { (n + columns - 1) / columns }
    }

    /// Memory at the start of a cache line, for the time of `body`.
    private static func withAlignedFloats(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: 4 * max(count, 1), alignment: 64) { buffer in
            body(buffer.baseAddress!.assumingMemoryBound(to: Float.self))
        }
    }
}

// MARK: - OpenBLAS

extension BLAS {
    private static let usesOpenBLAS = ProcessInfo.processInfo.environment["VLA_MATRIX"] == "openblas"

    /// OpenBLAS's own threads are switched off once: two levels of threads cost 1.4 to 6 times the time.
    private static let oneThread: Void = openblas_set_num_threads(1)

    /// As ``gemm(_:_:_:_:_:alpha:_:_:_:_:beta:_:_:)``, by OpenBLAS. Tests compare the two.
    static func openBLAS(
        _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Float,
        _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int, _ beta: Float,
        _ c: UnsafeMutablePointer<Float>, _ ldc: Int
    ) {
        _ = oneThread
        cblas_sgemm(
            CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
            numericCast(m), numericCast(n), numericCast(k), alpha, a, numericCast(max(lda, 1)), b,
            numericCast(max(ldb, 1)), beta, c, numericCast(max(ldc, 1)))
    }

    /// Blocks of C, each one call: rows of C unless it is very wide, since a piece packs all of B.
    private static func parallelOpenBLAS(
        _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Float,
        _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int, _ beta: Float,
        _ c: UnsafeMutablePointer<Float>, _ ldc: Int
    ) {
        let count = 2 * m * n * max(k, 1) < 8_000_000 ? 1 : 2 * KernelThreads.count
        let cutsRows = 2 * m >= n
        parallelFor(count) { piece in
            let rows = cutsRows ? part(piece, of: count, size: m, multiple: 4) : 0..<m
            let columns = cutsRows ? 0..<n : part(piece, of: count, size: n, multiple: 16)
            guard !rows.isEmpty, !columns.isEmpty else { return }
            openBLAS(
                transposeA, transposeB, rows.count, columns.count, k, alpha,
                transposeA ? a + rows.lowerBound : a + rows.lowerBound * lda, lda,
                transposeB ? b + columns.lowerBound * ldb : b + columns.lowerBound, ldb, beta,
                c + rows.lowerBound * ldc + columns.lowerBound, ldc)
        }
    }

    /// Piece `index` of `count` of 0..<size, in multiples of what the kernels work on at a time.
    private static func part(_ index: Int, of count: Int, size: Int, multiple: Int) -> Range<Int> {
        let step = ((size + count - 1) / count + multiple - 1) / multiple * multiple
        return min(index * step, size)..<min((index + 1) * step, size)
    }
}
