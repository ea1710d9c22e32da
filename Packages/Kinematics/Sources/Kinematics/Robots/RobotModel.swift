/// A robot that can be computed with: coordinates, frames, joints and inertias, immutable.
///
/// Every link and every extra frame of the robot file is a ``Frame``; there is no default end effector. Coordinates are
/// the unlocked joints that mimic no other, in the order of the robot file's `joint_names`, else depth-first from the
/// root with the children of a link by the name of their joint. All poses are in the base frame; metres, radians,
/// kilograms, seconds, newtons.
public struct RobotModel: Sendable {
    /// One independent joint.
    public struct Coordinate: Equatable, Sendable {
        public var joint: String
        /// Radians or metres; infinite for a continuous joint. Drawn in by the robot file's `position_limit_clip`.
        public var lower: Double
        public var upper: Double
        /// rad/s or m/s; infinite where the file does not know.
        public var velocity: Double
        /// rad/s² or m/s²; infinite where nothing is said.
        public var acceleration: Double
        /// rad/s³ or m/s³; infinite where nothing is said.
        public var jerk: Double
        /// N m or N.
        public var effort: Double
        /// Metres and newtons instead of radians and newton metres.
        public var isPrismatic: Bool
        public var isContinuous: Bool
        /// A comfortable position: the robot file's, else 0 clipped into the limits.
        public var preferred: Double
    }

    /// A frame of the model: an index that is valid in the model it comes from.
    public struct Frame: Hashable, Sendable {
        public let index: Int
    }

    /// Whether joints with a mimic tag follow the joint they name, or are coordinates of their own.
    public enum MimicRule: Sendable {
        case honoured, independent
    }

    public let name: String
    public let coordinates: [Coordinate]
    /// The names of all moving joints that are not locked, mimic joints included, in the tree's order.
    public let jointNames: [String]
    public let frameNames: [String]
    /// In the base frame, m/s²; `(0, 0, −9.81)` unless said otherwise.
    public let gravity: Vector3
    public let description: RobotDescription
    public let configuration: RobotConfiguration?
    /// The link whose frame all poses are given in.
    public let baseLink: String
    public let warnings: [RobotDescription.Warning]
    let tree: ModelTree
    private let frameIndices: [String: Int]

    /// The number of independent joints.
    public var coordinateCount: Int { coordinates.count }

    /// Builds the model of a description and, if given, its robot file.
    ///
    /// - Throws: ``RobotFileError`` when the links are no tree, or the robot file names what is not there.
    public init(
        _ description: RobotDescription, configuration: RobotConfiguration? = nil, mimic: MimicRule = .honoured,
        gravity: Vector3 = Vector3(0, 0, -9.81)
    ) throws {
        var builder = try ModelBuilder(description, configuration: configuration, mimic: mimic)
        try builder.build()
        name = configuration?.name ?? description.name
        self.description = description
        self.configuration = configuration
        self.gravity = gravity
        coordinates = builder.coordinates
        jointNames = builder.joints.map(\.name)
        frameNames = builder.frames.map(\.name)
        baseLink = builder.baseLink
        warnings = description.warnings + (configuration?.warnings ?? []) + builder.warnings
        tree = ModelTree(
            joints: builder.joints.map(\.constants), inertias: builder.inertias,
            frames: builder.frames.map { .init(body: $0.body, placement: $0.placement) },
            coordinateCount: builder.coordinates.count)
        frameIndices = Dictionary(uniqueKeysWithValues: frameNames.enumerated().map { ($1, $0) })
    }

    /// The frame of a link or extra frame.
    ///
    /// - Throws: ``RobotFileError`` with the nearest names.
    public func frame(_ name: String) throws -> Frame {
        guard let index = frameIndices[name] else {
            throw RobotFileError(
                .unknownName, file: description.file, "the robot '\(self.name)' has no frame '\(name)'",
                advice: "Nearest are \(nearestNames(to: name, among: frameNames)).")
        }
        return Frame(index: index)
    }

    public func name(of frame: Frame) -> String { frameNames[frame.index] }

    /// The index of the coordinate a joint is, nil when it is fixed, locked or follows another.
    public func coordinate(ofJoint name: String) -> Int? { coordinates.firstIndex { $0.joint == name } }

    /// The robot file's posture, else 0, within the limits.
    public var preferredPositions: [Double] { coordinates.map(\.preferred) }

    /// Each position moved to the nearest limit where it is beyond.
    public func clipped(_ positions: [Double]) -> [Double] {
        precondition(positions.count == coordinateCount, "clipped: \(positions.count) of \(coordinateCount) positions")
        return zip(positions, coordinates).map { min(max($0, $1.lower), $1.upper) }
    }

    /// Whether every position is within its limits, up to `margin`.
    public func isWithinLimits(_ positions: [Double], margin: Double = 0) -> Bool {
        positions.count == coordinateCount
            && zip(positions, coordinates).allSatisfy { $0 >= $1.lower - margin && $0 <= $1.upper + margin }
    }

    /// Uniform within the limits; a joint without, or with limits too wide for a number between them, within −π…π.
    public func randomPositions(using generator: inout some RandomNumberGenerator) -> [Double] {
        coordinates.map { coordinate in
            (coordinate.upper - coordinate.lower).isFinite
                ? Double.random(in: coordinate.lower...coordinate.upper, using: &generator)
                : min(max(Double.random(in: -Double.pi ... .pi, using: &generator), coordinate.lower), coordinate.upper)
        }
    }

    /// The pose of `inner` in `outer` where both are on one rigid body, else nil.
    public func fixedOffset(from outer: Frame, to inner: Frame) -> Pose? {
        let (a, b) = (tree.frames[outer.index], tree.frames[inner.index])
        guard a.body == b.body else { return nil }
        return (a.placement.inverse * b.placement).pose
    }

    /// The joints that move `frame`, base first, as indices of ``jointNames``.
    public func joints(moving frame: Frame) -> [Int] {
        var (body, path) = (tree.frames[frame.index].body, [Int]())
        while body >= 0 {
            path.append(body)
            body = tree.joints[body].parent
        }
        return path.reversed()
    }
}
