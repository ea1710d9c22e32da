import Foundation

/// A part of an image of random size, proportions and place.
///
/// Source: torchvision's `RandomResizedCrop`: ten tries at an area and proportions that fit, else the middle.
public struct RandomResizedCrop: Codable, Hashable, Sendable {
    /// Part of the image's area.
    public var scale: ClosedRange<Double>
    /// Width over height, drawn evenly in its logarithm.
    public var ratio: ClosedRange<Double>

    public init(scale: ClosedRange<Double>, ratio: ClosedRange<Double>) {
        self.scale = scale
        self.ratio = ratio
    }

    /// Draws a part of an image.
    public func draw(for size: ImageSize, using generator: inout some RandomNumberGenerator) -> PixelRectangle {
        let area = Double(size.width * size.height)
        for _ in 0..<10 {
            let target = area * Double.random(in: scale, using: &generator)
            let ratio = exp(
                Double.random(in: log(ratio.lowerBound)...log(ratio.upperBound), using: &generator))
            let width = Int((target * ratio).squareRoot().rounded(.toNearestOrEven))
            let height = Int((target / ratio).squareRoot().rounded(.toNearestOrEven))
            guard (1...size.width).contains(width), (1...size.height).contains(height) else { continue }
            let y = Int.random(in: 0...size.height - height, using: &generator)
            let x = Int.random(in: 0...size.width - width, using: &generator)
            return PixelRectangle(x: x, y: y, width: width, height: height)
        }
        return centered(in: size, scale: 1)
    }

    /// The largest part in the middle: all of the image when the ranges allow it.
    public func centered(in size: ImageSize) -> PixelRectangle { centered(in: size, scale: scale.upperBound) }

    private func centered(in size: ImageSize, scale: Double) -> PixelRectangle {
        // proportions first, as torchvision's way out does, then the area
        let own = Double(size.width) / Double(size.height)
        var (width, height) = (Double(size.width), Double(size.height))
        if own < ratio.lowerBound { height = width / ratio.lowerBound }
        if own > ratio.upperBound { width = height * ratio.upperBound }
        let factor = min(1, (scale * Double(size.width * size.height) / (width * height)).squareRoot())
        let (w, h) = (max(1, Int((width * factor).rounded())), max(1, Int((height * factor).rounded())))
        return PixelRectangle(x: (size.width - w) / 2, y: (size.height - h) / 2, width: w, height: h)
    }
}

/// Part of an image in whole pixels.
public struct PixelRectangle: Hashable, Sendable {
    public var x, y, width, height: Int

    public init(x: Int, y: Int, width: Int, height: Int) {
        (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }
}

extension RGBImage {
    /// A rectangle of the image; traps unless it lies inside.
    public func cropped(to part: PixelRectangle) -> RGBImage {
        cropped(x: part.x, y: part.y, width: part.width, height: part.height)
    }
}
