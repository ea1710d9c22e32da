public import ImageProcessing

/// What the images of a camera look like on the whole: mean and spread of the colours of 8 × 8 cells.
///
/// Size, orientation and names are compared exactly; whether the pixels are what the description says cannot be. Images
/// that are turned, of other cameras, with red and blue exchanged or in other light lie far from the fingerprint of the
/// training images.
public struct ImageFingerprint: Hashable, Codable, Sendable {
    /// Red, green and blue, 0…255, of 64 cells, row by row.
    public let mean: [Float]
    public let deviation: [Float]
    /// How sharp the images are; nil in files written before it was recorded. Shows resizing and compression, which
    /// leave the colours of cells as they are.
    public let texture: ImageTexture?

    static let cells = 8

    /// Takes all of the images; at least one.
    public init(_ images: some Sequence<RGBImage>) {
        var (sum, squares) = ([Double](repeating: 0, count: 192), [Double](repeating: 0, count: 192))
        var count = 0.0
        var textures: [ImageTexture] = []
        for image in images {
            textures.append(ImageTexture(image))
            for (i, value) in Self.cellColors(image).enumerated() {
                sum[i] += Double(value)
                squares[i] += Double(value) * Double(value)
            }
            count += 1
        }
        precondition(count > 0, "ImageFingerprint: no image")
        mean = sum.map { Float($0 / count) }
        deviation = zip(sum, squares).map { sum, squares in
            Float(max(0, squares / count - sum / count * (sum / count)).squareRoot())
        }
        texture = ImageTexture(meanOf: textures)
    }

    private static func cellColors(_ image: RGBImage) -> [Float] {
        var (sums, counts) = ([Float](repeating: 0, count: 192), [Float](repeating: 0, count: 64))
        image.pixels.withUnsafeBufferPointer { pixels in
            for y in 0..<image.height {
                let row = y * cells / image.height * cells
                for x in 0..<image.width {
                    let cell = row + x * cells / image.width
                    let at = 3 * (y * image.width + x)
                    for c in 0..<3 { sums[3 * cell + c] += Float(pixels[at + c]) }
                    counts[cell] += 1
                }
            }
        }
        return sums.indices.map { counts[$0 / 3] > 0 ? sums[$0] / counts[$0 / 3] : 0 }
    }

    /// How many deviations the images' mean lies away from the fingerprint, the root mean square over cells; about 1
    /// for images of the same kind, above 3 for others. A deviation counts as 4 levels at least.
    public func distance(to images: some Sequence<RGBImage>) -> Float {
        let other = ImageFingerprint(images)
        var sum: Float = 0
        for i in mean.indices {
            let z = (other.mean[i] - mean[i]) / max(deviation[i], 4)
            sum += z * z
        }
        return (sum / Float(mean.count)).squareRoot()
    }
}
