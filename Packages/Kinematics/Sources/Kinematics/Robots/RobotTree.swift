/// The links of a description as a tree: which joint carries each link, in the order in which coordinates are counted.
struct RobotTree {
    let root: String
    /// Depth-first from the root, the children of a link by the name of their joint. Parents come before children.
    let joints: [RobotDescription.Joint]

    init(_ description: RobotDescription) throws {
        func error(_ kind: RobotFileError.Kind, _ joint: RobotDescription.Joint?, _ found: String) -> RobotFileError {
            RobotFileError(
                kind, file: description.file, line: joint?.line, element: joint.map { "joint '\($0.name)'" }, found)
        }

        // one parent for each link
        var carrier: [String: RobotDescription.Joint] = [:]
        var children: [String: [RobotDescription.Joint]] = [:]
        for joint in description.joints {
            if let other = carrier[joint.child] {
                throw error(
                    .severalParents, joint, "link '\(joint.child)' is already the child of joint '\(other.name)'")
            }
            carrier[joint.child] = joint
            children[joint.parent, default: []].append(joint)
        }
        let roots = description.links.filter { carrier[$0.name] == nil }
        guard let first = roots.first else {
            throw error(.cycle, description.joints.first, "every link is the child of another: the links form a loop")
        }
        guard roots.count == 1 else {
            throw RobotFileError(
                .severalRoots, file: description.file, line: roots[1].line, element: "link '\(roots[1].name)'",
                "no joint carries it, nor link '\(first.name)': there are \(roots.count) roots",
                advice: "Join the links by fixed joints.")
        }
        root = first.name

        // depth first, with an explicit stack
        var (order, stack): ([RobotDescription.Joint], [RobotDescription.Joint]) = ([], [])
        func push(_ link: String) {
            let sorted = (children[link] ?? []).sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            stack.append(contentsOf: sorted.reversed())
        }
        push(root)
        while let joint = stack.popLast() {
            order.append(joint)
            push(joint.child)
        }
        guard order.count == description.joints.count else {
            let reached = Set(order.map(\.name))
            let lost = description.joints.first { !reached.contains($0.name) }
            throw error(.cycle, lost, "cannot be reached from the root '\(root)': its links form a loop")
        }
        joints = order
    }
}
