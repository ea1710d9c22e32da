public import ImageProcessing
public import RobotInterface

/// What a protocol carries, in the words of a policy.
public struct ServedObservation: Sendable {
    /// Images by the policy's name of the camera.
    public var images: [CameraName: RGBImage]
    /// Numbers of ``StateLayout/libero``, or a state with all its parts; `nil` without one.
    public var state: ServedState?
    public var instruction: String?

    public init(images: [CameraName: RGBImage], state: ServedState?, instruction: String?) {
        (self.images, self.state, self.instruction) = (images, state, instruction)
    }
}

/// A robot's state as a protocol carries it.
public enum ServedState: Sendable, Hashable {
    /// End effector's position, axis-angle, two finger positions.
    case vector([Double])
    case parts(RobotState)
}

/// Makes a policy's observation of what a client sent, or says in which fields the two differ.
///
/// Nothing is guessed: another size, a missing camera or state is an error with the difference. Images are turned only
/// between orientations that the protocol and the checkpoint both state, which loses nothing.
public struct ObservationAdapter: Sendable {
    public let requirements: PolicyRequirements
    /// How the protocol's images are turned.
    public var orientation: ImageOrientation
    /// Whether images of another size are resized as openpi's client does, `resize_with_pad`.
    public var resizesImages: Bool
    /// Used where a client sends no instruction.
    public var defaultInstruction: String?

    public init(
        _ requirements: PolicyRequirements, orientation: ImageOrientation = .rotated180, resizesImages: Bool = false,
        defaultInstruction: String? = nil
    ) {
        (self.requirements, self.orientation) = (requirements, orientation)
        (self.resizesImages, self.defaultInstruction) = (resizesImages, defaultInstruction)
    }

    /// - Throws: ``WireError`` with every field that differs.
    public func observation(_ served: ServedObservation) throws(WireError) -> Observation {
        var cameras: [CameraName: CameraFrame] = [:]
        var differences: [FieldDifference] = []
        for (name, camera) in requirements.cameras.sorted(by: { $0.key < $1.key }) {
            guard let image = served.images[name] else {
                throw WireError(
                    .missing,
                    "the policy needs the camera '\(name)'; found \(served.images.keys.map(\.rawValue).sorted())")
            }
            let size = ImageSize(width: camera.width, height: camera.height)
            var turned = image.turned(from: orientation, to: camera.orientation)
            if turned.size != size {
                if resizesImages {
                    turned = turned.resizedWithPadding(to: size, using: .pillowBilinear)
                } else {
                    differences += Self.differences(of: turned, from: camera, named: name)
                }
            }
            cameras[name] = CameraFrame(
                turned, orientation: camera.orientation, renderProfile: camera.renderProfile)
        }
        guard differences.isEmpty else {
            throw WireError(
                .imageSize,
                "the observation is not what the policy was trained with:\n"
                    + differences.map { "  \($0)" }.joined(separator: "\n"))
        }
        guard let instruction = served.instruction ?? defaultInstruction else {
            throw WireError(.missing, "the observation has no instruction, and the server no default")
        }
        return Observation(cameras: cameras, state: try state(served.state), instruction: instruction)
    }

    private static func differences(
        of image: RGBImage, from camera: CameraDescription, named name: CameraName
    ) -> [FieldDifference] {
        [("width", image.width, camera.width), ("height", image.height, camera.height)].compactMap {
            $0.1 == $0.2
                ? nil : FieldDifference(field: "cameras.\(name).\($0.0)", found: "\($0.1)", expected: "\($0.2)")
        }
    }

    private func state(_ served: ServedState?) throws(WireError) -> RobotState? {
        switch served {
        case nil:
            guard let layout = requirements.stateLayout else { return nil }
            throw WireError(.missing, "the policy needs a state of \(layout.parts.map(\.rawValue)); found none")
        case .parts(let state)?:
            if let layout = requirements.stateLayout {
                do { _ = try layout.values(of: state) } catch { throw WireError(.missing, "\(error)") }
            }
            return state
        case .vector(let values)?:
            let layout = StateLayout.libero
            guard values.count == layout.count else {
                throw WireError(
                    .arrayShape,
                    "state: found \(values.count) numbers, expected \(layout.count): \(layout.parts.map(\.rawValue))")
            }
            if let missing = requirements.stateLayout?.parts.first(where: { !layout.parts.contains($0) }) {
                throw WireError(
                    .missing, "state: found \(layout.parts.map(\.rawValue)), expected \(missing.rawValue)")
            }
            return RobotState(
                endEffectorPosition: SIMD3(values[0], values[1], values[2]),
                endEffectorOrientation: .axisAngle(SIMD3(values[3], values[4], values[5])),
                fingerPositions: [values[6], values[7]])
        }
    }
}
