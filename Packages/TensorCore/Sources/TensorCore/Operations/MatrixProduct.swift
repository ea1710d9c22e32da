import Parallel
import CTensorKernels

/// Matrix product of the last two axes: `[..., m, k]` · `[..., k, n]` → `[..., m, n]`.
///
/// A second factor of rank 2 serves all leading axes of the first; otherwise the leading axes must be equal.
public func matmul(_ a: Tensor, _ b: Tensor) -> Tensor {
    require(a.rank >= 2 && b.rank >= 2 && a.shape[-1] == b.shape[-2], "matmul: \(a.shape) and \(b.shape)")
    if b.rank == 2 {
        return MatrixProduct.shared(a, b, isTransposed: false)
    }
    return MatrixProduct.batched(a, b, isTransposed: false)
}

/// Matrix product with the transpose of the second factor: `[..., m, k]` · `[..., n, k]`ᵀ → `[..., m, n]`.
///
/// A second factor of rank 2, such as the weight of a linear layer, may be stored as `float16`, `bfloat16` or `int8`
/// with row scales; it is then a constant.
public func matmul(_ a: Tensor, transposed b: Tensor) -> Tensor {
    require(a.rank >= 1 && b.rank >= 2 && a.shape[-1] == b.shape[-1], "matmul: \(a.shape) and \(b.shape)ᵀ")
    if b.rank == 2 {
        return MatrixProduct.shared(a, b, isTransposed: true)
    }
    return MatrixProduct.batched(a, b, isTransposed: true)
}

/// An affine map of the last axis, x Wᵀ + b: x `[..., in]`, weight `[out, in]`, bias `[out]` → `[..., out]`.
public func linear(_ x: Tensor, weight: Tensor, bias: Tensor? = nil) -> Tensor {
    require(
        x.rank >= 1 && weight.rank == 2 && x.shape[-1] == weight.shape[1],
        "linear: input \(x.shape), weight \(weight.shape)")
    require(bias == nil || bias!.shape == [weight.shape[0]], "linear: weight \(weight.shape), bias \(bias!.shape)")
    return MatrixProduct.shared(x, weight, isTransposed: true, bias: bias)
}

enum MatrixProduct {
    /// Rows times one matrix `b`, `[k, n]` or transposed `[n, k]`, plus a bias row.
    static func shared(_ a: Tensor, _ b: Tensor, isTransposed: Bool, bias: Tensor? = nil) -> Tensor {
        let k = a.shape[-1]
        let n = isTransposed ? b.shape[0] : b.shape[1]
        let m = k == 0 ? a.shape.sizes.dropLast().reduce(1, *) : a.elementCount / k
        let a = a.contiguous
        let result = Tensor.uninitialized(Shape(a.shape.sizes.dropLast() + [n]))
        Profiler.measure(
            "matmul", operations: 2 * m * n * k, bytes: 4 * (m * k + m * n) + b.dtype.byteSize * n * k,
            shape: result.shape
        ) {
            a.withPointer(of: Float.self) { x in
                product(x, b, isTransposed, m, n, k, into: result.floatBase)
            }
            bias?.withPointer(of: Float.self) { bias in
                Kernel.forEachPiece(m, grain: Kernel.rowsPerTask(n)) { row, rows in
                    ctk_add_bias(result.floatBase + row * n, bias, result.floatBase + row * n, rows, n)
                }
            }
        }
        let inputs = [a, b] + (bias.map { [$0] } ?? [])
        let (x, w) = (a.detached, b.detached)
        return result.recorded("matmul", from: inputs) { dy, inputs in
            Profiler.addBackward(
                "matmul", operations: 2 * m * n * k * ((inputs.isNeeded(0) ? 1 : 0) + (inputs.isNeeded(1) ? 1 : 0)))
            dy.withPointer(of: Float.self) { dy in
                // dx = dy · op(W)ᵀ
                inputs.accumulate(to: 0, shape: x.shape) { dx, isFirst in
                    w.converted(to: .float32).withPointer(of: Float.self) { w in
                        BLAS.parallelGemm(
                            false, !isTransposed, m, k, n, dy, n, w, isTransposed ? k : n, beta: isFirst ? 0 : 1, dx, k)
                    }
                }
                // dW = dyᵀ · x, or xᵀ · dy
                inputs.accumulate(to: 1, shape: w.shape) { dw, isFirst in
                    require(w.dtype == .float32, "gradient of a matrix stored as \(w.dtype)")
                    x.withPointer(of: Float.self) { x in
                        if isTransposed {
                            BLAS.parallelGemm(true, false, n, k, m, dy, n, x, k, beta: isFirst ? 0 : 1, dw, k)
                        } else {
                            BLAS.parallelGemm(true, false, k, n, m, x, k, dy, n, beta: isFirst ? 0 : 1, dw, n)
                        }
                    }
                }
                guard inputs.inputs.count == 3 else { return }
                inputs.accumulate(to: 2, shape: [n]) { db, isFirst in
                    Kernel.orderedColumnSums(rows: m, columns: n, width: n, into: db, isFirst: isFirst) {
                        row, rows, partial in ctk_add_column_sums(dy + row * n, rows, n, partial)
                    }
                }
            }
        }
    }

