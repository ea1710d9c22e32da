public import ImageProcessing

/// What the pictures of a camera look like on the whole: mean and spread of the colours of 8 × 8 cells.
///
/// Size, orientation and names are compared exactly; whether the pixels are what the description says cannot be. Pictures
/// that are turned, of other cameras, with red and blue exchanged or in other light lie far from the fingerprint of the
/// training pictures.
public struct PictureFingerprint: Hashable, Codable, Sendable {
    /// Red, green and blue, 0…255, of 64 cells, row by row.
    public let mean: [Float]
    public let deviation: [Float]
    /// How sharp the pictures are; nil in files written before it was recorded. Shows resizing and compression, which
    /// leave the colours of cells as they are.
    public let texture: PictureTexture?

    static let cells = 8

    /// Takes all of the pictures; at least one.
    public init(_ pictures: some Sequence<RGBImage>) {
        var (sum, squares) = ([Double](repeating: 0, count: 192), [Double](repeating: 0, count: 192))
        var count = 0.0
        var textures: [PictureTexture] = []
        for picture in pictures {
            textures.append(PictureTexture(picture))
            for (i, value) in Self.cellColors(picture).enumerated() {
                sum[i] += Double(value)
                squares[i] += Double(value) * Double(value)
            }
            count += 1
        }
        precondition(count > 0, "PictureFingerprint: no picture")
        mean = sum.map { Float($0 / count) }
        deviation = zip(sum, squares).map { sum, squares in
            Float(max(0, squares / count - sum / count * (sum / count)).squareRoot())
        }
        texture = PictureTexture(meanOf: textures)
    }

    private static func cellColors(_ picture: RGBImage) -> [Float] {
        var (sums, counts) = ([Float](repeating: 0, count: 192), [Float](repeating: 0, count: 64))
        picture.pixels.withUnsafeBufferPointer { pixels in
            for y in 0..<picture.height {
                let row = y * cells / picture.height * cells
                for x in 0..<picture.width {
                    let cell = row + x * cells / picture.width
                    let at = 3 * (y * picture.width + x)
                    for c in 0..<3 { sums[3 * cell + c] += Float(pixels[at + c]) }
                    counts[cell] += 1
                }
            }
        }
        return sums.indices.map { counts[$0 / 3] > 0 ? sums[$0] / counts[$0 / 3] : 0 }
    }

    /// How many deviations the pictures' mean lies away from the fingerprint, the root mean square over cells; about 1
    /// for pictures of the same kind, above 3 for others. A deviation counts as 4 levels at least.
    public func distance(to pictures: some Sequence<RGBImage>) -> Float {
        let other = PictureFingerprint(pictures)
        var sum: Float = 0
        for i in mean.indices {
            let z = (other.mean[i] - mean[i]) / max(deviation[i], 4)
            sum += z * z
        }
        return (sum / Float(mean.count)).squareRoot()
    }
}
