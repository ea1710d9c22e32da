/// What the robot sees, feels and is told, before any preparation.
public struct Observation: Sendable {
    public var cameras: [CameraName: CameraFrame]
    /// Nil where the source has none.
    public var state: RobotState?
    /// The sentence, as the task's name gives it; a prompt is made of it by the pipeline.
    public var instruction: String

    public init(cameras: [CameraName: CameraFrame], state: RobotState?, instruction: String) {
        self.cameras = cameras
        self.state = state
        self.instruction = instruction
    }
}

/// An observation that does not fit what a policy was trained with.
public enum ObservationError: Error, Equatable, CustomStringConvertible {
    case missingCamera(CameraName, found: [CameraName])
    case missingState(String)
    /// Fields of a camera or of the state that differ from the pipeline's.
    case mismatch([FieldDifference])
    /// An image of another size than its description says.
    case wrongSize(camera: CameraName, found: String, expected: String)
    case notFinite(String)

    public var description: String {
        switch self {
        case .missingCamera(let camera, let found):
            "The policy needs the camera '\(camera)'; the observation has \(found.map(\.rawValue).sorted())."
        case .missingState(let part):
            "The policy needs '\(part)' of the robot's state, which the observation does not have as it should."
        case .mismatch(let differences):
            "The observation is not what the policy was trained with:\n"
                + differences.map { "  \($0)" }.joined(separator: "\n")
        case .wrongSize(let camera, let found, let expected):
            "The image of '\(camera)' has \(found) pixels where its description says \(expected)."
        case .notFinite(let what): "\(what) of the observation is not a finite number."
        }
    }
}
