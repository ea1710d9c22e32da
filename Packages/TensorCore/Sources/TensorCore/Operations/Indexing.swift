import CTensorKernels

extension Tensor {
    /// Indices of any integer type, row-major.
    public var integers: [Int] {
        switch dtype {
        case .int64: elements(of: Int64.self).map(Int.init)
        case .int32: elements(of: Int32.self).map(Int.init)
        case .int16: elements(of: Int16.self).map(Int.init)
        case .int8: elements(of: Int8.self).map(Int.init)
        case .uint8: elements(of: UInt8.self).map(Int.init)
        case .bool: elements(of: Bool.self).map { $0 ? 1 : 0 }
        default: fatalError("integers of a tensor of \(dtype)")
        }
    }

    /// Indices as a tensor of `int64`.
    public init(integers: [Int], _ shape: Shape) { self.init(scalars: integers.map(Int64.init), shape) }

    /// Rows of the first axis by index: `[rows, ...]` → `[indices.count, ...]`. An index may occur any number of times.
    public func gatheringRows(_ indices: [Int]) -> Tensor {
        let rows = shape[0]
        let width = rows == 0 ? 0 : elementCount / rows
        if let wrong = indices.first(where: { $0 < 0 || $0 >= rows }) {
            fatalError("row \(wrong) of a tensor of shape \(shape)")
        }
        let result = Tensor.uninitialized(Shape([indices.count] + shape.sizes.dropFirst()))
        Profiler.measure("gatherRows", bytes: 8 * result.elementCount, shape: result.shape) {
            withPointer(of: Float.self) { source in
                Kernel.forEachPiece(indices.count, grain: Kernel.rowsPerTask(width)) { start, count in
                    for i in start..<start + count {
                        (result.floatBase + i * width).update(from: source + indices[i] * width, count: width)
                    }
                }
            }
        }
        let whole = shape
        return result.recorded("gatherRows", from: [self]) { dy, inputs in
            inputs.accumulate(to: 0, shape: whole) { gradient, isFirst in
                if isFirst { gradient.update(repeating: 0, count: whole.elementCount) }
                dy.withPointer(of: Float.self) { dy in
                    for (i, row) in indices.enumerated() {
                        ctk_add_scaled(dy + i * width, 1, gradient + row * width, width)
                    }
                }
            }
        }
    }

    /// Adds the rows of this tensor into `rowCount` rows of zeros: row i goes to row `indices[i]`, in the order of i.
    public func scatteringRows(to indices: [Int], rowCount: Int) -> Tensor {
        require(indices.count == shape[0], "scatter of \(shape[0]) rows to \(indices.count) places")
        let width = indices.isEmpty ? shape.sizes.dropFirst().reduce(1, *) : elementCount / shape[0]
        if let wrong = indices.first(where: { $0 < 0 || $0 >= rowCount }) {
            fatalError("scatter to row \(wrong) of \(rowCount)")
        }
        let result = Tensor.zeros(Shape([rowCount] + shape.sizes.dropFirst()))
        Profiler.measure("scatterRows", bytes: 12 * elementCount, shape: result.shape) {
            withPointer(of: Float.self) { source in
                for (i, row) in indices.enumerated() {
                    ctk_add_scaled(source + i * width, 1, result.floatBase + row * width, width)
                }
            }
        }
        return result.recorded("scatterRows", from: [self]) { dy, inputs in
            inputs.add(dy.gatheringRows(indices), to: 0)
        }
    }

    /// This tensor with some rows of the first axis replaced: row `indices[i]` becomes row i of `rows`.
    ///
    /// Indices must differ from one another. The gradient of a replaced row goes to `rows` alone.
    public func replacingRows(at indices: [Int], with rows: Tensor) -> Tensor {
        require(
            rows.shape[0] == indices.count && rows.shape.sizes.dropFirst() == shape.sizes.dropFirst(),
            "replace \(indices.count) rows of \(shape) by \(rows.shape)")
        require(Set(indices).count == indices.count, "replace rows: an index occurs twice")
        if let wrong = indices.first(where: { $0 < 0 || $0 >= shape[0] }) {
            fatalError("replace row \(wrong) of \(shape)")
        }
        let width = shape.sizes.dropFirst().reduce(1, *)
        let result = copied()
        rows.withPointer(of: Float.self) { source in
            for (i, row) in indices.enumerated() {
                (result.floatBase + row * width).update(from: source + i * width, count: width)
            }
        }
        return result.recorded("replaceRows", from: [self, rows]) { dy, inputs in
            inputs.add(dy.gatheringRows(indices), to: 1)
            guard inputs.isNeeded(0) else { return }
            let rest = dy.copied()
            for row in indices { (rest.floatBase + row * width).update(repeating: 0, count: width) }
            inputs.add(rest, to: 0)
        }
    }

    /// Elements of each row by column: `[rows, columns]` → `[rows, perRow]`, or `[rows]` when `perRow` is 1.
    func gatheringColumns(_ columns: [Int], perRow: Int = 1) -> Tensor {
        let (rows, width) = (shape[0], shape[1])
        let result = Tensor.uninitialized(perRow == 1 ? [rows] : [rows, perRow])
        withPointer(of: Float.self) { x in
            for (i, column) in columns.enumerated() { result.floatBase[i] = x[i / perRow * width + column] }
        }
        let whole = shape
        return result.recorded("gatherColumns", from: [self]) { dy, inputs in
            inputs.accumulate(to: 0, shape: whole) { gradient, isFirst in
                if isFirst { gradient.update(repeating: 0, count: whole.elementCount) }
                dy.withPointer(of: Float.self) { dy in
                    for (i, column) in columns.enumerated() { gradient[i / perRow * width + column] += dy[i] }
                }
            }
        }
    }

    /// `a` where the mask is true, else `b`; mask, row-major, has the shape of both.
    public static func select(_ mask: [Bool], _ a: Tensor, _ b: Tensor) -> Tensor {
        require(
            a.shape == b.shape && mask.count == a.elementCount, "select: \(mask.count) of \(a.shape) and \(b.shape)")
        let ones = Tensor(mask.map { $0 ? 1 : 0 } as [Float], a.shape)
        let result = Tensor.uninitialized(a.shape)
        a.withPointer(of: Float.self) { x in
            b.withPointer(of: Float.self) { y in
                for i in 0..<mask.count { result.floatBase[i] = mask[i] ? x[i] : y[i] }
            }
        }
        return result.recorded("select", from: [a, b]) { dy, inputs in
            inputs.add(dy * ones, to: 0)
            inputs.add(dy * (1 - ones), to: 1)
        }
    }
}

/// Rows of a table by id: table `[count, width]`, ids of any shape `[...]` → `[..., width]`.
///
/// `ids` is an integer tensor. Only the rows of the ids met get a gradient, added in the order of the ids.
public func embedding(_ table: Tensor, ids: Tensor) -> Tensor {
    require(table.rank == 2, "embedding: table of shape \(table.shape)")
    let indices = ids.integers
    if let wrong = indices.first(where: { $0 < 0 || $0 >= table.shape[0] }) {
        fatalError("embedding: id \(wrong) in a table of \(table.shape[0]) rows")
    }
    let source = table.dtype == .float32 ? table : table.gatheringStoredRows(indices)
    let rows = table.dtype == .float32 ? source.gatheringRows(indices) : source
    return rows.reshaped(ids.shape.sizes + [table.shape[1]])
}
