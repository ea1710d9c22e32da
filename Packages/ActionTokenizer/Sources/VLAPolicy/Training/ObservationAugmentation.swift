import RobotInterface
public import ImageProcessing
import TensorCore

/// Changes of a camera's own images while a policy is trained: they act before the pipeline, whose crop they place.
///
/// The pipeline has one crop, a step of the `ImageTransform`; acting, it lies in the middle.
public struct ObservationAugmentation: Hashable, Codable, Sendable {
    /// Of the camera's image; drawn for each camera.
    public var colors: ImageAugmentation?
    /// Whether the pipeline's crops lie at random.
    public var placesCrops = true
    /// Whether the cameras of an example share the draw of their crops.
    public var sharesCrop = true

    public init(colors: ImageAugmentation? = nil, placesCrops: Bool = true, sharesCrop: Bool = true) {
        (self.colors, self.placesCrops, self.sharesCrop) = (colors, placesCrops, sharesCrop)
    }

    /// The 2025 system's: one random resized crop for both cameras, which its pipeline's step says (see
    /// `Recipes/microvla2025.json`), and `ColorJitter(0.1, 0.1, 0.1, 0.05)` for each.
    public static var microVLA2025: ObservationAugmentation {
        ObservationAugmentation(colors: .colorJitter(brightness: 0.1, contrast: 0.1, saturation: 0.1, hue: 0.05))
    }

    /// The images of an example's cameras as the model sees them, before the numbers are scaled.
    ///
    /// - Throws: What the pipeline throws for the frames.
    func images(
        _ frames: [CameraFrame], _ cameras: [CameraPipeline], using generator: inout PhiloxGenerator
    ) throws -> [[UInt8]] {
        let crop = PhiloxGenerator(seed: generator.seed, stream: generator.stream ^ 0x9e37_79b9_7f4a_7c15)
        return try zip(frames, cameras).enumerated().map { index, pair in
            let (frame, camera) = pair
            var image = try camera.sourceImage(frame)
            if let colors { image = colors(image, using: &generator) }
            guard placesCrops else { return try camera.transform.image(image).pixels }
            var placing =
                sharesCrop ? crop : PhiloxGenerator(seed: crop.seed, stream: crop.stream &+ UInt64(index))
            return try camera.transform.image(image, placingCropsUsing: &placing).pixels
        }
    }
}
