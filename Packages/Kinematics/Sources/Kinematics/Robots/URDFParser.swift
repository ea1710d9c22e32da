public import Foundation
import XMLSupport

/// Reads the Unified Robot Description Format.
///
/// Links, joints, inertials, limits, mimic, collision and visual geometry. Materials, transmissions and simulator
/// extensions are passed over; elements nobody knows become warnings. Floating and planar joints are not supported.
/// Source: the format's page on the ROS wiki, http://wiki.ros.org/urdf/XML.
public enum URDFParser {
    /// Reads a file.
    ///
    /// - Throws: ``RobotFileError`` with line and element.
    public static func read(_ url: URL, limits: RobotFileLimits = .default) throws -> RobotDescription {
        try parse(try readBytes(url, limits: limits), name: url.path, limits: limits)
    }

    /// Reads a text; `name` stands for the file in errors.
    ///
    /// - Throws: ``RobotFileError`` with line and element.
    public static func parse(
        _ data: Data, name: String, limits: RobotFileLimits = .default
    ) throws -> RobotDescription {
        let root = try MarkupElement.parse(data, file: name, limits: limits)
        try refuseXacro(root, name)
        guard root.name == "robot" else {
            throw RobotFileError(
                .wrongRoot, file: name, line: root.line, "the outermost element is <\(root.name)>, not <robot>",
                advice: "A xacro file has to be expanded first; an MJCF or SDF file is another format.")
        }
        var reader = URDFReader(file: name, name: root.attributes["name"] ?? "")
        try reader.read(root)
        return reader.description
    }

    /// A xacro file is a program that makes a URDF: what it holds as it stands is a part of a robot, or none.
    private static func refuseXacro(_ element: MarkupElement, _ file: String) throws {
        func refusal(_ found: String) -> RobotFileError {
            RobotFileError(
                .unsupported, file: file, line: element.line, "a xacro file: \(found) is not expanded",
                advice: "Expand it first, with ROS's tool: xacro FILE > arm.urdf.")
        }
        if element.name.hasPrefix("xacro:") { throw refusal("<\(element.name)>") }
        for (name, value) in element.attributes.sorted(by: { $0.key < $1.key })
        where value.contains("${") || value.contains("$(") {
            throw refusal("\(name)=\"\(value.prefix(60))\"")
        }
        for child in element.children { try refuseXacro(child, file) }
    }
}

/// Turns elements into the description.
private struct URDFReader {
    var description: RobotDescription
    private let file: String

    init(file: String, name: String) {
        self.file = file
        description = RobotDescription(name: name, file: file, links: [], joints: [], warnings: [])
    }

    mutating func read(_ root: MarkupElement) throws {
        var (links, joints): (Set<String>, Set<String>) = ([], [])
        for element in root.children {
            switch element.name {
            case "link":
                let link = try link(element)
                guard links.insert(link.name).inserted else {
                    throw error(.duplicateName, element, "a second link of this name")
                }
                description.links.append(link)
            case "joint":
                // gazebo and ros_control put other things named joint into transmissions only
                let joint = try joint(element)
                guard joints.insert(joint.name).inserted else {
                    throw error(.duplicateName, element, "a second joint of this name")
                }
                description.joints.append(joint)
            case "material", "transmission", "gazebo", "sensor": break
            default: warn(element, "unknown element, passed over")
            }
        }
        guard !description.links.isEmpty else { throw error(.missing, root, "no link") }
        for joint in description.joints {
            for link in [joint.parent, joint.child] where !links.contains(link) {
                throw RobotFileError(
                    .unknownName, file: file, line: joint.line, element: "joint '\(joint.name)'",
                    "there is no link '\(link)'", advice: "Nearest are \(nearestNames(to: link, among: links)).")
            }
            if let mimic = joint.mimic, !joints.contains(mimic.joint) {
                throw RobotFileError(
                    .unknownName, file: file, line: joint.line, element: "joint '\(joint.name)'",
                    "mimics joint '\(mimic.joint)', which does not exist",
                    advice: "Nearest are \(nearestNames(to: mimic.joint, among: joints)).")
            }
        }
    }

    // MARK: links

    private mutating func link(_ element: MarkupElement) throws -> RobotDescription.Link {
        var link = RobotDescription.Link(
            name: try required(element, "name"), line: element.line, inertial: nil, collisions: [], visuals: [])
        for child in element.children {
            switch child.name {
            case "inertial": link.inertial = try inertial(child, of: link.name)
            case "collision": if let found = try geometry(child, of: link.name) { link.collisions.append(found) }
            case "visual": if let found = try geometry(child, of: link.name) { link.visuals.append(found) }
            case "material", "contact", "self_collision_checking", "verbose": break
            default: warn(child, "unknown element in link '\(link.name)', passed over")
            }
        }
        return link
    }

