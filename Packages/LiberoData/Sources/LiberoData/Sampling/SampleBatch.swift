public import RobotInterface
public import ImageProcessing
public import TensorCore

/// Samples put together as a model takes them: `B` samples, `H` actions each.
public struct SampleBatch: Sendable {
    /// The cameras in the order of `images`: main, wrist, others by name.
    public var cameras: [CameraName]
    /// `[B, cameras, 3, height, width]`, `float32` or `uint8` as the ``BatchForm`` says.
    public var images: Tensor
    /// `[B, state]`.
    public var states: Tensor
    /// `[B, H, action]`.
    public var actions: Tensor
    /// `[B, H]`, `bool`: actions behind the episode's end, which the loss leaves out.
    public var isPadding: Tensor
    /// `[B]`: what each sample's loss counts.
    public var weights: Tensor
    public var instructions: [String]
    public var taskIndices: [Int]
    public var episodes: [Int]
    public var frames: [Int]

    /// B.
    public var count: Int { episodes.count }
}

/// A sample with its images decoded: what threads prepare ahead.
public struct DecodedSample: Sendable {
    public var sample: DemonstrationSample
    /// One per camera, in the form's order.
    public var images: [RGBImage]
}

/// How samples become a batch.
public struct BatchForm: Sendable {
    public enum Pixels: Sendable {
        /// `(x / 255 − mean) / deviation` in `float32`.
        case normalized
        /// The bytes, to be normalized where the model computes.
        case bytes
    }

    public var cameras: [CameraName]
    public var pixels: Pixels
    /// Resizing, crops and normalization by camera; cameras not named keep their size and become x / 255.
    public var transforms: [CameraName: ImageTransform]

    /// Every camera of a data set, main first, then the wrist.
    public init(
        _ description: DatasetDescription, pixels: Pixels = .normalized, transforms: [CameraName: ImageTransform] = [:]
    ) {
        let first = [CameraName.agentView, .wrist].filter { description.cameras[$0] != nil }
        cameras = first + description.cameras.keys.filter { !first.contains($0) }.sorted()
        (self.pixels, self.transforms) = (pixels, transforms)
    }

    /// Decodes a sample's images and takes them through the steps of their transforms.
    ///
    /// - Throws: ``LiberoDataError`` for a damaged image, `ImageTransformError` for one of the wrong size.
    public func decoded(_ sample: DemonstrationSample) throws -> DecodedSample {
        let images = try cameras.map { camera in
            guard let frame = sample.observation.cameras[camera] else {
                throw ObservationError.missingCamera(camera, found: sample.observation.cameras.keys.sorted())
            }
            let image = try frame.image()
            return try transforms[camera]?.image(image) ?? image
        }
        return DecodedSample(sample: sample, images: images)
    }

    /// Puts samples together. Traps unless there is one, and the images have one size.
    public func batch(_ samples: [DecodedSample]) -> SampleBatch {
        precondition(!samples.isEmpty, "BatchForm: a batch of nothing")
        let (count, all) = (samples.count, samples.map(\.sample))
        let (horizon, width) = (all[0].actions.horizon, all[0].actions.dimensionCount)
        return SampleBatch(
            cameras: cameras, images: images(samples),
            states: Tensor(all.flatMap { $0.state.map { Float($0) } }, [count, all[0].state.count]),
            actions: Tensor(all.flatMap { $0.actions.values.map { Float($0) } }, [count, horizon, width]),
            isPadding: Tensor(scalars: all.flatMap(\.isPadding), [count, horizon]),
            weights: Tensor(all.map { Float($0.weight) }, [count]), instructions: all.map(\.observation.instruction),
            taskIndices: all.map(\.taskIndex), episodes: all.map(\.episode), frames: all.map(\.frame))
    }

    private func images(_ samples: [DecodedSample]) -> Tensor {
        guard let size = samples[0].images.first?.size else { return Tensor.zeros([samples.count, 0, 3, 0, 0]) }
        let shape = [samples.count, cameras.count, 3, size.height, size.width]
        if case .bytes = pixels { return bytes(samples.flatMap(\.images), size).reshaped(shape) }
        let normalizations = cameras.map { transforms[$0]?.normalization ?? .unit }
        if Set(normalizations).count == 1 {
            return normalizations[0](samples.flatMap(\.images)).reshaped(shape)
        }
        return Tensor.stacked(
            cameras.indices.map { camera in normalizations[camera](samples.map { $0.images[camera] }) }, axis: 1)
    }

    /// Planes of bytes, red first.
    private func bytes(_ images: [RGBImage], _ size: ImageSize) -> Tensor {
        let count = size.width * size.height
        let planes = [UInt8](unsafeUninitializedCapacity: images.count * count * 3) { target, initialized in
            for (index, image) in images.enumerated() {
                precondition(image.size == size, "BatchForm: \(image.size) beside \(size)")
                image.pixels.withUnsafeBufferPointer { pixels in
                    for channel in 0..<3 {
                        let plane = target.baseAddress! + (index * 3 + channel) * count
                        for pixel in 0..<count { plane[pixel] = pixels[pixel * 3 + channel] }
                    }
                }
            }
            initialized = images.count * count * 3
        }
        return Tensor(scalars: planes, [images.count, 3, size.height, size.width])
    }
}
