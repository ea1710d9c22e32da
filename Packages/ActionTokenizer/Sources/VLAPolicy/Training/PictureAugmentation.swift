import RobotInterface
public import ImageProcessing
import TensorCore

/// Changes of a camera's own pictures while a policy is trained: they act before the pipeline, whose crop they place.
///
/// The pipeline has one crop, a step of the `ImageTransform`; acting, it lies in the middle.
public struct PictureAugmentation: Hashable, Codable, Sendable {
    /// Of the camera's picture; drawn for each camera.
    public var colors: ImageAugmentation?
    /// Whether the pipeline's crops lie at random.
    public var placesCrops = true
    /// Whether the cameras of an example share the draw of their crops.
    public var sharesCrop = true

    public init(colors: ImageAugmentation? = nil, placesCrops: Bool = true, sharesCrop: Bool = true) {
        (self.colors, self.placesCrops, self.sharesCrop) = (colors, placesCrops, sharesCrop)
    }

    /// The story's: one random resized crop for both cameras, which its pipeline's step says (see
    /// `Recipes/microvla2025.json`), and `ColorJitter(0.1, 0.1, 0.1, 0.05)` for each.
    public static var story: PictureAugmentation {
        PictureAugmentation(colors: .colorJitter(brightness: 0.1, contrast: 0.1, saturation: 0.1, hue: 0.05))
    }

    /// The pictures of an example's cameras as the model sees them, before the numbers are scaled.
    ///
    /// - Throws: What the pipeline throws for the frames.
    func pictures(
        _ frames: [CameraFrame], _ cameras: [CameraPipeline], using generator: inout CounterGenerator
    ) throws -> [[UInt8]] {
        let crop = CounterGenerator(seed: generator.seed, stream: generator.stream ^ 0x9e37_79b9_7f4a_7c15)
        return try zip(frames, cameras).enumerated().map { index, pair in
            let (frame, camera) = pair
            var image = try camera.sourcePicture(frame)
            if let colors { image = colors(image, using: &generator) }
            guard placesCrops else { return try camera.transform.image(image).pixels }
            var placing =
                sharesCrop ? crop : CounterGenerator(seed: crop.seed, stream: crop.stream &+ UInt64(index))
            return try camera.transform.image(image, placingCropsUsing: &placing).pixels
        }
    }
}
