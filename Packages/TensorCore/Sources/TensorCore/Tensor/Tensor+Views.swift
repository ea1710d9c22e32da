import Parallel

extension Tensor {
    /// The same elements with row-major strides: this tensor when it has them, else a copy.
    public var contiguous: Tensor {
        if isContiguous {
            return self
        }
        let result = Profiler.measure("contiguous", bytes: 2 * dtype.byteSize * elementCount, shape: shape) { copied() }
        guard node != nil else { return result }
        return result.recorded("contiguous", from: [self]) { dy, inputs in inputs.add(dy, to: 0) }
    }

    /// A copy in memory of its own, row-major, a constant.
    func copied() -> Tensor {
        let result = Tensor(
            storage: TensorStorage(byteCount: elementCount * dtype.byteSize), dtype: dtype, shape: shape,
            rowScales: rowScales)
        switch dtype.byteSize {
        case 1: copyElements(as: UInt8.self, to: result)
        case 2: copyElements(as: UInt16.self, to: result)
        case 4: copyElements(as: UInt32.self, to: result)
        default: copyElements(as: UInt64.self, to: result)
        }
        return result
    }

    /// Copies in runs: the innermost axes that lie together are moved as one.
    private func copyElements<Bits: BitwiseCopyable>(as _: Bits.Type, to result: Tensor) {
        guard elementCount > 0 else { return }
        let source = storage.base.assumingMemoryBound(to: Bits.self) + offset
        let target = result.storage.base.assumingMemoryBound(to: Bits.self)

        // the longest contiguous run, and the axes around it
        var run = 1
        var outer = rank
        while outer > 0, shape[outer - 1] == 1 || strides[outer - 1] == run {
            run *= shape[outer - 1]
            outer -= 1
        }
        guard outer > 0 else {
            target.update(from: source, count: run)
            return
        }
        let sizes = Array(shape.sizes[0..<outer])
        let steps = Array(strides[0..<outer])
        let innerSize = sizes[outer - 1]
        let innerStep = steps[outer - 1]
        let rows = sizes.dropLast().reduce(1, *)
        let rowsPerTask = Swift.max(1, 16_384 / Swift.max(1, innerSize * run))

        parallelFor((rows + rowsPerTask - 1) / rowsPerTask) { task in
            for row in task * rowsPerTask..<Swift.min(rows, (task + 1) * rowsPerTask) {
                // position of the row in the source
                var rest = row
                var start = source
                for axis in stride(from: outer - 2, through: 0, by: -1) {
                    start += rest % sizes[axis] * steps[axis]
                    rest /= sizes[axis]
                }
                let destination = target + row * innerSize * run
                if run == 1 {
                    for i in 0..<innerSize { destination[i] = start[i * innerStep] }
                } else {
                    for i in 0..<innerSize {
                        (destination + i * run).update(from: start + i * innerStep, count: run)
                    }
                }
            }
        }
    }

    /// The same elements in row-major order with another shape; one size may be −1 and is worked out.
    public func reshaped(_ sizes: [Int]) -> Tensor {
        var sizes = sizes
        if let unknown = sizes.firstIndex(of: -1) {
            let known = sizes.enumerated().filter { $0.offset != unknown }.map(\.element).reduce(1, *)
            require(known > 0 && elementCount % known == 0, "reshape \(shape) to \(sizes)")
            sizes[unknown] = elementCount / known
        }
        let target = Shape(sizes)
        require(target.elementCount == elementCount, "reshape \(shape) to \(target)")
        require(rowScales == nil, "reshape of an int8 matrix with row scales")
        let source = contiguous
        let original = shape
        let result = Tensor(storage: source.storage, dtype: dtype, shape: target, offset: source.offset)
        guard source.node != nil else { return result }
        return result.recorded("reshape", from: [source]) { dy, inputs in
            inputs.add(dy.reshaped(original.sizes), to: 0)
        }
    }

    /// The axes in another order: axis `i` of the result is axis `axes[i]` of this tensor. A view.
    public func permuted(_ axes: [Int]) -> Tensor {
        require(axes.sorted() == Array(0..<rank), "permute \(shape) by \(axes)")
        let result = Tensor(
            storage: storage, dtype: dtype, shape: Shape(axes.map { shape.sizes[$0] }),
            strides: axes.map { strides[$0] },
            offset: offset)
        guard node != nil else { return result }
        return result.recorded("permute", from: [self]) { dy, inputs in
            var inverse = [Int](repeating: 0, count: axes.count)
            for (new, old) in axes.enumerated() { inverse[old] = new }
            inputs.add(dy.permuted(inverse), to: 0)
        }
    }

    /// Two axes exchanged; negative axes count from the last. A view.
    public func transposed(_ first: Int = -2, _ second: Int = -1) -> Tensor {
        var axes = Array(0..<rank)
        axes.swapAt(first < 0 ? first + rank : first, second < 0 ? second + rank : second)
        return permuted(axes)
    }

    /// The part of an axis from `range`. A view.
    public func slice(axis: Int, _ range: Range<Int>) -> Tensor {
        let axis = axis < 0 ? axis + rank : axis
        require(
            axis >= 0 && axis < rank && range.lowerBound >= 0 && range.upperBound <= shape[axis],
            "slice \(range) of axis \(axis) of \(shape)")
        var sizes = shape.sizes
        sizes[axis] = range.count
        let scales = rowScales.map { axis == 0 ? Array($0[range]) : $0 }
        require(rowScales == nil || axis == 0, "an int8 matrix with row scales can only be sliced by rows")
        let result = Tensor(
            storage: storage, dtype: dtype, shape: Shape(sizes), strides: strides,
            offset: offset + range.lowerBound * strides[axis], rowScales: scales)
        guard node != nil else { return result }
        let whole = shape
        return result.recorded("slice", from: [self]) { dy, inputs in
            inputs.accumulate(to: 0, shape: whole) { gradient, isFirst in
                Tensor.addSlice(dy, axis: axis, start: range.lowerBound, of: whole, to: gradient, clearing: isFirst)
            }
        }
    }

