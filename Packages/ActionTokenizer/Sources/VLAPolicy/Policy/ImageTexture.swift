public import ImageProcessing

/// How much neighbouring pixels differ: what resizing and compression change and the eye hardly sees.
public struct ImageTexture: Hashable, Codable, Sendable {
    /// Mean absolute difference of the brightness of neighbours, 0…255: one pixel apart, and two.
    public let near, far: Float
    /// Differences across the borders of JPEG's blocks of 8 pixels as a share of those elsewhere; 1 without blocks.
    public let blocks: Float

    public init(_ image: RGBImage) {
        let (width, height) = (image.width, image.height)
        var brightness = [Int32](repeating: 0, count: width * height)
        image.pixels.withUnsafeBufferPointer { pixels in
            for i in brightness.indices {
                brightness[i] = Int32(pixels[3 * i]) + 2 * Int32(pixels[3 * i + 1]) + Int32(pixels[3 * i + 2])
            }
        }
        var (near, nearCount, far, farCount, border, borderCount) = (0, 0, 0, 0, 0, 0)
        for y in 0..<height {
            for x in 0..<width {
                let here = brightness[y * width + x]
                for (position, limit, stride) in [(x, width, 1), (y, height, width)] {
                    if position + 1 < limit {
                        let difference = Int(abs(brightness[y * width + x + stride] - here))
                        if position % 8 == 7 {
                            border += difference
                            borderCount += 1
                        } else {
                            near += difference
                            nearCount += 1
                        }
                    }
                    if position + 2 < limit {
                        far += Int(abs(brightness[y * width + x + 2 * stride] - here))
                        farCount += 1
                    }
                }
            }
        }
        func mean(_ sum: Int, _ count: Int) -> Float { count > 0 ? Float(sum) / Float(count) / 4 : 0 }
        let (inside, across) = (mean(near, nearCount), mean(border, borderCount))
        self.near = mean(near + border, nearCount + borderCount)
        self.far = mean(far, farCount)
        blocks = borderCount > 0 && inside > 0 ? across / inside : 1
    }

    /// The mean over images, at least one.
    init(meanOf textures: [ImageTexture]) {
        precondition(!textures.isEmpty, "ImageTexture: no image")
        let count = Float(textures.count)
        near = textures.reduce(0) { $0 + $1.near } / count
        far = textures.reduce(0) { $0 + $1.far } / count
        blocks = textures.reduce(0) { $0 + $1.blocks } / count
    }
}
