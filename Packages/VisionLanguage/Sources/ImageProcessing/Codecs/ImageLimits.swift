/// What a reader of images accepts before it refuses a file.
public struct ImageLimits: Sendable, Hashable {
    /// Pixels of one image; each takes three bytes.
    public var pixelCount: Int

    public init(pixelCount: Int = 1 << 26) { self.pixelCount = pixelCount }

    public static let `default` = ImageLimits()
}
