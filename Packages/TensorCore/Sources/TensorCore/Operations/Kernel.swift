import Parallel
import CTensorKernels

/// Element-wise kernels split among threads. The split depends on the size only.
enum Kernel {
    /// Elements a task takes: large enough to hide the fork, small enough for a core's second-level cache.
    static let grain = 32_768

    /// Calls `body(start, count)` for pieces of 0..<count.
    static func forEachPiece(_ count: Int, grain: Int = grain, _ body: (_ start: Int, _ count: Int) -> Void) {
        parallelFor((count + grain - 1) / grain) { piece in
            let start = piece * grain
            body(start, min(grain, count - start))
        }
    }

    typealias Unary = (UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int) -> Void
    typealias Binary = (UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int) -> Void

    /// y = f(x), element by element.
    static func unary(
        _ kernel: Unary, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count: Int
    ) {
        forEachPiece(count) { start, count in kernel(x + start, y + start, count) }
    }

    /// y = f(a, b), element by element.
    static func binary(
        _ kernel: Binary, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
        count: Int
    ) {
        forEachPiece(count) { start, count in kernel(a + start, b + start, y + start, count) }
    }

    /// y += scale · x.
    static func addScaled(
        _ x: UnsafePointer<Float>, _ scale: Float, to y: UnsafeMutablePointer<Float>, count: Int
    ) {
        forEachPiece(count) { start, count in ctk_add_scaled(x + start, scale, y + start, count) }
    }

    /// y = scale · x + shift.
    static func scaleShift(
        _ x: UnsafePointer<Float>, _ scale: Float, _ shift: Float, into y: UnsafeMutablePointer<Float>, count: Int
    ) {
        forEachPiece(count) { start, count in ctk_scale_shift(x + start, scale, shift, y + start, count) }
    }

    /// A sum of partial results in a fixed order: pieces of a fixed size, added first to last.
    static func orderedSum(_ count: Int, _ partial: (_ start: Int, _ count: Int) -> Double) -> Double {
        let grain = Kernel.grain
        let pieces = (count + grain - 1) / grain
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: max(pieces, 1)) { sums in
            forEachPiece(count) { start, count in sums[start / grain] = partial(start, count) }
            var sum = 0.0
            for piece in 0..<pieces { sum += sums[piece] }
            return sum
        }
    }

    /// Rows a task takes of a matrix with `columns` columns.
    static func rowsPerTask(_ columns: Int) -> Int { max(1, grain / max(columns, 1)) }

    /// Adds per-row contributions to vectors of `width` floats in a fixed order.
    ///
    /// `body(firstRow, rowCount, partial)` adds its rows to a zeroed `partial`; the partial vectors are added to `total`
    /// from the first to the last.
    static func orderedColumnSums(
        rows: Int, columns: Int, width: Int, into total: UnsafeMutablePointer<Float>, isFirst: Bool,
        _ body: (_ row: Int, _ rows: Int, _ partial: UnsafeMutablePointer<Float>) -> Void
    ) {
        if isFirst { total.update(repeating: 0, count: width) }
        let height = max(rowsPerTask(columns), 16)
        let pieces = (rows + height - 1) / height
        guard pieces > 1 else {
            if rows > 0 { body(0, rows, total) }
            return
        }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: pieces * width) { partials in
            let base = partials.baseAddress!
            parallelFor(pieces) { piece in
                let partial = base + piece * width
                partial.update(repeating: 0, count: width)
                body(piece * height, min(height, rows - piece * height), partial)
            }
            for piece in 0..<pieces { ctk_add_scaled(base + piece * width, 1, total, width) }
        }
    }

    /// The selected variant of the C kernels: "base", "avx2", "avx512" or "neon".
    static var variant: String { String(cString: ctk_variant()) }
}

/// The variant of the C kernels that this process uses.
public enum KernelVariant {
    /// "base", "avx2", "avx512" or "neon"; `VLA_KERNELS` selects one at start.
    public static var current: String { Kernel.variant }
}
