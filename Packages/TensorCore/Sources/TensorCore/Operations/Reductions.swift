import CTensorKernels

extension Tensor {
    /// The sum of all elements, a scalar, summed in `Double` in a fixed order.
    public func sum() -> Tensor {
        let count = elementCount
        let total = Profiler.measure("sum", bytes: 4 * count, shape: []) {
            withPointer(of: Float.self) { x in
                Kernel.orderedSum(count) { start, count in
                    var sum = 0.0
                    ctk_sum(x + start, count, &sum)
                    return sum
                }
            }
        }
        let shape = shape
        return Tensor(Float(total)).recorded("sum", from: [self]) { dy, inputs in
            inputs.add(dy.broadcast(to: shape).contiguous, to: 0)
        }
    }

    /// The mean of all elements, a scalar.
    public func mean() -> Tensor { sum() / Float(elementCount) }

    /// The sum along some axes, which stay with size 1 if `keepingDimensions`.
    public func sum(axes: [Int], keepingDimensions: Bool = false) -> Tensor {
        let axes = Set(axes.map { $0 < 0 ? $0 + rank : $0 })
        require(axes.allSatisfy { $0 >= 0 && $0 < rank }, "sum along axes \(axes.sorted()) of \(shape)")
        let kept = Shape(shape.enumerated().map { axes.contains($0.offset) ? 1 : $0.element })
        let reduced = summed(to: kept)
        if keepingDimensions { return reduced }
        return reduced.reshaped(shape.enumerated().filter { !axes.contains($0.offset) }.map(\.element))
    }

    /// The mean along some axes.
    public func mean(axes: [Int], keepingDimensions: Bool = false) -> Tensor {
        let count = axes.map { shape[$0] }.reduce(1, *)
        return sum(axes: axes, keepingDimensions: keepingDimensions) / Float(count)
    }

    /// The gradient of broadcasting: summed over the axes that `target` does not have or has with size 1.
    public func summed(to target: Shape) -> Tensor {
        if target == shape { return self }
        require(target.broadcast(with: shape) == shape, "sum of \(shape) to \(target)")
        let original = shape
        let result = Profiler.measure("sumTo", bytes: 4 * elementCount, shape: target) { reduced(to: target) }
        return result.recorded("sumTo", from: [self]) { dy, inputs in
            inputs.add(dy.broadcast(to: original).contiguous, to: 0)
        }
    }

    /// Sums one group of adjacent axes after another, each as a matrix product with ones in a fixed order.
    private func reduced(to target: Shape) -> Tensor {
        let padded = [Int](repeating: 1, count: rank - target.rank) + target.sizes
        var current = detached.contiguous
        var sizes = shape.sizes
        var axis = rank - 1
        while axis >= 0 {
            guard padded[axis] != sizes[axis] else {
                axis -= 1
                continue
            }
            // the run of axes to sum that ends here
            let end = axis + 1
            while axis >= 0, padded[axis] != sizes[axis] { axis -= 1 }
            let start = axis + 1
            current = current.summedMiddle(
                outer: sizes[..<start].reduce(1, *), middle: sizes[start..<end].reduce(1, *),
                inner: sizes[end...].reduce(1, *))
            for summed in start..<end { sizes[summed] = 1 }
        }
        return current.reshaped(target.sizes)
    }

    /// [outer, middle, inner] → [outer, inner].
    private func summedMiddle(outer: Int, middle: Int, inner: Int) -> Tensor {
        let result = Tensor.uninitialized([outer, inner])
        let y = result.floatBase
        withPointer(of: Float.self) { x in
            if inner == 1 {
                let rows = Kernel.rowsPerTask(middle)
                Kernel.forEachPiece(outer, grain: rows) { start, count in
                    for row in start..<start + count {
                        var sum = 0.0
                        ctk_sum(x + row * middle, middle, &sum)
                        y[row] = Float(sum)
                    }
                }
            } else if outer == 1 {
                Kernel.orderedColumnSums(rows: middle, columns: inner, width: inner, into: y, isFirst: true) {
                    row, rows, partial in
                    ctk_add_column_sums(x + row * inner, rows, inner, partial)
                }
            } else {
                Kernel.forEachPiece(outer, grain: Kernel.rowsPerTask(middle * inner)) { start, count in
                    for row in start..<start + count {
                        (y + row * inner).update(repeating: 0, count: inner)
                        ctk_add_column_sums(x + row * middle * inner, middle, inner, y + row * inner)
                    }
                }
            }
        }
        return result
    }

    /// Σ x² in `Double`, summed in a fixed order.
    public func sumOfSquares() -> Double {
        let count = elementCount
        return withPointer(of: Float.self) { x in
            Kernel.orderedSum(count) { start, count in
                var sum = 0.0
                ctk_sum_of_squares(x + start, count, &sum)
                return sum
            }
        }
    }

    /// Whether no element is NaN or infinite.
    public var isFinite: Bool {
        let values = dtype == .float32 ? self : converted(to: .float32)
        let count = elementCount
        return values.withPointer(of: Float.self) { x in
            var result = true
            ctk_all_finite(x, count, &result)
            return result
        }
    }

    /// The largest element along the last axis and its index (the first of equals); no gradient through the index.
    ///
    /// `[..., columns]` → values and indices `[...]`. A row with a NaN gives NaN and its index, as in PyTorch.
    public func maximum() -> (values: Tensor, indices: [Int]) {
        require(rank > 0 && shape[-1] > 0, "maximum of \(shape)")
        let columns = shape[-1]
        let rows = elementCount / columns
        let indices = withPointer(of: Float.self) { x in
            (0..<rows).map { row -> Int in
                let line = x + row * columns
                var best = 0
                for column in 0..<columns {
                    if line[column].isNaN { return column }
                    if line[column] > line[best] { best = column }
                }
                return best
            }
        }
        let values = reshaped([rows, columns]).gatheringColumns(indices)
        return (values.reshaped(Array(shape.sizes.dropLast())), indices)
    }

    /// The index of the largest element along the last axis.
    public func argmax() -> [Int] { detached.maximum().indices }

    /// The `count` largest elements of each row and their columns, largest first, equal ones by column.
    ///
    /// `[rows, columns]` → values `[rows, count]`, columns row by row.
    public func top(_ count: Int) -> (values: Tensor, columns: [Int]) {
        require(rank == 2 && count > 0 && count <= shape[1], "top \(count) of \(shape)")
        let width = shape[1]
        var columns: [Int] = []
        columns.reserveCapacity(shape[0] * count)
        let rows = elements(of: Float.self)
        for row in 0..<shape[0] {
            let order = (0..<width).sorted {
                let (a, b) = (rows[row * width + $0], rows[row * width + $1])
                return a != b ? a > b : $0 < $1
            }
            columns.append(contentsOf: order.prefix(count))
        }
        return (gatheringColumns(columns, perRow: count).reshaped([shape[0], count]), columns)
    }
}
