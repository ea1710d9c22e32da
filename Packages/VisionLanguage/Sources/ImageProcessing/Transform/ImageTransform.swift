import Parallel
public import TensorCore

/// How a camera's image becomes what a model sees: the size it must have, steps, and the numbers' scale.
///
/// A value to be saved beside the weights and compared: training, evaluation and serving read it from there. The one
/// thing that differs is where crops lie: at random when a generator is given, in the middle without.
public struct ImageTransform: Hashable, Sendable {
    /// The only size that is taken; nil for any. A silent resize from another size made policies fail.
    public var inputSize: ImageSize?
    public var steps: [ImageStep]
    public var normalization: ImageNormalization

    /// Traps on steps that no image can go through, such as a size of 0.
    public init(inputSize: ImageSize? = nil, steps: [ImageStep], normalization: ImageNormalization) {
        self.inputSize = inputSize
        self.steps = steps
        self.normalization = normalization
        if let problem { preconditionFailure("ImageTransform: \(problem)") }
    }

    /// The size all results have; nil when it depends on the image.
    public var outputSize: ImageSize? {
        if let inputSize { return outputSize(of: inputSize) }
        // two sizes that agree in nothing
        let ends = [ImageSize(width: 640, height: 480), ImageSize(width: 333, height: 1000)].map { outputSize(of: $0) }
        return ends[0] == ends[1] ? ends[0] : nil
    }

    private func outputSize(of size: ImageSize) -> ImageSize? {
        steps.reduce(size as ImageSize?) { size, step in size.flatMap { step.outputSize(of: $0) } }
    }

    /// The same with no size required.
    public var acceptingAnySize: ImageTransform {
        var result = self
        result.inputSize = nil
        return result
    }

    // MARK: Acting

    /// `[3, height, width]`, crops in the middle.
    public func callAsFunction(_ image: RGBImage) throws(ImageTransformError) -> Tensor {
        normalization(try self.image(image))
    }

    /// The image after the steps, crops in the middle.
    public func image(_ image: RGBImage) throws(ImageTransformError) -> RGBImage {
        var none: (any RandomNumberGenerator)?
        return try run(image, using: &none)
    }

    /// `[images.count, 3, height, width]`, crops in the middle, on all threads. Traps unless the results have one size.
    public func callAsFunction(_ images: [RGBImage]) throws(ImageTransformError) -> Tensor {
        var results = images
        for image in images { try check(image.size) }
        results.withUnsafeMutableBufferPointer { results in
            let results = Results(base: results.baseAddress)
            parallelFor(images.count) { i in
                var none: (any RandomNumberGenerator)?
                results.base![i] = steps.reduce(images[i]) { $1.apply(to: $0, using: &none) }
            }
        }
        return normalization(results)
    }

    private struct Results: @unchecked Sendable {
        let base: UnsafeMutablePointer<RGBImage>?
    }

    // MARK: Training

    /// `[3, height, width]`, crops at random. Cameras that share a crop start from copies of one generator.
    public func callAsFunction(
        _ image: RGBImage, placingCropsUsing generator: inout some RandomNumberGenerator
    ) throws(ImageTransformError) -> Tensor {
        normalization(try self.image(image, placingCropsUsing: &generator))
    }

    /// The image after the steps, crops at random.
    public func image<Generator: RandomNumberGenerator>(
        _ image: RGBImage, placingCropsUsing generator: inout Generator
    ) throws(ImageTransformError) -> RGBImage {
        var drawing: (any RandomNumberGenerator)? = generator
        let result = try run(image, using: &drawing)
        if let drawing = drawing as? Generator { generator = drawing }
        return result
    }

    private func run(
        _ image: RGBImage, using generator: inout (any RandomNumberGenerator)?
    ) throws(ImageTransformError) -> RGBImage {
        try check(image.size)
        return steps.reduce(image) { $1.apply(to: $0, using: &generator) }
    }

    private func check(_ size: ImageSize) throws(ImageTransformError) {
        if let inputSize, size != inputSize { throw .wrongSize(found: size, expected: inputSize) }
        var current = size
        for step in steps {
            guard let next = step.outputSize(of: current) else { throw .tooSmall(found: size, step: step) }
            current = next
        }
    }

    // MARK: Reading

    static let sideLimit = 1...65_535

    /// What no image can go through; nil when nothing is wrong.
    var problem: String? {
        if let inputSize {
            guard Self.sideLimit.contains(inputSize.width), Self.sideLimit.contains(inputSize.height) else {
                return "an input of \(inputSize) pixels"
            }
            if outputSize == nil { return "an input of \(inputSize) pixels is too small for a step" }
        }
        let (mean, deviation) = (normalization.mean, normalization.standardDeviation)
        for c in 0..<3 where !(mean[c].isFinite && deviation[c].isFinite && deviation[c] > 0) {
            return "a mean of \(mean[c]) and a standard deviation of \(deviation[c])"
        }
        return steps.lazy.compactMap(\.problem).first
    }
}

extension ImageTransform: Codable {
    private enum CodingKeys: String, CodingKey {
        case inputSize, steps, normalization
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        inputSize = try container.decodeIfPresent(ImageSize.self, forKey: .inputSize)
        steps = try container.decode([ImageStep].self, forKey: .steps)
        normalization = try container.decode(ImageNormalization.self, forKey: .normalization)
        if let problem {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "the image transform has \(problem)"))
        }
    }
}

/// An image that does not fit a transform.
public enum ImageTransformError: Error, Equatable, CustomStringConvertible {
    case wrongSize(found: ImageSize, expected: ImageSize)
    case tooSmall(found: ImageSize, step: ImageStep)

    public var description: String {
        switch self {
        case .wrongSize(let found, let expected):
            "The image has \(found) pixels, the transform takes \(expected). "
                + "Render or record at that size: resizing first shows the model other pixels than it was trained on."
        case .tooSmall(let found, let step): "An image of \(found) pixels is too small for the step \(step)."
        }
    }
}
