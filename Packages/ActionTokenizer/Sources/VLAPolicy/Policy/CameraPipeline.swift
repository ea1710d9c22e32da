public import RobotInterface
public import ImageProcessing

/// What happens to the images of one camera before a model gets them.
public struct CameraPipeline: Hashable, Codable, Sendable {
    public let name: CameraName
    /// The images it was trained with; others are refused, also where a resize would make them fit.
    public let source: CameraDescription
    /// Crop, resize, codec round trip and the numbers' scale: from the source's size to the model's input.
    public let transform: ImageTransform
    /// Of the model's input.
    public let size: ImageSize

    /// - Parameters:
    ///   - name: The camera's name.
    ///   - source: The images it gives.
    ///   - transform: What is done to an image of the source's size; the size it takes is set to that.
    /// - Throws: ``PipelineError/transform(_:_:)`` when no image of that size can go through it.
    public init(name: CameraName, source: CameraDescription, transform: ImageTransform) throws {
        var transform = transform.acceptingAnySize
        let sourceSize = ImageSize(width: source.width, height: source.height)
        guard
            let size = transform.steps.reduce(
                sourceSize as ImageSize?,
                { size, step in
                    size.flatMap { step.outputSize(of: $0) }
                })
        else { throw PipelineError.transform(name, "no image of \(sourceSize) pixels can go through it") }
        transform.inputSize = sourceSize
        (self.name, self.source, self.transform, self.size) = (name, source, transform, size)
    }

    private enum CodingKeys: CodingKey { case name, source, transform }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let transform = try container.decode(ImageTransform.self, forKey: .transform)
        try self.init(
            name: container.decode(CameraName.self, forKey: .name),
            source: container.decode(CameraDescription.self, forKey: .source), transform: transform)
        guard self.transform == transform else {
            throw PipelineError.transform(name, "it takes images of another size than the camera's")
        }
    }

    /// The image as the model's tower sees it, crops in the middle, before the numbers are scaled.
    ///
    /// - Throws: ``ObservationError`` when the frame's description is not that of ``source`` or its image has another
    ///   size than its description says.
    public func image(_ frame: CameraFrame) throws -> RGBImage { try transform.image(sourceImage(frame)) }

    /// The camera's own image, checked.
    func sourceImage(_ frame: CameraFrame) throws -> RGBImage {
        let differences = try FieldDifference.between([name: frame.description], and: [name: source])
        guard differences.isEmpty else {
            throw ObservationError.mismatch(differences.map { $0.prefixed("cameras.") })
        }
        let image = try frame.image()
        guard image.width == source.width, image.height == source.height else {
            throw ObservationError.wrongSize(
                camera: name, found: "\(image.width) × \(image.height)", expected: "\(source.width) × \(source.height)")
        }
        return image
    }
}

extension FieldDifference {
    /// The same difference inside a larger value.
    func prefixed(_ prefix: String) -> FieldDifference {
        FieldDifference(field: prefix + field, found: found, expected: expected)
    }
}
