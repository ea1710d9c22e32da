public import ImageProcessing

/// Several pictures on one: a film at a glance.
public struct ContactSheet: Sendable {
    /// Pictures in a row.
    public var columnCount: Int
    /// Pixels between pictures and around them.
    public var margin: Int
    public var background: SIMD3<UInt8>

    public init(columnCount: Int = 6, margin: Int = 4, background: SIMD3<UInt8> = SIMD3(255, 255, 255)) {
        precondition(columnCount > 0 && margin >= 0, "ContactSheet: \(columnCount) columns, margin \(margin)")
        self.columnCount = columnCount
        self.margin = margin
        self.background = background
    }

    /// Lays pictures of one size out in rows; traps when there is none or sizes differ.
    public func image(of pictures: [RGBImage]) -> RGBImage {
        guard let first = pictures.first else { preconditionFailure("ContactSheet: no pictures") }
        let columns = min(columnCount, pictures.count)
        let rows = (pictures.count + columns - 1) / columns
        let (width, height) = (first.width, first.height)
        var sheet = RGBImage(
            width: columns * (width + margin) + margin, height: rows * (height + margin) + margin, color: background)
        for (index, picture) in pictures.enumerated() {
            precondition(
                picture.width == width && picture.height == height, "ContactSheet: \(picture) beside \(first)")
            let (row, column) = index.quotientAndRemainder(dividingBy: columns)
            sheet.draw(picture, x: margin + column * (width + margin), y: margin + row * (height + margin))
        }
        return sheet
    }

    /// The places of at most `count` pictures spread evenly over `total`, the first and the last among them.
    public static func places(_ count: Int, of total: Int) -> [Int] {
        precondition(count > 0 && total >= 0, "ContactSheet: \(count) of \(total)")
        guard total > count else { return Array(0..<total) }
        guard count > 1 else { return [total - 1] }
        return (0..<count).map { ($0 * (total - 1) + (count - 1) / 2) / (count - 1) }
    }
}