    /// One position of an axis, which goes away. A view.
    public func select(axis: Int, _ index: Int) -> Tensor {
        let axis = axis < 0 ? axis + rank : axis
        let part = slice(axis: axis, index..<index + 1)
        var sizes = part.shape.sizes
        sizes.remove(at: axis)
        return part.reshapedView(Shape(sizes), removing: axis)
    }

    /// The first axis at one position.
    public subscript(index: Int) -> Tensor { select(axis: 0, index) }

    /// The first axis from `range`.
    public subscript(range: Range<Int>) -> Tensor { slice(axis: 0, range) }

    private func reshapedView(_ target: Shape, removing axis: Int) -> Tensor {
        var steps = strides
        steps.remove(at: axis)
        let result = Tensor(storage: storage, dtype: dtype, shape: target, strides: steps, offset: offset)
        guard node != nil else { return result }
        let original = shape
        return result.recorded("select", from: [self]) { dy, inputs in
            inputs.add(dy.reshaped(original.sizes), to: 0)
        }
    }

    /// An axis of size 1 put in at `axis`.
    public func expandingDimension(at axis: Int) -> Tensor {
        var sizes = shape.sizes
        sizes.insert(1, at: axis < 0 ? axis + rank + 1 : axis)
        return reshaped(sizes)
    }

    /// This tensor repeated to a larger shape by NumPy's broadcasting rules. A view.
    public func broadcast(to target: Shape) -> Tensor {
        if target == shape { return self }
        require(shape.broadcast(with: target) == target, "broadcast \(shape) to \(target)")
        var steps = [Int](repeating: 0, count: target.rank)
        for axis in 0..<rank where shape[axis] != 1 { steps[target.rank - rank + axis] = strides[axis] }
        let result = Tensor(storage: storage, dtype: dtype, shape: target, strides: steps, offset: offset)
        guard node != nil else { return result }
        let original = shape
        return result.recorded("broadcast", from: [self]) { dy, inputs in
            inputs.add(dy.summed(to: original), to: 0)
        }
    }

    /// Tensors of equal shape, but for one axis, joined along that axis.
    public static func concatenated(_ parts: [Tensor], axis: Int) -> Tensor {
        guard let first = parts.first else { fatalError("concatenation of no tensors") }
        let axis = axis < 0 ? axis + first.rank : axis
        var sizes = first.shape.sizes
        for part in parts {
            var other = part.shape.sizes
            require(
                other.count == sizes.count && part.dtype == first.dtype,
                "concatenation of \(first.shape) \(first.dtype) and \(part.shape) \(part.dtype)")
            other[axis] = sizes[axis]
            require(other == sizes, "concatenation of \(first.shape) and \(part.shape) along axis \(axis)")
        }
        sizes[axis] = parts.map { $0.shape[axis] }.reduce(0, +)

        // rows of `inner` bytes, `outer` of them, from each part in turn
        let inner = sizes[(axis + 1)...].reduce(first.dtype.byteSize, *)
        let outer = sizes[..<axis].reduce(1, *)
        let result = Tensor.uninitialized(Shape(sizes), dtype: first.dtype)
        var position = 0
        for part in parts {
            let source = part.contiguous
            let length = part.shape[axis] * inner
            let start = source.storage.base + source.offset * part.dtype.byteSize
            for row in 0..<outer {
                (result.storage.base + row * sizes[axis] * inner + position)
                    .copyMemory(from: start + row * length, byteCount: length)
            }
            position += length
        }
        let lengths = parts.map { $0.shape[axis] }
        return result.recorded("concatenate", from: parts) { dy, inputs in
            var start = 0
            for (index, length) in lengths.enumerated() {
                inputs.add(dy.slice(axis: axis, start..<start + length).contiguous, to: index)
                start += length
            }
        }
    }

    /// Tensors of equal shape along a new axis.
    public static func stacked(_ parts: [Tensor], axis: Int = 0) -> Tensor {
        concatenated(parts.map { $0.expandingDimension(at: axis) }, axis: axis)
    }

    /// Parts of the given sizes along an axis, as views.
    public func split(_ sizes: [Int], axis: Int) -> [Tensor] {
        let axis = axis < 0 ? axis + rank : axis
        require(sizes.reduce(0, +) == shape[axis], "split axis \(axis) of \(shape) into \(sizes)")
        var start = 0
        return sizes.map { size in
            defer { start += size }
            return slice(axis: axis, start..<start + size)
        }
    }

    /// Adds a part to the place in a whole gradient that it was sliced from.
    private static func addSlice(
        _ part: Tensor, axis: Int, start: Int, of whole: Shape, to gradient: UnsafeMutablePointer<Float>, clearing: Bool
    ) {
        if clearing { gradient.update(repeating: 0, count: whole.elementCount) }
        let inner = whole.sizes[(axis + 1)...].reduce(1, *)
        let outer = whole.sizes[..<axis].reduce(1, *)
        let length = part.shape[axis] * inner
        part.withPointer(of: Float.self) { source in
            for row in 0..<outer {
                let target = gradient + (row * whole[axis] + start) * inner
                Kernel.addScaled(source + row * length, 1, to: target, count: length)
            }
        }
    }
}
