public import ImageProcessing
public import TensorCore

/// The sensor noise of LIBERO-Plus: one of five kinds at one of ten levels, on the image of `agentview`.
///
/// Images are in the order of observations, row 0 at the bottom; draws come from the generator that also places things at
/// a reset. After ImageNet-C (Hendrycks & Dietterich 2019), with other settings. Source: LIBERO-plus, commit 4976dc3.
public struct SensorNoise: Hashable, Sendable {
    public enum Kind: String, CaseIterable, Hashable, Codable, Sendable {
        case motion, gaussian, zoom, fog, glass
    }

    /// The number in task names, 1…50.
    public let number: Int

    /// - Parameter number: 1…50; ten levels of each kind, in the order of ``Kind``.
    public init(_ number: Int) {
        precondition(1...50 ~= number, "SensorNoise: number \(number) of 50")
        self.number = number
    }

    public var kind: Kind { Kind.allCases[(number - 1) / 10] }
    /// 1…10, weak to strong.
    public var level: Int { (number - 1) % 10 + 1 }

    /// The noisy image.
    ///
    /// - Throws: ``SensorNoiseError`` for an image that the original cannot take: zoom needs square ones, fog at most
    ///   256 × 256 pixels, glass more than twice its shifts.
    public func apply(
        to image: RGBImage, using generator: inout NumPyGenerator
    ) throws(SensorNoiseError) -> RGBImage {
        let i = level - 1
        switch kind {
        case .motion:
            let (radius, sigma) = Self.motion[i]
            return image.motionBlurred(radius: radius, sigma: sigma, angle: generator.uniform(-45, 45))
        case .gaussian:
            return image.blurred(sigma: Double(level))
        case .zoom:
            guard image.width == image.height, image.width > 1 else {
                throw SensorNoiseError(noise: self, width: image.width, height: image.height)
            }
            return image.zoomBlurred(factors: Self.zoomFactors(level: level))
        case .fog:
            guard image.width <= 256, image.height <= 256 else {
                throw SensorNoiseError(noise: self, width: image.width, height: image.height)
            }
            return image.fogged(strength: Self.fog[i].0, decay: Self.fog[i].1, using: &generator)
        case .glass:
            let (sigma, shift, count) = Self.glass[i]
            guard min(image.width, image.height) > 2 * shift else {
                throw SensorNoiseError(noise: self, width: image.width, height: image.height)
            }
            return image.seenThroughGlass(sigma: sigma, shift: shift, iterationCount: count, using: &generator)
        }
    }

    /// Takes the draws of an image of a size from the generator and makes none.
    public func skipDraws(width: Int, height: Int, using generator: inout NumPyGenerator) {
        switch kind {
        case .motion: _ = generator.uniform()
        case .gaussian, .zoom: break
        case .fog:
            // 3 n² for n = 1, 2, 4 … 128
            for _ in 0..<65_535 { _ = generator.uniform() }
        case .glass:
            let (_, shift, count) = Self.glass[level - 1]
            let pixels = max(height - 2 * shift, 0) * max(width - 2 * shift, 0)
            for _ in 0..<2 * count * pixels { _ = generator.integer(below: 2 * shift) }
        }
    }

    // MARK: - Levels

    private static let motion: [(radius: Int, sigma: Double)] = [
        (5, 2), (8, 3), (10, 4), (12, 5), (15, 6), (18, 8), (20, 10), (25, 12), (30, 15), (35, 20),
    ]
    private static let zoom: [(stop: Double, step: Double)] = [
        (1.11, 0.01), (1.16, 0.01), (1.21, 0.02), (1.26, 0.02), (1.31, 0.03), (1.36, 0.01), (1.41, 0.01),
        (1.46, 0.02), (1.51, 0.02), (1.56, 0.03),
    ]
    private static let fog: [(Double, Double)] = [
        (0.5, 3), (1, 2.8), (1.5, 2.5), (2, 2.2), (2.5, 2), (3, 1.8), (3.5, 1.6), (4, 1.5), (4.5, 1.4), (5, 1.3),
    ]
    private static let glass: [(sigma: Double, shift: Int, count: Int)] = [
        (0.5, 1, 3), (0.7, 1, 3), (0.9, 2, 3), (1, 2, 2), (1.1, 3, 2), (1.3, 3, 2), (1.5, 4, 2), (1.8, 4, 2),
        (2.2, 5, 1), (2.5, 5, 1),
    ]

    /// `numpy.arange(1, stop, step)`.
    static func zoomFactors(level: Int) -> [Double] {
        let (stop, step) = zoom[level - 1]
        let count = Int(((stop - 1) / step).rounded(.up))
        let difference = (1 + step) - 1
        return (0..<count).map { 1 + Double($0) * difference }
    }
}

/// An image of a size that a kind of noise cannot be computed for.
public struct SensorNoiseError: Error, Equatable, CustomStringConvertible {
    public let noise: SensorNoise
    public let width, height: Int

    public var description: String {
        "LIBERO-Plus defines \(noise.kind) noise only for square images of at most 256 pixels; this one has "
            + "\(width) × \(height). Set the image size to 256."
    }
}
