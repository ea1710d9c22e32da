import ArgumentParser
import Diagnosis
import Foundation
import LiberoEvaluation
import LiberoSimulation
import VLAPolicy

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find out why a policy fails: name the cause, its evidence and the remedy.",
        discussion: """
            Compares checkpoint, data and world with each other: files and weights, statistics, training frames through
            the inference path, every known mistake undone one by one, demonstrations replayed, the policy in a few
            episodes. It changes nothing.

            EXIT CODES
              0  nothing wrong was found, and of the episodes that were run at least one succeeded
              2  a cause was found; the likeliest is named first
              3  no cause was found, and yet every episode failed; the report says what was excluded
              1  it could not be examined

            EXAMPLES
              vla doctor Checkpoints/libero-object --data data/object --suite libero_object
              vla doctor checkpoint --data data --suite builtin --task 3 --json
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "The policy's folder.", completion: .directory)
    var checkpoint: String

    @Option(help: "Demonstrations, the training's best.", completion: .directory)
    var data: String

    @Option(help: "The suite in which it acts; without, no world is looked at.")
    var suite: String?

    @Option(help: "Tasks by number, such as 0,2,5-7. Default: those of the demonstrations.")
    var task: TaskSelection?

    @OptionGroup var files: LiberoOptions

    @Option(
        help: "Folder of an evaluation of this policy, to judge what its success rate says.", completion: .directory)
    var evaluation: String?

    @Option(help: "Frames of the demonstrations at which the policy is asked.")
    var frames = Diagnosis.Doctor.Options().frameCount

    @Option(help: "Episodes the policy runs.")
    var episodes = Diagnosis.Doctor.Options().episodeCount

    @Option(name: .shortAndLong, help: "Folder for report.json and images.", completion: .directory)
    var output: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if !(8...4096).contains(frames) { throw ValidationError("--frames is \(frames); it has to lie in 8...4096.") }
        if !(0...100).contains(episodes) {
            throw ValidationError("--episodes is \(episodes); it has to lie in 0...100.")
        }
    }

    func run() throws {
        common.apply()
        for folder in [checkpoint, data] where !FileManager.default.fileExists(atPath: folder) {
            throw ValidationError("There is no folder '\(folder)'.")
        }
        var doctor = Diagnosis.Doctor(
            checkpoint: URL(fileURLWithPath: checkpoint).standardizedFileURL,
            data: URL(fileURLWithPath: data).standardizedFileURL)
        doctor.options.frameCount = frames
        doctor.options.episodeCount = episodes
        doctor.evaluation = evaluation.map { URL(fileURLWithPath: $0) }

        let report = doctor.examine(in: try world(), tasks: task?.numbers) { name in
            FileHandle.standardError.write(Data("examining \(name)\n".utf8))
        }
        if let output { try write(report, to: URL(fileURLWithPath: output)) }
        if json { try printJSON(report) } else { print(report.text) }
        switch report.verdict {
        case .healthy: return
        case .sick: throw ExitCode(2)
        case .fails: throw ExitCode(3)
        }
    }

    /// The suite's world, with the images the policy asks for; as the data have them where it cannot be read.
    private func world() throws -> LiberoEnvironment? {
        guard let suite else { return nil }
        let requirements = (try? PolicyCheckpoint(at: URL(fileURLWithPath: checkpoint)).policy())?.requirements
        return try WorldRequest(suite: suite, libero: files.libero).setting(for: requirements, defaultProfile: "fast")
            .environment()
    }

    private func write(_ report: DoctorReport, to folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(report).write(to: folder.appendingPathComponent("report.json"))
        for (name, image) in report.images { try image.write(to: folder.appendingPathComponent(name)) }
    }
}
