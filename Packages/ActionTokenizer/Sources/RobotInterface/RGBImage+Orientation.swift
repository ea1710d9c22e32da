public import ImageProcessing

extension ImageOrientation {
    /// Whether rows and columns are reversed against the simulator's own order.
    private var reversed: (rows: Bool, columns: Bool) {
        switch self {
        case .raw: (false, false)
        case .upright: (true, false)
        case .rotated180: (true, true)
        }
    }

    /// The turn from images of this orientation to another.
    fileprivate func turn(to other: ImageOrientation) -> (reversesRows: Bool, reversesColumns: Bool) {
        (reversed.rows != other.reversed.rows, reversed.columns != other.reversed.columns)
    }
}

extension RGBImage {
    /// The same image with its rows and columns in another orientation.
    public func turned(from found: ImageOrientation, to wanted: ImageOrientation) -> RGBImage {
        switch found.turn(to: wanted) {
        case (false, false): self
        case (true, false): flippedVertically()
        case (false, true): flippedHorizontally()
        case (true, true): rotated180()
        }
    }
}