    /// y = x · op(b) for a matrix of any storage type.
    private static func product(
        _ x: UnsafePointer<Float>, _ b: Tensor, _ isTransposed: Bool, _ m: Int, _ n: Int, _ k: Int,
        into y: UnsafeMutablePointer<Float>
    ) {
        guard isTransposed else {
            // a transposed view of a row-major matrix is multiplied as it lies
            if b.rank == 2, b.strides[0] == 1, b.strides[1] == k, k > 1 {
                b.transposed().withPointer(of: Float.self) { w in
                    BLAS.parallelGemm(false, true, m, n, k, x, k, w, k, y, n)
                }
            } else {
                b.withPointer(of: Float.self) { w in BLAS.parallelGemm(false, false, m, n, k, x, k, w, n, y, n) }
            }
            return
        }
        if b.dtype != .float32, m <= BLAS.fewRows {
            fewRowProducts(x, b, m, n, k, into: y)
        } else if b.dtype == .float32 {
            b.withPointer(of: Float.self) { w in BLAS.parallelGemm(false, true, m, n, k, x, k, w, k, y, n) }
        } else {
            // a strip of rows of W at a time as Float
            let strip = max(64, 1_048_576 / max(k, 1))
            for start in stride(from: 0, to: n, by: strip) {
                let rows = min(strip, n - start)
                b[start..<start + rows].converted(to: .float32).withPointer(of: Float.self) { w in
                    BLAS.parallelGemm(false, true, m, rows, k, x, k, w, k, y + start, n)
                }
            }
        }
    }

    /// Up to this many rows are multiplied with `int8` weights as they lie, in an order of sums of its own.
    private static let maximumByteRows = 3

    private static func byteProducts(
        _ x: UnsafePointer<Float>, _ b: Tensor, _ scales: [Float], _ m: Int, _ n: Int, _ k: Int,
        into y: UnsafeMutablePointer<Float>
    ) {
        let weights = (b.storage.base + b.offset).assumingMemoryBound(to: Int8.self)
        scales.withUnsafeBufferPointer { scales in
            let scales = scales.baseAddress!
            Kernel.forEachPiece(n, grain: max(16, 65_536 / max(k, 1))) { row, rows in
                for i in 0..<m {
                    ctk_gemv_int8(weights + row * k, scales + row, x + i * k, y + i * n + row, rows, k)
                }
            }
        }
        withExtendedLifetime(b.storage) {}
    }

    /// Few rows times a stored matrix: its numbers are converted in registers, 8-bit ones some rows at a time beforehand.
    private static func fewRowProducts(
        _ x: UnsafePointer<Float>, _ b: Tensor, _ m: Int, _ n: Int, _ k: Int, into y: UnsafeMutablePointer<Float>
    ) {
        let b = b.contiguous
        let start = b.storage.base + b.offset * b.dtype.byteSize
        switch b.dtype {
        case .float16, .bfloat16:
            let halves = start.assumingMemoryBound(to: UInt16.self)
            let kernel = b.dtype == .float16 ? ctk_gemm_few_float16 : ctk_gemm_few_bfloat16
            // rows of about 128 KiB, in full registers
            Kernel.forEachPiece(n, grain: max(1, 65_536 / max(32 * k, 1)) * 32) { first, count in
                kernel(x, k, halves + first * k, k, y + first, n, m, count, k)
            }
        case .int8:
            guard let scales = b.rowScales else { fatalError("matmul: int8 matrix \(b.shape) without row scales") }
            if m <= maximumByteRows {
                byteProducts(x, b, scales, m, n, k, into: y)
            } else {
                dequantizedProducts(x, start.assumingMemoryBound(to: Int8.self), scales, m, n, k, into: y)
            }
        default: fatalError("matmul: matrix of \(b.dtype)")
        }
        withExtendedLifetime(b.storage) {}
    }

