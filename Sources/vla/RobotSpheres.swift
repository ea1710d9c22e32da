import ArgumentParser
import Foundation
import RobotReports

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

    @Option(help: "A link; may be repeated. Default: all links with geometry.")
    var link: [String] = []

    @Option(help: "Number of spheres per link. Default: by its size.")
    var count: Int?

    @Flag(help: "Measure the robot file's spheres without fitting new ones.")
    var measure = false

    @Option(name: .shortAndLong, help: "The file to write.", completion: .file())
    var output: String?

    @Flag(help: "Print one JSON array.")
    var json = false

    func validate() throws {
        if let count, !(1...1000 ~= count) {
            throw ValidationError("--count is \(count); 1 to 1000 spheres are fitted.")
        }
    }

    func run() throws {
        common.apply()
        let report = try SphereFitReport(
            options.source.model(), links: link, count: count, measuring: measure,
            searchPaths: options.source.searchPaths, shouldContinue: Interruption.check)
        if let output { try report.write(to: URL(fileURLWithPath: output)) }
        if json { return try printJSON(report.links) }
        if output == nil && !measure { print(report.yaml) }
        print(report.text)
    }
}
