import CTensorKernels

extension Tensor {
    /// The elements as another type, rounded to nearest (ties to even) where precision is lost.
    ///
    /// `int8` with row scales converts to `float32` by its scales; see ``quantizedByRow()`` for the other way. Floating
    /// point to integers truncates toward zero and traps outside of the range. The gradient passes from `float32` to
    /// `float32` only.
    public func converted(to target: DType) -> Tensor {
        if target == dtype && rowScales == nil { return self }
        let count = elementCount
        let source = contiguous
        switch (dtype, target) {
        case (.float16, .float32):
            return source.converting(from: UInt16.self, to: Float.self, target) { ctk_float16_to_float($0, $1, $2) }
        case (.bfloat16, .float32):
            return source.converting(from: UInt16.self, to: Float.self, target) { ctk_bfloat16_to_float($0, $1, $2) }
        case (.float32, .float16):
            return source.converting(from: Float.self, to: UInt16.self, target) { ctk_float_to_float16($0, $1, $2) }
        case (.float32, .bfloat16):
            return source.converting(from: Float.self, to: UInt16.self, target) { ctk_float_to_bfloat16($0, $1, $2) }
        case (.int8, .float32) where rowScales != nil:
            let result = Tensor.uninitialized(shape)
            let columns = shape[0] == 0 ? 0 : count / shape[0]
            source.withPointer(of: Int8.self) { q in
                ctk_dequantize_rows(q, rowScales!, result.floatBase, shape[0], columns)
            }
            return result
        case (.float16, _), (.bfloat16, _):
            return source.converted(to: .float32).converted(to: target)
        case (_, .float16), (_, .bfloat16):
            return source.converted(to: .float32).converted(to: target)
        default:
            return source.convertedElementwise(to: target)
        }
    }

    /// An `int8` matrix with one scale per row, max |row| / 127: about a quarter of the memory of `float32`.
    ///
    /// The error of an element is at most half its row's scale.
    public func quantizedByRow() -> Tensor {
        require(rank == 2, "quantizedByRow: a matrix is needed, not \(shape)")
        let (rows, columns) = (shape[0], shape[1])
        let source = dtype == .float32 ? self : converted(to: .float32)
        let storage = TensorStorage(byteCount: rows * columns)
        var scales = [Float](repeating: 0, count: rows)
        source.withPointer(of: Float.self) { x in
            ctk_quantize_rows(x, storage.base.assumingMemoryBound(to: Int8.self), &scales, rows, columns)
        }
        return Tensor(storage: storage, dtype: .int8, shape: shape, rowScales: scales)
    }

    /// Rows of a table stored in another type, as `float32`: only the rows asked for are converted.
    func gatheringStoredRows(_ indices: [Int]) -> Tensor {
        let rows = indices.map { self[$0..<$0 + 1].converted(to: .float32) }
        return rows.isEmpty ? .zeros([0, shape[1]]) : .concatenated(rows, axis: 0)
    }

    private func converting<From, To>(
        from _: From.Type, to _: To.Type, _ target: DType,
        _ kernel: (UnsafePointer<From>, UnsafeMutablePointer<To>, Int) -> Void
    ) -> Tensor {
        let result = Tensor.uninitialized(shape, dtype: target)
        let x = UnsafePointer((storage.base + offset * dtype.byteSize).assumingMemoryBound(to: From.self))
        let y = result.storage.base.assumingMemoryBound(to: To.self)
        Kernel.forEachPiece(elementCount) { start, count in kernel(x + start, y + start, count) }
        return result
    }

    private func convertedElementwise(to target: DType) -> Tensor {
        switch dtype {
        case .float64: convertFloating(elements(of: Double.self), to: target)
        case .float32: convertFloating(elements(of: Float.self).map(Double.init), to: target)
        case .float16, .bfloat16: converted(to: .float32).converted(to: target)
        default: convertIntegers(integers, to: target)
        }
    }

    private func convertFloating(_ values: [Double], to target: DType) -> Tensor {
        switch target {
        case .float64: Tensor(scalars: values, shape)
        case .float32: Tensor(scalars: values.map { Float($0) }, shape)
        case .bool: Tensor(scalars: values.map { $0 != 0 }, shape)
        default: convertIntegers(values.map { Int($0) }, to: target)
        }
    }

    private func convertIntegers(_ values: [Int], to target: DType) -> Tensor {
        switch target {
        case .float64: Tensor(scalars: values.map(Double.init), shape)
        case .float32: Tensor(scalars: values.map { Float($0) }, shape)
        case .int64: Tensor(scalars: values.map(Int64.init), shape)
        case .int32: Tensor(scalars: values.map(Int32.init), shape)
        case .int16: Tensor(scalars: values.map(Int16.init), shape)
        case .int8: Tensor(scalars: values.map(Int8.init), shape)
        case .uint8: Tensor(scalars: values.map(UInt8.init), shape)
        case .bool: Tensor(scalars: values.map { $0 != 0 }, shape)
        case .float16, .bfloat16: Tensor(scalars: values.map { Float($0) }, shape).converted(to: target)
        }
    }
}