    private func inertial(_ element: MarkupElement, of link: String) throws -> RobotDescription.Inertial {
        let place = "link '\(link)'"
        guard let mass = element.first("mass"), let inertia = element.first("inertia") else {
            throw RobotFileError(
                .missing, file: file, line: element.line, element: place, "an inertial without mass or inertia",
                advice: "Give both, or leave <inertial> out for a link without mass.")
        }
        func entry(_ name: String) throws -> Double {
            // products of inertia may be left out, moments not
            try number(inertia, name, place, whenAbsent: ["ixy", "ixz", "iyz"].contains(name) ? 0 : nil)
        }
        let (xx, xy, xz) = (try entry("ixx"), try entry("ixy"), try entry("ixz"))
        let (yy, yz, zz) = (try entry("iyy"), try entry("iyz"), try entry("izz"))
        return RobotDescription.Inertial(
            mass: try number(mass, "value", place), origin: try origin(element, place),
            inertia: Matrix3(rows: Vector3(xx, xy, xz), Vector3(xy, yy, yz), Vector3(xz, yz, zz)))
    }

    private mutating func geometry(_ element: MarkupElement, of link: String) throws -> RobotDescription.Geometry? {
        let place = "link '\(link)'"
        guard let geometry = element.first("geometry") else {
            throw RobotFileError(.missing, file: file, line: element.line, element: place, "no geometry")
        }
        guard let shape = geometry.children.first else {
            warn(geometry, "empty geometry in link '\(link)', passed over")
            return nil
        }
        func size(_ name: String) throws -> Double {
            let value = try number(shape, name, place)
            guard value >= 0 else { throw invalid(shape, name, place, "is negative") }
            return value
        }
        let found: RobotDescription.Geometry.Shape
        switch shape.name {
        case "box": found = .box(try vector(shape, "size", place))
        case "sphere": found = .sphere(radius: try size("radius"))
        case "cylinder": found = .cylinder(radius: try size("radius"), length: try size("length"))
        case "mesh":
            guard let name = shape.attributes["filename"] else {
                throw RobotFileError(.missing, file: file, line: shape.line, element: place, "a mesh without filename")
            }
            let one = Vector3(1, 1, 1)
            found = .mesh(file: name, scale: try vector(shape, "scale", place, whenAbsent: one))
        default:
            warn(shape, "unknown geometry in link '\(link)', passed over")
            return nil
        }
        return RobotDescription.Geometry(origin: try origin(element, place), shape: found)
    }

    // MARK: joints

    private mutating func joint(_ element: MarkupElement) throws -> RobotDescription.Joint {
        let name = try required(element, "name")
        let place = "joint '\(name)'"
        let type = try required(element, "type")
        guard let kind = RobotDescription.Joint.Kind(rawValue: type) else {
            let known = ["floating", "planar"].contains(type)
            throw RobotFileError(
                known ? .unsupported : .invalidValue, file: file, line: element.line, element: place,
                "the joint type is '\(type)'", advice: "Revolute, continuous, prismatic and fixed are supported.")
        }
        func linkName(_ child: String) throws -> String {
            guard let link = element.first(child)?.attributes["link"] else {
                throw RobotFileError(.missing, file: file, line: element.line, element: place, "no \(child) link")
            }
            return link
        }

        var joint = RobotDescription.Joint(
            name: name, line: element.line, kind: kind, parent: try linkName("parent"), child: try linkName("child"),
            origin: try origin(element, place), axis: Vector3(1, 0, 0), limits: nil, mimic: nil, damping: 0,
            friction: 0, softLimits: nil)
        if kind.isMoving {
            if let axis = element.first("axis") {
                let direction = try vector(axis, "xyz", place, whenAbsent: Vector3(1, 0, 0))
                let length = direction.length
                guard length > 1e-9 else {
                    throw RobotFileError(
                        .zeroAxis, file: file, line: axis.line, element: place, "the axis has length \(length)",
                        advice: "Give the direction the joint turns about or slides along.")
                }
                joint.axis = direction / length
            }
            joint.limits = try limits(element, kind: kind, place)
        }
        if let mimic = element.first("mimic") {
            joint.mimic = RobotDescription.Mimic(
                joint: try required(mimic, "joint"),
                multiplier: try number(mimic, "multiplier", place, whenAbsent: 1),
                offset: try number(mimic, "offset", place, whenAbsent: 0))
        }
        if let dynamics = element.first("dynamics") {
            joint.damping = try number(dynamics, "damping", place, whenAbsent: 0)
            joint.friction = try number(dynamics, "friction", place, whenAbsent: 0)
        }
        if let safety = element.first("safety_controller") {
            joint.softLimits = RobotDescription.SoftLimits(
                lower: try number(safety, "soft_lower_limit", place, whenAbsent: 0),
                upper: try number(safety, "soft_upper_limit", place, whenAbsent: 0))
        }
        let known: Set = [
            "origin", "parent", "child", "axis", "limit", "mimic", "dynamics", "safety_controller", "calibration",
        ]
        for child in element.children where !known.contains(child.name) {
            warn(child, "unknown element in joint '\(name)', passed over")
        }
        return joint
    }

