public import ImageProcessing

/// Which camera an image comes from, by the name LIBERO's demonstrations use.
public struct CameraName: Hashable, Comparable, Codable, Sendable, ExpressibleByStringLiteral, CodingKeyRepresentable {
    public let rawValue: String

    public init(_ rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { rawValue = value }
    public init?(codingKey: some CodingKey) { rawValue = codingKey.stringValue }
    public init(from decoder: any Decoder) throws { rawValue = try decoder.singleValueContainer().decode(String.self) }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    public var codingKey: any CodingKey { Key(stringValue: rawValue) }
    public static func < (a: CameraName, b: CameraName) -> Bool { a.rawValue < b.rawValue }

    /// The camera that views the table from the front.
    public static let agentView: CameraName = "agentview"
    /// The one at the gripper.
    public static let wrist: CameraName = "eye_in_hand"

    private struct Key: CodingKey {
        let stringValue: String
        init(stringValue: String) { self.stringValue = stringValue }
        var intValue: Int? { nil }
        init?(intValue: Int) { nil }
    }
}

extension CameraName: CustomStringConvertible {
    public var description: String { rawValue }
}

/// How the rows and columns of an image lie, relative to what the simulator returns.
///
/// A policy sees the world the way its training data showed it; an image that lies otherwise is refused.
public enum ImageOrientation: String, CaseIterable, Codable, Sendable {
    /// The simulator's own: the bottom row first. LIBERO's HDF5 files.
    case raw
    /// Rows and columns reversed: upright, left and right exchanged. OpenVLA's and openpi's data and everything derived.
    case rotated180
    /// Rows reversed: the true view.
    case upright
}

/// What is known of a camera's image without making it.
public struct CameraDescription: Hashable, Codable, Sendable {
    /// Pixels.
    public var width: Int
    /// Pixels.
    public var height: Int
    public var orientation: ImageOrientation
    /// How the image was rendered, such as `faithful`; `camera` for a real one. Images of different profiles differ
    /// in shadows, reflections and shapes.
    public var renderProfile: String

    public init(width: Int, height: Int, orientation: ImageOrientation, renderProfile: String) {
        self.width = width
        self.height = height
        self.orientation = orientation
        self.renderProfile = renderProfile
    }
}

/// An image of one camera, rendered on demand.
///
/// Rendering costs many times the physics of a step; a policy that replans every k steps uses one image in k.
public struct CameraFrame: Sendable {
    public let description: CameraDescription
    private let load: @Sendable () throws -> RGBImage

    /// An image that is made by `load` at each call of ``image()``; it must stay valid after the environment moved on.
    public init(_ description: CameraDescription, load: @escaping @Sendable () throws -> RGBImage) {
        self.description = description
        self.load = load
    }

    /// An image that is there already.
    public init(_ image: RGBImage, orientation: ImageOrientation, renderProfile: String) {
        self.init(
            CameraDescription(
                width: image.width, height: image.height, orientation: orientation, renderProfile: renderProfile)
        ) { image }
    }

    /// The image, of the size and orientation described.
    ///
    /// - Throws: What the source throws; ``ObservationError/wrongSize(camera:found:expected:)`` is the pipeline's.
    public func image() throws -> RGBImage { try load() }
}
