/// One column of an episode: `width` numbers for each frame.
public struct NumberColumn: Hashable, Sendable {
    /// How a file stores the numbers; all are exact in `Double`, but whole numbers beyond 2⁵³.
    public enum ElementType: String, Codable, Sendable { case float64, float32, int64, int32, uint8, bool }

    public let width: Int
    /// Frame by frame.
    public let values: [Double]
    public let elementType: ElementType

    public init(width: Int, values: [Double], elementType: ElementType = .float64) {
        precondition(
            width > 0 && values.count.isMultiple(of: width), "NumberColumn: \(values.count) values of width \(width)")
        (self.width, self.values, self.elementType) = (width, values, elementType)
    }

    /// Frames.
    public var count: Int { values.count / width }

    /// The numbers of a frame.
    public subscript(frame: Int) -> ArraySlice<Double> {
        precondition(0..<count ~= frame, "frame \(frame) of \(count)")
        return values[frame * width..<(frame + 1) * width]
    }

    /// One number of a frame.
    public subscript(frame: Int, dimension: Int) -> Double {
        precondition(0..<width ~= dimension, "dimension \(dimension) of \(width)")
        return values[frame * width + dimension]
    }

    /// Some frames.
    public func rows(_ rows: Range<Int>) -> NumberColumn {
        NumberColumn(
            width: width, values: Array(values[rows.lowerBound * width..<rows.upperBound * width]),
            elementType: elementType)
    }

    /// The numbers rounded to `Float`, as sets in single precision hold them.
    public var rounded: NumberColumn {
        NumberColumn(width: width, values: values.map { Double(Float($0)) }, elementType: .float32)
    }

    /// The first frame with a number that is NaN or infinite.
    var firstNotFinite: Int? { values.firstIndex { !$0.isFinite }.map { $0 / width } }
}
