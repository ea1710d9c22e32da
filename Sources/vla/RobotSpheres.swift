import FileSupport
import ArgumentParser
import Foundation
import Kinematics
import TensorCore

struct RobotSpheres: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spheres",
        abstract: "Fit collision spheres to a robot's meshes, or measure those it has.",
        discussion: """
            Writes 'collision_spheres' as a robot file has them. For each link the report says which share of the surface
            is covered, the largest gap, how far spheres stand out, and their volume by the mesh's.

            EXAMPLES
              vla robot spheres --robot arm.urdf -o spheres.yml
              vla robot spheres --robot piper --link link2 --count 8
              vla robot spheres --robot panda --measure
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var options: RobotOptions

    @Option(help: "A link; may be given several times. All that have a shape when left out.")
    var link: [String] = []

    @Option(help: "Spheres of each link; by its size when left out.")
    var count: Int?

    @Flag(help: "Measure the robot file's spheres and fit none.")
    var measure = false

    @Option(name: .shortAndLong, help: "The file to write.", completion: .file())
    var output: String?

    @Flag(help: "Print one JSON array.")
    var json = false

    struct Report: Codable {
        var link: String
        var spheres: Int
        var coverage: Double
        var largestGap: Double
        var meanProtrusion: Double
        var largestProtrusion: Double
        var volumeRatio: Double
    }

    func validate() throws {
        if let count, !(1...1000 ~= count) {
            throw ValidationError("--count is \(count); 1 to 1000 spheres are fitted.")
        }
    }

    func run() throws {
        common.apply()
        let model = try options.model()
        let description = model.description
        for name in link where description.link(name) == nil {
            throw ValidationError("There is no link '\(name)'; there are \(description.links.map(\.name)).")
        }
        let names = link.isEmpty ? description.links.map(\.name) : link
        let fitting = SphereFitting(sphereCount: count)
        var (reports, text): ([Report], String) = ([], "collision_spheres:\n")
        for name in names {
            try Interruption.check()
            guard let mesh = try description.collisionMesh(of: name, searchPaths: options.searchPaths) else { continue }
            var spheres = model.configuration?.collisionSpheres[name] ?? []
            let report: SphereFitting.Report
            if measure {
                guard !spheres.isEmpty else { continue }
                report = fitting.report(spheres, on: mesh)
            } else {
                (spheres, report) = fitting.fit(mesh)
            }
            text += "  \(name):\n"
            for s in spheres {
                let center = numbers([s.center.x, s.center.y, s.center.z], "%.5f").replacing(" ", with: ", ")
                text += "    - {center: [\(center)], radius: \(numbers([s.radius], "%.5f"))}\n"
            }
            reports.append(
                Report(
                    link: name, spheres: report.sphereCount, coverage: report.coverage, largestGap: report.largestGap,
                    meanProtrusion: report.meanProtrusion, largestProtrusion: report.largestProtrusion,
                    volumeRatio: report.volumeRatio))
        }
        guard !reports.isEmpty else {
            let builtIn = "Built-in robots have none: give a file, or a folder of robots in VLA_ROBOTS."
            throw ValidationError(
                "No link of '\(description.file)' has \(measure ? "both a shape and spheres" : "a shape"). \(builtIn)")
        }
        if let output { try AtomicFile.write(Data(text.utf8), to: URL(fileURLWithPath: output)) }
        if json {
            try printJSON(reports)
            return
        }
        if output == nil && !measure { print(text) }
        let width = reports.map(\.link.count).max() ?? 0
        for r in reports {
            print(
                r.link.padding(toLength: width, withPad: " ", startingAt: 0)
                    + "  \(r.spheres) spheres, covered \(numbers([100 * r.coverage], "%.1f")) %, gap "
                    + "\(numbers([1000 * r.largestGap], "%.1f")) mm, out \(numbers([1000 * r.meanProtrusion], "%.1f")) mm "
                    + "(at most \(numbers([1000 * r.largestProtrusion], "%.1f"))), volume \(numbers([r.volumeRatio], "%.2f"))"
            )
        }
    }
}
