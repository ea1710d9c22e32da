public import ImageProcessing

/// Several images on one: a film at a glance.
public struct ContactSheet: Sendable {
    /// Images in a row.
    public var columnCount: Int
    /// Pixels between images and around them.
    public var margin: Int
    public var background: SIMD3<UInt8>

    public init(columnCount: Int = 6, margin: Int = 4, background: SIMD3<UInt8> = SIMD3(255, 255, 255)) {
        precondition(columnCount > 0 && margin >= 0, "ContactSheet: \(columnCount) columns, margin \(margin)")
        self.columnCount = columnCount
        self.margin = margin
        self.background = background
    }

    /// Lays images of one size out in rows; traps when there is none or sizes differ.
    public func image(of images: [RGBImage]) -> RGBImage {
        guard let first = images.first else { preconditionFailure("ContactSheet: no images") }
        let columns = min(columnCount, images.count)
        let rows = (images.count + columns - 1) / columns
        let (width, height) = (first.width, first.height)
        var sheet = RGBImage(
            width: columns * (width + margin) + margin, height: rows * (height + margin) + margin, color: background)
        for (index, image) in images.enumerated() {
            precondition(
                image.width == width && image.height == height, "ContactSheet: \(image) beside \(first)")
            let (row, column) = index.quotientAndRemainder(dividingBy: columns)
            sheet.draw(image, x: margin + column * (width + margin), y: margin + row * (height + margin))
        }
        return sheet
    }

    /// The places of at most `count` images spread evenly over `total`, the first and the last among them.
    public static func places(_ count: Int, of total: Int) -> [Int] {
        precondition(count > 0 && total >= 0, "ContactSheet: \(count) of \(total)")
        guard total > count else { return Array(0..<total) }
        guard count > 1 else { return [total - 1] }
        return (0..<count).map { ($0 * (total - 1) + (count - 1) / 2) / (count - 1) }
    }
}
