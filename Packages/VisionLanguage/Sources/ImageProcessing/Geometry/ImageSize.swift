/// Width and height in pixels.
public struct ImageSize: Codable, Hashable, Sendable, CustomStringConvertible {
    public var width: Int
    public var height: Int

    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// As many columns as rows.
    public static func square(_ side: Int) -> ImageSize { ImageSize(width: side, height: side) }

    public var description: String { "\(width) × \(height)" }
}

extension RGBImage {
    public var size: ImageSize { ImageSize(width: width, height: height) }
}
