public import ImageProcessing

/// The payload of a vla-eval observation, as the LIBERO benchmark sends it.
public struct VLAEvalObservation: Sendable {
    public static let agentViewKey = "agentview"
    public static let wristKey = "wrist"

    /// By camera: 8-bit RGB `[height, width, 3]`.
    public var images: [String: RGBImage]
    /// End effector's position, axis-angle and finger positions; `nil` if the client was not asked to send it.
    public var state: [Double]?
    public var instruction: String?

    /// - Throws: ``WireError`` when an entry is of another type.
    public init(_ payload: WireMap, limits: ServingLimits = .standard) throws(WireError) {
        images = [:]
        if let value = payload["images"] {
            guard let map = value.map else {
                throw WireError(.schemaType, "'images' is of type \(value.typeName), not a map")
            }
            for case .text(let name) in map.entries.map(\.key) {
                guard let value = map[name] else { continue }
                images[name] = try value.imageArray(named: "images/\(name)").image()
            }
        }
        if let value = payload["states"] { state = try value.vector(named: "states") }
        if let value = payload["task_description"] {
            instruction = try value.instruction(named: "task_description", limits: limits)
        }
    }
}
