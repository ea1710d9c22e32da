/// Turns a description and a robot file into joints, bodies, frames and coordinates.
struct ModelBuilder {
    struct Joint {
        var name: String
        var constants: ModelTree.Joint
    }

    struct Frame {
        var name: String
        var body: Int
        var placement: Transform
    }

    private let source: RobotDescription
    private let configuration: RobotConfiguration?
    private let mimic: RobotModel.MimicRule
    private let linkTree: RobotTree
    private var byName: [String: RobotDescription.Joint] = [:]
    /// How each moving joint gets its position.
    private var drives: [String: Drive] = [:]

    private(set) var coordinates: [RobotModel.Coordinate] = []
    private(set) var joints: [Joint] = []
    private(set) var inertias: [BodyInertia] = []
    private(set) var frames: [Frame] = []
    private(set) var warnings: [RobotDescription.Warning] = []
    private(set) var baseLink: String

    private enum Drive {
        case locked(Double)
        case coordinate(Int, multiplier: Double, offset: Double)
    }

    init(_ source: RobotDescription, configuration: RobotConfiguration?, mimic: RobotModel.MimicRule) throws {
        self.source = source
        self.configuration = configuration
        self.mimic = mimic
        linkTree = try RobotTree(source)
        baseLink = configuration?.baseLink ?? linkTree.root
        for joint in linkTree.joints { byName[joint.name] = joint }
    }

    mutating func build() throws {
        try chooseCoordinates()
        try drive()
        try place()
        try addExtraFrames()
    }

    // MARK: coordinates

    private func error(_ kind: RobotFileError.Kind, _ key: String, _ found: String, near name: String? = nil)
        -> RobotFileError
    {
        RobotFileError(
            kind, file: configuration?.file ?? source.file, element: "key '\(key)'", found,
            advice: name.map { "Nearest are \(nearestNames(to: $0, among: byName.keys.sorted()))." })
    }

    private func isFollower(_ joint: RobotDescription.Joint) -> Bool { mimic == .honoured && joint.mimic != nil }

    private mutating func chooseCoordinates() throws {
        let moving = linkTree.joints.filter { $0.kind.isMoving }
        for joint in moving where joint.kind != .continuous {
            guard let limits = joint.limits, limits.lower > limits.upper else { continue }
            throw RobotFileError(
                .invalidValue, file: source.file, line: joint.line, element: "joint '\(joint.name)'",
                "the lower limit \(limits.lower) is above the upper limit \(limits.upper)")
        }
        let locked = configuration?.lockedJoints ?? [:]
        for name in locked.keys.sorted() where byName[name] == nil {
            throw error(.unknownName, "lock_joints", "there is no joint '\(name)'", near: name)
        }

        var names = moving.map(\.name)
        if let listed = configuration?.jointNames {
            for name in listed where byName[name] == nil {
                throw error(.unknownName, "joint_names", "there is no joint '\(name)'", near: name)
            }
            // what is left out stands still
            for joint in moving where !listed.contains(joint.name) && locked[joint.name] == nil && !isFollower(joint) {
                let position = joint.limits.map { min(max(0, $0.lower), $0.upper) } ?? 0
                drives[joint.name] = .locked(position)
                warnings.append(
                    .init(
                        line: joint.line, element: "joint '\(joint.name)'",
                        message: "not among the robot file's joint_names, held at \(position)"))
            }
            names = listed.filter { byName[$0]!.kind.isMoving }
        }
        for (name, position) in locked { drives[name] = .locked(position) }

        let settings = configuration.map {
            Dictionary(uniqueKeysWithValues: ($0.jointNames ?? []).enumerated().map { ($1, $0) })
        }
        for name in names where drives[name] == nil && !isFollower(byName[name]!) {
            drives[name] = .coordinate(coordinates.count, multiplier: 1, offset: 0)
            coordinates.append(coordinate(byName[name]!, setting: settings?[name]))
        }
    }

