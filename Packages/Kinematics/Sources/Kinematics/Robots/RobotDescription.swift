/// What a URDF says of a robot: links, joints and how they hang together. A ``RobotModel`` computes with it.
public struct RobotDescription: Sendable {
    public var name: String
    /// The file's path, or the name given to a text.
    public var file: String
    /// In the order of the file.
    public var links: [Link]
    /// In the order of the file.
    public var joints: [Joint]
    /// What was read and understood, but is unusual: unknown elements, vendor quirks.
    public var warnings: [Warning]

    /// Something unusual in a file that does not stop it from being used.
    public struct Warning: Equatable, Sendable, CustomStringConvertible {
        public var line: Int?
        /// The element with its name, such as `joint 'elbow'`.
        public var element: String
        public var message: String

        public var description: String { (line.map { "line \($0), " } ?? "") + "\(element): \(message)" }
    }

    public struct Link: Sendable {
        public var name: String
        /// Nil where it comes from no file.
        public var line: Int?
        public var inertial: Inertial?
        public var collisions: [Geometry]
        public var visuals: [Geometry]
    }

    /// Mass, where it is, and how it turns.
    public struct Inertial: Sendable {
        /// In kg.
        public var mass: Double
        /// The center of mass, and the axes in which `inertia` is given, in the link's frame.
        public var origin: Pose
        /// About the center of mass, in kg m².
        public var inertia: Matrix3

        /// Whether it stands for no mass: nothing, or what modelling tools write for a link that is only a frame, a mass
        /// of at most a gram without inertia.
        public var isMassless: Bool {
            mass == 0 || (0...1e-3 ~= mass && (0..<9).allSatisfy { inertia[$0 / 3, $0 % 3] == 0 })
        }
    }

    public struct Geometry: Sendable {
        /// In the link's frame.
        public var origin: Pose
        public var shape: Shape

        /// Sizes in metres.
        public enum Shape: Equatable, Sendable {
            /// Edge lengths, centered.
            case box(Vector3)
            case sphere(radius: Double)
            /// The axis is z, centered.
            case cylinder(radius: Double, length: Double)
            /// The name as in the file, not resolved.
            case mesh(file: String, scale: Vector3)
        }
    }

    public struct Joint: Sendable {
        public enum Kind: String, Sendable {
            case revolute, continuous, prismatic, fixed

            public var isMoving: Bool { self != .fixed }
        }

        public var name: String
        /// Nil where it comes from no file.
        public var line: Int?
        public var kind: Kind
        public var parent: String
        public var child: String
        /// The joint's frame in the parent link's, at position 0.
        public var origin: Pose
        /// Of unit length, in the joint's frame; not used by a fixed joint.
        public var axis: Vector3
        /// Of a revolute or prismatic joint; a mimic joint may have none of its own.
        public var limits: Limits?
        public var mimic: Mimic?
        /// N m s/rad or N s/m.
        public var damping: Double
        /// N m or N.
        public var friction: Double
        public var softLimits: SoftLimits?
    }

    /// Radians or metres; per second.
    public struct Limits: Equatable, Sendable {
        public var lower: Double
        public var upper: Double
        /// N m or N; 0 is what some files have for "unknown".
        public var effort: Double
        /// As in the file; 0 is what some files have for "unknown".
        public var velocity: Double
    }

    /// `position = multiplier · position of the other joint + offset`
    public struct Mimic: Equatable, Sendable {
        public var joint: String
        public var multiplier: Double
        public var offset: Double
    }

    /// Of a safety controller; kept, and not used: an absent limit is 0 in the format.
    public struct SoftLimits: Equatable, Sendable {
        public var lower: Double
        public var upper: Double
    }

    /// The link of a name.
    public func link(_ name: String) -> Link? { links.first { $0.name == name } }

    /// The joint of a name.
    public func joint(_ name: String) -> Joint? { joints.first { $0.name == name } }
}
