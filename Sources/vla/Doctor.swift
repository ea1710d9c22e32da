import ArgumentParser
import Diagnosis
import Foundation
import LiberoEvaluation

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find out why a policy fails: the cause, the evidence and a remedy.",
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

    @Option(help: "Demonstrations, preferably those of the training.", completion: .directory)
    var data: String

    @Option(help: "The suite to run episodes in; without it, no simulation is run.")
    var suite: String?

    @Option(help: "Tasks by number, such as 0,2,5-7. Default: those of the demonstrations.")
    var task: TaskSelection?

    @OptionGroup var files: LiberoOptions

    @Option(
        help: "Folder of an evaluation of this policy, whose success rate is interpreted.", completion: .directory)
    var evaluation: String?

    @Option(help: "Number of demonstration frames to query the policy with.")
    var frames = Diagnosis.Doctor.Options().frameCount

    @Option(help: "Number of episodes to run.")
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

        let world = try suite.map {
            try WorldRequest(suite: $0, libero: files.libero).environment(forCheckpoint: doctor.checkpoint)
        }
        let report = doctor.examine(in: world, tasks: task?.numbers) { name in
            FileHandle.standardError.write(Data("examining \(name)\n".utf8))
        }
        if let output { try report.write(to: URL(fileURLWithPath: output)) }
        try show(report, asJSON: json)
        switch report.verdict {
        case .healthy: return
        case .sick: throw ExitCode(2)
        case .fails: throw ExitCode(3)
        }
    }
}
