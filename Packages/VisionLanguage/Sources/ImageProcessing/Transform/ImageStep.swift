/// One step from an image to another, a part of ``ImageTransform``.
public enum ImageStep: Hashable, Sendable, Codable {
    /// The whole image at another size, proportions given up.
    case resize(to: ImageSize, using: Resampler)
    /// The whole image in proportion, its shorter side as given.
    case resizeShorterSide(to: Int, using: Resampler)
    /// The whole image in proportion, black around it.
    case resizeWithPadding(to: ImageSize, using: Resampler)
    /// The middle in whole pixels, in training too; what would lie outside is black.
    case centerCrop(to: ImageSize)
    /// A part in whole pixels: at random in training, the middle when acting.
    case crop(to: ImageSize)
    /// A part of this area, the image's proportions, at another size: at random in training, the middle when acting.
    /// As OpenVLA crops, see ``FloatImage/cropped(to:resizedTo:)``.
    case cropAndResize(area: Float, to: ImageSize)
    /// A part of random area and proportions at another size: at random in training, the largest when acting.
    case randomResizedCrop(part: RandomResizedCrop, to: ImageSize, using: Resampler)
    /// Written as JPEG and read again, as in data sets of JPEG files.
    case jpeg(written: JPEG.Settings, read: JPEG.InverseTransform)
    /// Rows reversed.
    case flipVertically
    /// Columns reversed.
    case flipHorizontally
    /// Rows and columns reversed.
    case rotate180

    private enum CodingKeys: String, CodingKey {
        case resize, resizeShorterSide, resizeWithPadding, centerCrop, crop, cropAndResize, randomResizedCrop, jpeg
        case flipVertically
        // the name in files since version 0.1
        case flipHorizontally = "mirrorHorizontally"
        case rotate180
    }

    /// Whether training and acting differ in it.
    public var isPlaced: Bool {
        switch self {
        case .crop, .cropAndResize, .randomResizedCrop: true
        default: false
        }
    }

    /// The size of what it gives; nil when an image of this size is too small for it.
    public func outputSize(of size: ImageSize) -> ImageSize? {
        switch self {
        case .resize(let size, _), .resizeWithPadding(let size, _), .centerCrop(let size), .cropAndResize(_, let size),
            .randomResizedCrop(_, let size, _):
            size
        case .resizeShorterSide(let side, _): size.scaled(shorterSide: side)
        case .crop(let part): part.width <= size.width && part.height <= size.height ? part : nil
        case .jpeg, .flipVertically, .flipHorizontally, .rotate180: size
        }
    }

    /// - Parameter generator: Places crops; nil for the middle.
    func apply(to image: RGBImage, using generator: inout (any RandomNumberGenerator)?) -> RGBImage {
        switch self {
        case .resize(let size, let resampler): return image.resized(to: size, using: resampler)
        case .resizeShorterSide(let side, let resampler): return image.resized(shorterSide: side, using: resampler)
        case .resizeWithPadding(let size, let resampler):
            return image.resizedWithPadding(to: size, using: resampler)
        case .centerCrop(let size): return image.centerCropped(width: size.width, height: size.height)
        case .crop(let size):
            let (columns, rows) = (image.width - size.width, image.height - size.height)
            var (x, y) = (columns / 2, rows / 2)
            if var drawing = generator {
                y = Int.random(in: 0...rows, using: &drawing)
                x = Int.random(in: 0...columns, using: &drawing)
                generator = drawing
            }
            return image.cropped(x: x, y: y, width: size.width, height: size.height)
        case .cropAndResize(let area, let size):
            var box = UnitRectangle(centeredArea: area)
            if var drawing = generator {
                let down = Float.random(in: 0...1, using: &drawing)
                box = UnitRectangle(area: area, down: down, across: Float.random(in: 0...1, using: &drawing))
                generator = drawing
            }
            return FloatImage(image).cropped(to: box, resizedTo: size).rgbImage
        case .randomResizedCrop(let crop, let size, let resampler):
            var part = crop.centered(in: image.size)
            if var drawing = generator {
                part = crop.draw(for: image.size, using: &drawing)
                generator = drawing
            }
            return image.cropped(to: part).resized(to: size, using: resampler)
        case .jpeg(let settings, let transform):
            return JPEG.roundTrip(image, settings, inverseTransform: transform)
        case .flipVertically: return image.flippedVertically()
        case .flipHorizontally: return image.flippedHorizontally()
        case .rotate180: return image.rotated180()
        }
    }

    /// What is wrong with its parameters; nil when nothing is.
    var problem: String? {
        func side(_ value: Int) -> String? {
            ImageTransform.sideLimit.contains(value) ? nil : "a side of \(value) pixels"
        }
        func sides(_ size: ImageSize) -> String? { side(size.width) ?? side(size.height) }
        switch self {
        case .resize(let size, _), .resizeWithPadding(let size, _), .centerCrop(let size), .crop(let size):
            return sides(size)
        case .resizeShorterSide(let value, _): return side(value)
        case .cropAndResize(let area, let size): return area > 0 && area <= 1 ? sides(size) : "an area of \(area)"
        case .randomResizedCrop(let crop, let size, _):
            let (scale, ratio) = (crop.scale, crop.ratio)
            if !(scale.lowerBound > 0 && scale.upperBound <= 1) { return "a scale of \(scale)" }
            return ratio.lowerBound > 0 && ratio.upperBound.isFinite ? sides(size) : "proportions of \(ratio)"
        case .jpeg(let settings, _):
            return (1...100).contains(settings.quality) ? nil : "a JPEG quality of \(settings.quality)"
        case .flipVertically, .flipHorizontally, .rotate180: return nil
        }
    }
}
