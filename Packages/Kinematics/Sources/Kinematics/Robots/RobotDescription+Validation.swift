public import Foundation

extension RobotDescription {
    /// What is wrong with a robot's description, and what it means for computing with it.
    public struct Finding: Equatable, Sendable, CustomStringConvertible {
        public enum Severity: String, Comparable, Sendable {
            /// Unusual, without consequence for what is computed here.
            case note
            /// Some results are wrong or missing.
            case warning
            /// The robot cannot be computed with.
            case error

            public static func < (a: Severity, b: Severity) -> Bool {
                let order: [Severity] = [.note, .warning, .error]
                return order.firstIndex(of: a)! < order.firstIndex(of: b)!
            }
        }

        public var severity: Severity
        public var line: Int?
        /// The element with its name, such as `link 'hand'`.
        public var element: String
        public var found: String
        public var meaning: String

        public var description: String {
            "\(severity.rawValue): " + (line.map { "line \($0), " } ?? "") + "\(element): \(found). \(meaning)"
        }
    }

    /// Checks links, inertias, limits and meshes; the worst findings first.
    ///
    /// - Parameter searchPaths: Folders in which mesh files are looked for besides the description's own.
    public func findings(searchPaths: [URL] = []) -> [Finding] {
        var findings = warnings.map {
            Finding(
                severity: .note, line: $0.line, element: $0.element, found: $0.message,
                meaning: "The rest of the file is read.")
        }
        do {
            _ = try RobotTree(self)
        } catch let error as RobotFileError {
            findings.append(
                Finding(
                    severity: .error, line: error.line, element: error.element ?? "robot", found: error.found,
                    meaning: "The links are no tree; there is no kinematics."))
        } catch {}
        let heavy = linksWithMassBeyond()
        let carriers = Dictionary(joints.map { ($0.child, $0) }) { first, _ in first }
        for link in links {
            findings += inertiaFindings(
                link, isMoved: carriers[link.name]?.kind.isMoving ?? false, isHeavy: heavy.contains(link.name))
            findings += meshFindings(link, searchPaths: searchPaths)
        }
        for joint in joints { findings += limitFindings(joint) }
        return findings.enumerated().sorted {
            ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset)
        }.map(\.element)
    }

    private func inertiaFindings(_ link: Link, isMoved: Bool, isHeavy: Bool) -> [Finding] {
        func finding(_ severity: Finding.Severity, _ found: String, _ meaning: String) -> Finding {
            Finding(severity: severity, line: link.line, element: "link '\(link.name)'", found: found, meaning: meaning)
        }
        guard let inertial = link.inertial, !inertial.isMassless else {
            guard isMoved, !isHeavy else { return [] }
            return [
                finding(
                    .warning, "a moving joint carries no mass",
                    "The mass matrix is singular there: no forward dynamics, no operational-space control.")
            ]
        }
        if inertial.mass < 0 {
            return [finding(.warning, "the mass is \(inertial.mass) kg", "Dynamics are wrong.")]
        }
        let moments = Matrix(
            rowCount: 3, columnCount: 3, elements: (0..<9).map { inertial.inertia[$0 / 3, $0 % 3] }
        ).symmetricEigenvalues
        let (small, middle, large) = (moments[0], moments[1], moments[2])
        if small <= 0 {
            return [
                finding(
                    .warning, "the inertia has the principal moment \(small) kg m²: it is not positive definite",
                    "No body has such an inertia; dynamics of the joints before it are wrong. Look for a sign.")
            ]
        }
        if small + middle < large * (1 - 1e-6) {
            return [
                finding(
                    .warning,
                    "the principal moments \(small), \(middle), \(large) kg m² violate the triangle inequality",
                    "No body has such an inertia; check the axes and units it was exported in.")
            ]
        }
        return []
    }

    /// The links that move with a body that has a mass, found once for all of them.
    private func linksWithMassBeyond() -> Set<String> {
        let parents = Dictionary(joints.map { ($0.child, $0.parent) }) { first, _ in first }
        var heavy: Set<String> = []
        for link in links {
            guard let inertial = link.inertial, !inertial.isMassless else { continue }
            var name: String? = link.name
            // what is above a heavy link is heavy already
            while let next = name, heavy.insert(next).inserted { name = parents[next] }
        }
        return heavy
    }

    private func limitFindings(_ joint: Joint) -> [Finding] {
        guard joint.kind != .fixed, joint.kind != .continuous, let limits = joint.limits else { return [] }
        func finding(_ severity: Finding.Severity, _ found: String, _ meaning: String) -> [Finding] {
            [
                Finding(
                    severity: severity, line: joint.line, element: "joint '\(joint.name)'", found: found,
                    meaning: meaning)
            ]
        }
        if limits.lower > limits.upper {
            return finding(
                .error, "the lower limit \(limits.lower) is above the upper limit \(limits.upper)",
                "The joint has no position.")
        }
        if limits.lower == limits.upper {
            return finding(.warning, "both limits are \(limits.lower)", "The joint cannot move; lock it instead.")
        }
        return []
    }

    private func meshFindings(_ link: Link, searchPaths: [URL]) -> [Finding] {
        link.collisions.compactMap { geometry in
            guard case .mesh(let name, _) = geometry.shape, meshFile(name, searchPaths: searchPaths) == nil else {
                return nil
            }
            return Finding(
                severity: .warning, line: link.line, element: "link '\(link.name)'",
                found: "the collision mesh '\(name)' is not there",
                meaning: "Spheres cannot be fitted to the link; give its folder as a search path.")
        }
    }

    /// The file of a mesh: an absolute path, `file://`, `package://name/path` or a path relative to the URDF, looked for
    /// beside the URDF, in the folders above it and in the search paths. Nil when it is nowhere.
    public func meshFile(_ name: String, searchPaths: [URL] = []) -> URL? {
        let manager = FileManager.default
        if name.hasPrefix("file://") { return existing(URL(fileURLWithPath: String(name.dropFirst(7))), manager) }
        if name.hasPrefix("/") { return existing(URL(fileURLWithPath: name), manager) }

        var relative = [name]
        if name.hasPrefix("package://") {
            let path = String(name.dropFirst(10))
            relative = [path] + (path.firstIndex(of: "/").map { [String(path[path.index(after: $0)...])] } ?? [])
        }
        var folders = [URL(fileURLWithPath: file).deletingLastPathComponent()]
        for _ in 0..<3 { folders.append(folders.last!.deletingLastPathComponent()) }
        for folder in searchPaths + folders {
            for path in relative {
                if let found = existing(folder.appendingPathComponent(path), manager) { return found }
            }
        }
        return nil
    }

    private func existing(_ url: URL, _ manager: FileManager) -> URL? {
        manager.fileExists(atPath: url.path) ? url : nil
    }
}
