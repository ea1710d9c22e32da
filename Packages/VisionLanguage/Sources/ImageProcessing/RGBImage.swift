/// An image of 8-bit red, green and blue values, interleaved, row by row from the top.
public struct RGBImage: Sendable, Hashable {
    /// Columns, at least 1.
    public let width: Int
    /// Rows, at least 1.
    public let height: Int
    /// `height · width · 3` values; those of (x, y) start at `3 · (y · width + x)`.
    public var pixels: [UInt8] {
        didSet { Self.check(width, height, pixels.count) }
    }

    /// Traps unless there are `width · height · 3` values.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        Self.check(width, height, pixels.count)
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// One colour everywhere.
    public init(width: Int, height: Int, color: SIMD3<UInt8> = .zero) {
        precondition(width > 0 && height > 0, "RGBImage: \(width) × \(height)")
        let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
            for i in 0..<width * height { for c in 0..<3 { buffer[3 * i + c] = color[c] } }
            count = buffer.count
        }
        self.init(width: width, height: height, pixels: pixels)
    }

    private static func check(_ width: Int, _ height: Int, _ count: Int) {
        precondition(
            width > 0 && height > 0 && count == width * height * 3,
            "RGBImage: \(count) values for \(width) × \(height)")
    }

    /// The color at column `x` and row `y`.
    public subscript(x: Int, y: Int) -> SIMD3<UInt8> {
        get {
            let i = index(x, y)
            return SIMD3(pixels[i], pixels[i + 1], pixels[i + 2])
        }
        set {
            let i = index(x, y)
            for c in 0..<3 { pixels[i + c] = newValue[c] }
        }
    }

    private func index(_ x: Int, _ y: Int) -> Int {
        precondition(x >= 0 && x < width && y >= 0 && y < height, "RGBImage: (\(x), \(y)) of \(width) × \(height)")
        return 3 * (y * width + x)
    }
}

extension RGBImage: CustomStringConvertible {
    public var description: String { "RGBImage(\(width) × \(height))" }
}
