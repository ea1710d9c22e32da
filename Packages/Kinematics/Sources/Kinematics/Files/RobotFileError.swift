/// A robot, scene or mesh file could not be used: which one, where in it, what was found and what to do.
public struct RobotFileError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        /// The system refused to open or read the file.
        case cannotRead
        /// The text is no XML, YAML, JSON, STL or OBJ.
        case malformed
        /// The outermost element is not the format's.
        case wrongRoot
        /// An element or key that has to be there is not.
        case missing
        /// An attribute or value is no number, has too few or too many, or is out of range.
        case invalidValue
        /// Two links, two joints or two keys have one name.
        case duplicateName
        /// A link, joint or frame is named that does not exist.
        case unknownName
        /// A link has two parent joints.
        case severalParents
        /// More than one link has no parent.
        case severalRoots
        /// Links or mimic joints form a loop.
        case cycle
        /// A moving joint's axis has no direction.
        case zeroAxis
        /// A valid file uses something this reader has no place for.
        case unsupported
        /// The file asks for more than the reader's limits allow.
        case limitExceeded
    }

    public let kind: Kind
    /// The file's path, or the name given to a text.
    public let file: String
    /// Counted from 1.
    public let line: Int?
    /// The element with its name, such as `joint 'elbow'`, or the path of a key.
    public let element: String?
    public let found: String
    public let advice: String?

    public init(
        _ kind: Kind, file: String, line: Int? = nil, element: String? = nil, _ found: String, advice: String? = nil
    ) {
        self.kind = kind
        self.file = file
        self.line = line
        self.element = element
        self.found = found
        self.advice = advice
    }

    public var description: String {
        var place = file
        if let line { place += ", line \(line)" }
        if let element { place += ", \(element)" }
        return "\(place): \(found)." + (advice.map { " \($0)" } ?? "")
    }
}

/// The largest magnitude of any number in a robot or scene file; squares and products of it stay far from overflow.
let numberLimit = 1e15

/// The largest coordinate, size or scale in metres: beyond a million no voxel, sphere or sample has a meaning.
let lengthLimit = 1e6

/// What readers of robot, scene and mesh files accept before they refuse.
public struct RobotFileLimits: Sendable {
    public var byteCount = 64 << 20
    /// XML elements, or YAML nodes that are looked at.
    public var elementCount = 200_000
    public var nestingDepth = 64
    /// Vertices or triangles of a mesh.
    public var meshElementCount = 5_000_000

    public init() {}

    public static let `default` = RobotFileLimits()
}