    private func coordinate(_ joint: RobotDescription.Joint, setting: Int?) -> RobotModel.Coordinate {
        let clip = configuration?.positionLimitClip ?? 0
        let limits = joint.limits ?? impliedLimits(joint)
        var (lower, upper) = (-Double.infinity, Double.infinity)
        if joint.kind != .continuous, let limits {
            (lower, upper) = (limits.lower + clip, limits.upper - clip)
            if lower > upper { (lower, upper) = ((lower + upper) / 2, (lower + upper) / 2) }
        }
        func value(_ list: [Double]?, else absent: Double) -> Double {
            guard let list, !list.isEmpty else { return absent }
            guard list.count > 1 else { return list[0] }
            return setting.map { list[$0] } ?? absent
        }
        let velocity = limits?.velocity ?? 0
        let preferred =
            configuration?.defaultPositions.isEmpty == false ? setting.map { configuration!.defaultPositions[$0] } : nil
        return RobotModel.Coordinate(
            joint: joint.name, lower: lower, upper: upper, velocity: velocity > 0 ? velocity : .infinity,
            acceleration: value(configuration?.maximumAcceleration, else: .infinity),
            jerk: value(configuration?.maximumJerk, else: .infinity), effort: limits?.effort ?? 0,
            isPrismatic: joint.kind == .prismatic, isContinuous: joint.kind == .continuous,
            preferred: min(max(preferred ?? 0, lower), upper))
    }

    /// Where the joint that this one mimics can take it, for a coordinate of its own; `nil` when that has no limits.
    private func impliedLimits(_ joint: RobotDescription.Joint) -> RobotDescription.Limits? {
        guard let tag = joint.mimic, let leader = byName[tag.joint], leader.kind != .continuous,
            let limits = leader.limits
        else { return nil }
        let ends = [limits.lower, limits.upper].map { tag.multiplier * $0 + tag.offset }
        return RobotDescription.Limits(
            lower: min(ends[0], ends[1]), upper: max(ends[0], ends[1]), effort: limits.effort,
            velocity: abs(tag.multiplier) * limits.velocity)
    }

    /// Follows the mimic tags to a coordinate or a locked joint.
    private mutating func drive() throws {
        guard mimic == .honoured else { return }
        for joint in linkTree.joints where joint.kind.isMoving && drives[joint.name] == nil {
            var (multiplier, offset, current) = (1.0, 0.0, joint)
            var seen: Set<String> = [joint.name]
            while drives[current.name] == nil {
                guard let tag = current.mimic, let next = byName[tag.joint] else { break }
                guard seen.insert(next.name).inserted else {
                    throw RobotFileError(
                        .cycle, file: source.file, line: joint.line, element: "joint '\(joint.name)'",
                        "the mimic tags of \(seen.sorted()) form a loop")
                }
                (multiplier, offset) = (multiplier * tag.multiplier, multiplier * tag.offset + offset)
                current = next
            }
            switch drives[current.name] {
            case .locked(let position): drives[joint.name] = .locked(multiplier * position + offset)
            case .coordinate(let index, let m, let o):
                drives[joint.name] = .coordinate(index, multiplier: multiplier * m, offset: multiplier * o + offset)
            case nil:
                throw RobotFileError(
                    .unsupported, file: source.file, line: joint.line, element: "joint '\(joint.name)'",
                    "mimics the fixed joint '\(current.name)'")
            }
        }
    }

    // MARK: bodies and frames

