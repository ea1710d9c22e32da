/// An n-dimensional array with value semantics.
///
/// Copies share memory until one of them is written. Slices, transposes and broadcasts are views; kernels copy a view
/// that is not row-major when they need it so. Computation is in `float32`; other types are stored, converted
/// (``converted(to:)``) and, for weights, multiplied directly.
///
/// A tensor that takes part in differentiation refers to a ``GradientNode``; everything computed from it is recorded.
/// Wrong shapes are programming errors and trap with both shapes in the message.
public struct Tensor: Sendable {
    public let dtype: DType
    public let shape: Shape
    /// Elements between neighbours along each axis; 0 where an axis is broadcast.
    public let strides: [Int]
    var storage: TensorStorage
    /// Index of the first element in the storage.
    let offset: Int
    /// One scale per row of an `int8` matrix: value = element · rowScales[row].
    public let rowScales: [Float]?
    /// The place in the graph of a recorded tensor, nil for constants.
    var node: GradientNode?

    init(
        storage: TensorStorage, dtype: DType, shape: Shape, strides: [Int]? = nil, offset: Int = 0,
        rowScales: [Float]? = nil, node: GradientNode? = nil
    ) {
        self.dtype = dtype
        self.shape = shape
        self.strides = strides ?? shape.rowMajorStrides
        self.storage = storage
        self.offset = offset
        self.rowScales = rowScales
        self.node = node
    }

    /// A row-major tensor on given storage, for readers of files. `byteOffset` must suit the element's alignment.
    public init(storage: TensorStorage, byteOffset: Int = 0, dtype: DType, shape: Shape) {
        require(byteOffset % dtype.byteSize == 0, "offset \(byteOffset) is not aligned for \(dtype)")
        require(
            byteOffset >= 0 && byteOffset + shape.elementCount * dtype.byteSize <= storage.byteCount,
            "\(shape) \(dtype) at byte \(byteOffset) does not fit \(storage.byteCount) bytes")
        self.init(storage: storage, dtype: dtype, shape: shape, offset: byteOffset / dtype.byteSize)
    }

    public var rank: Int { shape.rank }
    public var elementCount: Int { shape.elementCount }

    /// Whether the elements lie one after another in row-major order.
    public var isContiguous: Bool {
        var expected = 1
        for axis in stride(from: rank - 1, through: 0, by: -1) where shape[axis] != 1 {
            guard strides[axis] == expected else { return false }
            expected *= shape[axis]
        }
        return true
    }

    /// Whether the elements lie in memory that others own, such as the pages of a mapped file.
    public var isMapped: Bool { !storage.isWritable }

    /// Whether operations on this tensor are recorded for `valueAndGradient`.
    public var requiresGradient: Bool { node != nil }

    /// The same values as a constant.
    public var detached: Tensor {
        var result = self
        result.node = nil
        return result
    }
}

// MARK: - Creation

extension Tensor {
    /// A tensor whose elements are not initialized; the caller writes them all before the tensor is seen.
    package static func uninitialized(_ shape: Shape, dtype: DType = .float32) -> Tensor {
        Tensor(
            storage: TensorStorage(byteCount: shape.elementCount * dtype.byteSize), dtype: dtype, shape: shape)
    }

    /// Row-major elements of any scalar type, which becomes the tensor's ``dtype``.
    public init<Scalar: TensorScalar>(scalars elements: [Scalar], _ shape: Shape) {
        require(elements.count == shape.elementCount, "\(elements.count) elements for shape \(shape)")
        self = .uninitialized(shape, dtype: Scalar.dtype)
        elements.withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(start: storage.base, count: source.count).copyMemory(from: source)
        }
    }

    /// Row-major `float32` elements.
    public init(_ elements: [Float], _ shape: Shape) { self.init(scalars: elements, shape) }

    /// A vector.
    public init(_ elements: [Float]) { self.init(elements, [elements.count]) }

    /// A scalar.
    public init(_ value: Float) { self.init([value], []) }

    /// The same value everywhere.
    public static func full(_ shape: Shape, _ value: Float) -> Tensor {
        let result = uninitialized(shape)
        result.storage.base.assumingMemoryBound(to: Float.self).update(repeating: value, count: shape.elementCount)
        return result
    }

    public static func zeros(_ shape: Shape) -> Tensor { full(shape, 0) }
    public static func ones(_ shape: Shape) -> Tensor { full(shape, 1) }
}

