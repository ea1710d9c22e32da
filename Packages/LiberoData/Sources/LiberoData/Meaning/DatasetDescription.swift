public import RobotInterface

/// What the numbers and images of a data set mean.
///
/// Compared with a policy's requirements or another data set before they meet: a wrong one would train or move the robot,
/// only wrongly.
public struct DatasetDescription: Hashable, Codable, Sendable {
    /// Size, orientation and origin of the images.
    public var cameras: [CameraName: CameraDescription]
    /// Units, frames and signs of the actions.
    public var actionSpace: ActionSpace
    /// What the column `state` holds.
    public var stateLayout: StateLayout
    /// Whether the observation of a frame precedes or follows its action.
    public var alignment: ObservationAlignment
    /// Frames per second as declared; with no-ops removed the time axis is not uniform, so never a base for velocities.
    public var framesPerSecond: Double

    public init(
        cameras: [CameraName: CameraDescription], actionSpace: ActionSpace = .libero,
        stateLayout: StateLayout = .libero, alignment: ObservationAlignment = .beforeAction,
        framesPerSecond: Double = 20
    ) {
        (self.cameras, self.actionSpace, self.stateLayout) = (cameras, actionSpace, stateLayout)
        (self.alignment, self.framesPerSecond) = (alignment, framesPerSecond)
    }

    /// How the images lie; nil when there is none or they lie differently.
    public var orientation: ImageOrientation? {
        let found = Set(cameras.values.map(\.orientation))
        return found.count == 1 ? found.first : nil
    }

    /// Where it differs from another one; frame rates are labels and not compared.
    public func differences(from expected: DatasetDescription) throws -> [FieldDifference] {
        try FieldDifference.between(self, and: expected).filter { $0.field != "framesPerSecond" }
    }

    /// Throws unless both mean the same.
    ///
    /// - Throws: ``LiberoDataError`` of kind `meaning` with every difference.
    public func requireSame(as expected: DatasetDescription, file: String) throws {
        let found = try differences(from: expected)
        guard found.isEmpty else {
            throw LiberoDataError(
                .meaning, level: .open, file: file,
                "the data mean something else than expected: " + found.map(\.description).joined(separator: "; "),
                advice: "Convert one of the two, or keep them apart.")
        }
    }
}
