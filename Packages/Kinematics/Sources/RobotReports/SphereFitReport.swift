import FileSupport
public import Foundation
public import Kinematics

/// Collision spheres fitted to a robot's meshes, or those it has, and how well they cover them.
public struct SphereFitReport: Sendable {
    /// Of one link.
    public struct Link: Codable, Sendable {
        public var link: String
        public var spheres: Int
        /// The share of the surface that is covered.
        public var coverage: Double
        /// Metres.
        public var largestGap, meanProtrusion, largestProtrusion: Double
        /// The spheres' volume by the mesh's.
        public var volumeRatio: Double
    }

    public private(set) var links: [Link] = []
    /// `collision_spheres` as robot files have them.
    public private(set) var yaml = "collision_spheres:\n"

    /// - Parameters:
    ///   - model: The robot.
    ///   - names: Links; all when empty.
    ///   - count: Spheres of each link; `nil` to choose by its size.
    ///   - isMeasuring: Measures the robot's own spheres and fits none.
    ///   - searchPaths: Folders in which meshes are looked for, too.
    ///   - shouldContinue: Asked before each link; what it throws ends the work.
    /// - Throws: `RequestError` for a link that there is not, and where there is nothing to fit or measure.
    public init(
        _ model: RobotModel, links names: [String] = [], count: Int? = nil, measuring isMeasuring: Bool = false,
        searchPaths: [URL] = [], shouldContinue: () throws -> Void = {}
    ) throws {
        let description = model.description
        for name in names where description.link(name) == nil {
            throw RequestError("There is no link '\(name)'; there are \(description.links.map(\.name)).")
        }
        let fitting = SphereFitting(sphereCount: count)
        for name in names.isEmpty ? description.links.map(\.name) : names {
            try shouldContinue()
            guard let mesh = try description.collisionMesh(of: name, searchPaths: searchPaths) else { continue }
            var spheres = model.configuration?.collisionSpheres[name] ?? []
            let report: SphereFitting.Report
            if isMeasuring {
                guard !spheres.isEmpty else { continue }
                report = fitting.report(spheres, on: mesh)
            } else {
                (spheres, report) = fitting.fit(mesh)
            }
            yaml += "  \(name):\n"
            for s in spheres {
                let center = numbers([s.center.x, s.center.y, s.center.z], "%.5f").replacing(" ", with: ", ")
                yaml += "    - {center: [\(center)], radius: \(numbers([s.radius], "%.5f"))}\n"
            }
            links.append(
                Link(
                    link: name, spheres: report.sphereCount, coverage: report.coverage, largestGap: report.largestGap,
                    meanProtrusion: report.meanProtrusion, largestProtrusion: report.largestProtrusion,
                    volumeRatio: report.volumeRatio))
        }
        guard !links.isEmpty else {
            let builtIn = "Built-in robots have none: give a file, or a folder of robots in VLA_ROBOTS."
            throw RequestError(
                "No link of '\(description.file)' has \(isMeasuring ? "both a shape and spheres" : "a shape"). \(builtIn)"
            )
        }
    }

    /// A line for each link.
    public var text: String {
        let width = links.map(\.link.count).max() ?? 0
        return links.map { r in
            r.link.left(width)
                + "  \(r.spheres) spheres, covered \(numbers([100 * r.coverage], "%.1f")) %, gap "
                + "\(numbers([1000 * r.largestGap], "%.1f")) mm, out \(numbers([1000 * r.meanProtrusion], "%.1f")) mm "
                + "(at most \(numbers([1000 * r.largestProtrusion], "%.1f"))), volume \(numbers([r.volumeRatio], "%.2f"))"
        }.joined(separator: "\n")
    }

    /// Writes ``yaml``; the file appears whole or not at all.
    public func write(to file: URL) throws { try AtomicFile.write(Data(yaml.utf8), to: file) }
}