// MARK: - Reading and writing elements

extension Tensor {
    /// Passes the elements in row-major order; a view that is not row-major is copied first.
    ///
    /// Traps unless `Scalar` is the tensor's ``dtype``.
    public func withSpan<Scalar: TensorScalar, Result>(
        of _: Scalar.Type, _ body: (Span<Scalar>) throws -> Result
    ) rethrows -> Result {
        try withPointer(of: Scalar.self) { pointer in
            try body(UnsafeBufferPointer(start: pointer, count: elementCount).span)
        }
    }

    /// Passes the elements for writing, in row-major order, after making the memory this tensor's own.
    ///
    /// The tensor becomes a constant: what was recorded of it does not follow the change.
    public mutating func withMutableSpan<Scalar: TensorScalar, Result>(
        of _: Scalar.Type, _ body: (inout MutableSpan<Scalar>) throws -> Result
    ) rethrows -> Result {
        let count = elementCount
        return try withMutablePointer(of: Scalar.self) { pointer in
            var span = UnsafeMutableBufferPointer(start: pointer, count: count).mutableSpan
            return try body(&span)
        }
    }

    /// Passes the elements of a `float32` tensor in row-major order.
    public func withSpan<Result>(_ body: (Span<Float>) throws -> Result) rethrows -> Result {
        try withSpan(of: Float.self, body)
    }

    /// Passes the elements of a `float32` tensor for writing, in row-major order.
    public mutating func withMutableSpan<Result>(
        _ body: (inout MutableSpan<Float>) throws -> Result
    ) rethrows -> Result {
        try withMutableSpan(of: Float.self, body)
    }

    /// The elements of a `float32` tensor in row-major order.
    public func elements() -> [Float] { elements(of: Float.self) }

    /// The elements in row-major order. Traps unless `Scalar` is the tensor's ``dtype``.
    public func elements<Scalar: TensorScalar>(of _: Scalar.Type) -> [Scalar] {
        withPointer(of: Scalar.self) { Array(UnsafeBufferPointer(start: $0, count: elementCount)) }
    }

    /// The elements as `Float`, whatever the type.
    public var floats: [Float] { converted(to: .float32).elements() }

    /// The value of a tensor with one element.
    public var scalar: Float {
        require(elementCount == 1, "scalar: shape \(shape) has \(elementCount) elements")
        return floats[0]
    }

    package func withPointer<Scalar: TensorScalar, Result>(
        of _: Scalar.Type, _ body: (UnsafePointer<Scalar>) throws -> Result
    ) rethrows -> Result {
        require(dtype == Scalar.dtype, "tensor of \(dtype) read as \(Scalar.dtype)")
        let source = contiguous
        let pointer = UnsafePointer(source.storage.base.assumingMemoryBound(to: Scalar.self) + source.offset)
        return try withExtendedLifetime(source.storage) { try body(pointer) }
    }

    package mutating func withMutablePointer<Scalar: TensorScalar, Result>(
        of _: Scalar.Type, _ body: (UnsafeMutablePointer<Scalar>) throws -> Result
    ) rethrows -> Result {
        require(dtype == Scalar.dtype, "tensor of \(dtype) written as \(Scalar.dtype)")
        node = nil
        if !isContiguous {
            self = contiguous
        }
        if !storage.isWritable || !isKnownUniquelyReferenced(&storage) {
            self = copied()
        }
        let pointer = storage.base.assumingMemoryBound(to: Scalar.self) + offset
        return try withExtendedLifetime(storage) { try body(pointer) }
    }
}