    private static func dequantizedProducts(
        _ x: UnsafePointer<Float>, _ b: UnsafePointer<Int8>, _ scales: [Float], _ m: Int, _ n: Int, _ k: Int,
        into y: UnsafeMutablePointer<Float>
    ) {
        // as many rows as fit a core's first-level cache as floats, but full registers of them
        let strip = min(max(32, 8192 / max(k, 1) / 32 * 32), 256)
        Kernel.forEachPiece(n, grain: 4 * strip) { first, count in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: strip * max(k, 1)) { buffer in
                let floats = buffer.baseAddress!
                for row in stride(from: first, to: first + count, by: strip) {
                    let rows = min(strip, first + count - row)
                    scales.withUnsafeBufferPointer {
                        ctk_dequantize_rows(b + row * k, $0.baseAddress! + row, floats, rows, k)
                    }
                    BLAS.gemm(false, true, m, rows, k, x, k, floats, k, y + row, n)
                }
            }
        }
    }

    /// Products of equal leading axes, one gemm per matrix, matrices in parallel.
    static func batched(_ a: Tensor, _ b: Tensor, isTransposed: Bool) -> Tensor {
        let (m, k) = (a.shape[-2], a.shape[-1])
        let n = isTransposed ? b.shape[-2] : b.shape[-1]
        require(
            a.rank == b.rank && a.shape.dropLast(2).elementsEqual(b.shape.dropLast(2)),
            "matmul: leading axes of \(a.shape) and \(b.shape)")
        let batch = a.shape.sizes.dropLast(2).reduce(1, *)
        let (a, b) = (a.contiguous, b.contiguous)
        let result = Tensor.uninitialized(Shape(a.shape.sizes.dropLast(2) + [m, n]))
        Profiler.measure(
            "batchedMatmul", operations: 2 * batch * m * n * k, bytes: 4 * batch * (m * k + k * n + m * n),
            shape: result.shape
        ) {
            multiply(a, b, into: result.floatBase, batch, false, isTransposed, m, n, k, isFirst: true)
        }
        let (x, w) = (a.detached, b.detached)
        return result.recorded("batchedMatmul", from: [a, b]) { dy, inputs in
            let products = (inputs.isNeeded(0) ? 1 : 0) + (inputs.isNeeded(1) ? 1 : 0)
            Profiler.addBackward("batchedMatmul", operations: 2 * batch * m * n * k * products)
            inputs.accumulate(to: 0, shape: x.shape) { dx, isFirst in
                multiply(dy, w, into: dx, batch, false, !isTransposed, m, k, n, isFirst: isFirst)
            }
            inputs.accumulate(to: 1, shape: w.shape) { dw, isFirst in
                if isTransposed {
                    multiply(dy, x, into: dw, batch, true, false, n, k, m, isFirst: isFirst)
                } else {
                    multiply(x, dy, into: dw, batch, true, false, k, n, m, isFirst: isFirst)
                }
            }
        }
    }

    private static func multiply(
        _ a: Tensor, _ b: Tensor, into c: UnsafeMutablePointer<Float>, _ batch: Int, _ transposeA: Bool,
        _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, isFirst: Bool
    ) {
        a.withPointer(of: Float.self) { a in
            b.withPointer(of: Float.self) { b in
                parallelFor(batch) { i in
                    BLAS.gemm(
                        transposeA, transposeB, m, n, k, a + i * m * k, transposeA ? m : k, b + i * k * n,
                        transposeB ? k : n, beta: isFirst ? 0 : 1, c + i * m * n, n)
                }
            }
        }
    }
}

/// C = op(A) · op(B), or C += op(A) · op(B), in memory that exists: for code that manages its own.
///
/// Row-major: op(A) is `[rows, inner]`, op(B) `[inner, columns]`, C `[rows, columns]`; a transposed factor is stored the
/// other way round. Split among the kernel threads by its size only.
public func multiplyMatrices(
    _ a: Span<Float>, transposingA: Bool = false, _ b: Span<Float>, transposingB: Bool = false,
    into c: inout MutableSpan<Float>, rows: Int, columns: Int, inner: Int, adding: Bool = false
) {
    require(
        a.count == rows * inner && b.count == inner * columns && c.count == rows * columns,
        "multiplyMatrices: \(a.count), \(b.count) and \(c.count) elements for \(rows) × \(inner) × \(columns)")
    a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
            c.withUnsafeMutableBufferPointer { c in
                guard let x = a.baseAddress, let y = b.baseAddress, let z = c.baseAddress else { return }
                BLAS.parallelGemm(
                    transposingA, transposingB, rows, columns, inner, x, transposingA ? rows : inner, y,
                    transposingB ? inner : columns, beta: adding ? 1 : 0, z, columns)
            }
        }
    }
}