    private mutating func limits(
        _ element: MarkupElement, kind: RobotDescription.Joint.Kind, _ place: String
    ) throws -> RobotDescription.Limits? {
        guard let limit = element.first("limit") else {
            // a mimic joint goes where another one takes it
            if kind == .continuous || element.first("mimic") != nil { return nil }
            let advice = kind == .revolute ? ", or make the joint continuous" : ""
            throw RobotFileError(
                .missing, file: file, line: element.line, element: place, "a \(kind.rawValue) joint without limit",
                advice: "Add <limit lower upper effort velocity>\(advice).")
        }
        let found = RobotDescription.Limits(
            lower: try number(limit, "lower", place, whenAbsent: 0),
            upper: try number(limit, "upper", place, whenAbsent: 0),
            effort: try number(limit, "effort", place, whenAbsent: 0),
            velocity: try number(limit, "velocity", place, whenAbsent: 0))
        guard found.velocity <= 0 || found.velocity >= 1e-6 else {
            throw invalid(limit, "velocity", place, "\(found.velocity) is no speed that a joint moves with")
        }
        if found.velocity <= 0 {
            description.warnings.append(
                .init(
                    line: limit.line, element: place,
                    message: "the velocity limit is \(found.velocity), taken as unknown (no limit)"))
        }
        return found
    }

    // MARK: values

    /// Attributes in metres, and factors of them.
    private static let lengths: Set = ["xyz", "size", "radius", "length", "scale"]

    private func origin(_ element: MarkupElement, _ place: String) throws -> Pose {
        guard let origin = element.first("origin") else { return .identity }
        let angles = try vector(origin, "rpy", place, whenAbsent: .zero)
        return Pose(
            rotation: Rotation(roll: angles.x, pitch: angles.y, yaw: angles.z),
            translation: try vector(origin, "xyz", place, whenAbsent: .zero))
    }

    private func required(_ element: MarkupElement, _ attribute: String) throws -> String {
        guard let value = element.attributes[attribute], !value.isEmpty else {
            throw error(.missing, element, "no attribute '\(attribute)'")
        }
        return value
    }

    private func numbers(_ element: MarkupElement, _ attribute: String, _ place: String) throws -> [Double]? {
        guard let text = element.attributes[attribute] else { return nil }
        return try text.split(whereSeparator: \.isWhitespace).map { word in
            guard let value = Double(word), value.isFinite else {
                throw invalid(element, attribute, place, "'\(word.prefix(40))' is no finite number")
            }
            let limit = Self.lengths.contains(attribute) ? lengthLimit : numberLimit
            guard abs(value) <= limit else {
                throw invalid(element, attribute, place, "\(value) is beyond ±\(limit)")
            }
            return value
        }
    }

    private func number(
        _ element: MarkupElement, _ attribute: String, _ place: String, whenAbsent: Double? = nil
    ) throws -> Double {
        guard let values = try numbers(element, attribute, place) else {
            if let whenAbsent { return whenAbsent }
            throw RobotFileError(
                .missing, file: file, line: element.line, element: place,
                "<\(element.name)> has no attribute '\(attribute)'")
        }
        guard values.count == 1 else { throw invalid(element, attribute, place, "\(values.count) numbers, not 1") }
        return values[0]
    }

    private func vector(
        _ element: MarkupElement, _ attribute: String, _ place: String, whenAbsent: Vector3? = nil
    ) throws -> Vector3 {
        guard let values = try numbers(element, attribute, place) else {
            if let whenAbsent { return whenAbsent }
            throw RobotFileError(
                .missing, file: file, line: element.line, element: place,
                "<\(element.name)> has no attribute '\(attribute)'")
        }
        guard values.count == 3 else { throw invalid(element, attribute, place, "\(values.count) numbers, not 3") }
        return Vector3(values[0], values[1], values[2])
    }

    // MARK: errors

    private func invalid(
        _ element: MarkupElement, _ attribute: String, _ place: String, _ found: String
    ) -> RobotFileError {
        RobotFileError(
            .invalidValue, file: file, line: element.line, element: place,
            "<\(element.name)> attribute '\(attribute)': \(found)")
    }

    private func error(_ kind: RobotFileError.Kind, _ element: MarkupElement, _ found: String) -> RobotFileError {
        let name = element.attributes["name"].map { " '\($0)'" } ?? ""
        return RobotFileError(kind, file: file, line: element.line, element: element.name + name, found)
    }

    private mutating func warn(_ element: MarkupElement, _ message: String) {
        guard description.warnings.count < 1000 else { return }
        description.warnings.append(.init(line: element.line, element: "<\(element.name)>", message: message))
    }
}
