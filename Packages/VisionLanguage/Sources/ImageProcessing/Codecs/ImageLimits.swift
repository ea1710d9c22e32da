/// What a reader of images accepts before it refuses a file.
public struct ImageLimits: Sendable, Hashable {
    /// Pixels of one image; each takes three bytes.
    public var pixelCount: Int

    public init(pixelCount: Int = 1 << 26) { self.pixelCount = pixelCount }

    public static let `default` = ImageLimits()

    /// Pixels that any file may have however small it is: 2048 by 2048.
    public static let freePixelCount = 1 << 22
    /// Pixels to a byte of a file beyond ``freePixelCount``; photographs have less than ten.
    public static let pixelsPerByte = 64

    /// The most pixels that a file of so many bytes may have: compression lets few bytes announce a large image.
    /// An unlimited ``pixelCount`` stays so.
    func pixelCount(forByteCount byteCount: Int) -> Int {
        guard pixelCount < .max else { return pixelCount }
        let (product, overflow) = byteCount.multipliedReportingOverflow(by: Self.pixelsPerByte)
        return min(pixelCount, overflow ? .max : max(product, Self.freePixelCount))
    }
}
