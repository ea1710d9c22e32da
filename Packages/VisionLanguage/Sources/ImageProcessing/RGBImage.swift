/// Interleaved 8-bit RGB, row-major, row 0 first in memory.
public struct RGBImage: Sendable, Hashable {
    public let width: Int, height: Int
    public var pixels: [UInt8]

    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(pixels.count == width * height * 3, "RGBImage: \(pixels.count) bytes for \(width) × \(height)")
        (self.width, self.height, self.pixels) = (width, height, pixels)
    }
}
