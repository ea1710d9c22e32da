/// The sizes of a tensor's axes, outermost first. A scalar has the empty shape.
public struct Shape: Hashable, Sendable, Codable, RandomAccessCollection, ExpressibleByArrayLiteral,
    CustomStringConvertible
{
    public var sizes: [Int]

    public init(_ sizes: some Sequence<Int>) {
        self.sizes = Array(sizes)
        require(self.sizes.allSatisfy { $0 >= 0 }, "shape \(self.sizes): negative size")
    }

    public init(arrayLiteral sizes: Int...) { self.init(sizes) }

    public var startIndex: Int { 0 }
    public var endIndex: Int { sizes.count }

    /// The size of an axis; negative axes count from the last one, −1.
    public subscript(axis: Int) -> Int { sizes[axis < 0 ? axis + sizes.count : axis] }

    public var rank: Int { sizes.count }

    /// Product of the sizes.
    public var elementCount: Int { sizes.reduce(1, *) }

    /// Elements between neighbours along each axis of a row-major array of this shape.
    public var rowMajorStrides: [Int] {
        var strides = [Int](repeating: 1, count: rank)
        for axis in stride(from: rank - 2, through: 0, by: -1) { strides[axis] = strides[axis + 1] * sizes[axis + 1] }
        return strides
    }

    public var description: String { "[" + sizes.map(String.init).joined(separator: ", ") + "]" }

    /// The shape of an element-wise result, by NumPy's broadcasting rules; nil when the shapes do not fit.
    public func broadcast(with other: Shape) -> Shape? {
        let rank = Swift.max(rank, other.rank)
        var result = [Int](repeating: 1, count: rank)
        for axis in 1...Swift.max(rank, 1) where rank > 0 {
            let a = axis <= self.rank ? self[-axis] : 1
            let b = axis <= other.rank ? other[-axis] : 1
            guard a == b || a == 1 || b == 1 else { return nil }
            result[rank - axis] = a == 1 ? b : a
        }
        return Shape(result)
    }
}