    /// Walks the tree, joining rigidly attached links into bodies whose z axis is the joint's.
    private mutating func place() throws {
        var places: [String: (body: Int, transform: Transform)] = [:]
        places[linkTree.root] = (-1, try rootInBase())
        addLink(linkTree.root, body: -1, transform: places[linkTree.root]!.transform)
        for joint in linkTree.joints {
            let parent = places[joint.parent]!
            let origin = parent.transform * Transform(joint.origin)
            var place = (body: parent.body, transform: origin)
            if joint.kind.isMoving {
                switch drives[joint.name]! {
                case .locked(let position): place.transform = origin * Self.motion(joint, at: position)
                case .coordinate(let index, let multiplier, let offset):
                    // z of the body's frame is the joint's axis
                    let alignment = Self.alignment(of: joint.axis)
                    joints.append(
                        Joint(
                            name: joint.name,
                            constants: .init(
                                parent: parent.body, isPrismatic: joint.kind == .prismatic, coordinate: index,
                                multiplier: multiplier, offset: offset,
                                placement: origin * Transform(rotation: alignment, translation: .zero))))
                    inertias.append(.zero)
                    place = (joints.count - 1, Transform(rotation: alignment.transposed, translation: .zero))
                }
            }
            places[joint.child] = place
            addLink(joint.child, body: place.body, transform: place.transform)
        }
    }

    private mutating func addLink(_ name: String, body: Int, transform: Transform) {
        frames.append(Frame(name: name, body: body, placement: transform))
        guard body >= 0, let inertial = source.link(name)?.inertial else { return }
        let link = BodyInertia(mass: inertial.mass, center: .zero, inertia: inertial.inertia)
        inertias[body] = inertias[body] + link.transformed(by: transform * Transform(inertial.origin))
    }

    /// The pose of the URDF's root in the base link: the base has to be joined to it rigidly.
    private func rootInBase() throws -> Transform {
        var (link, baseInRoot) = (baseLink, Transform.identity)
        guard source.link(link) != nil else {
            throw RobotFileError(
                .unknownName, file: configuration?.file ?? source.file, element: "key 'base_link'",
                "there is no link '\(link)'",
                advice: "Nearest are \(nearestNames(to: link, among: source.links.map(\.name))).")
        }
        let carriers = Dictionary(uniqueKeysWithValues: linkTree.joints.map { ($0.child, $0) })
        while link != linkTree.root {
            let joint = carriers[link]!
            guard !joint.kind.isMoving else {
                throw error(
                    .unsupported, "base_link", "'\(baseLink)' is moved by joint '\(joint.name)'; a base stands still")
            }
            baseInRoot = Transform(joint.origin) * baseInRoot
            link = joint.parent
        }
        return baseInRoot.inverse
    }

    private mutating func addExtraFrames() throws {
        for extra in configuration?.extraFrames ?? [] {
            guard !frames.contains(where: { $0.name == extra.name }) else {
                // files repeat frames that their URDF has
                warnings.append(
                    .init(
                        line: nil, element: "frame '\(extra.name)'",
                        message: "the URDF has it already; that one is used"))
                continue
            }
            guard let parent = frames.first(where: { $0.name == extra.parent }) else {
                throw error(
                    .unknownName, "extra_frames.\(extra.name)", "there is no link or frame '\(extra.parent)' before it")
            }
            frames.append(
                Frame(name: extra.name, body: parent.body, placement: parent.placement * Transform(extra.pose)))
        }
    }

    private static func motion(_ joint: RobotDescription.Joint, at position: Double) -> Transform {
        joint.kind == .prismatic
            ? Transform(rotation: .identity, translation: position * joint.axis)
            : Transform(rotation: Rotation(exponential: position * joint.axis).matrix, translation: .zero)
    }

    /// A rotation that takes z to the axis; exact for the axes of the frame.
    private static func alignment(of axis: Vector3) -> Matrix3 {
        if axis == Vector3(0, 0, 1) { return .identity }
        if axis == Vector3(0, 0, -1) {
            return Matrix3(columns: Vector3(1, 0, 0), Vector3(0, -1, 0), Vector3(0, 0, -1))
        }
        // the frame's axis least along it gives the first column
        let size = Vector3(abs(axis.x), abs(axis.y), abs(axis.z))
        let helper =
            size.x <= size.y && size.x <= size.z
            ? Vector3(1, 0, 0) : size.y <= size.z ? Vector3(0, 1, 0) : Vector3(0, 0, 1)
        var first = helper - helper.dot(axis) * axis
        first /= first.length
        return Matrix3(columns: first, axis.cross(first), axis)
    }
}
