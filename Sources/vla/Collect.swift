import ArgumentParser
import Foundation
import LiberoEvaluation

struct Collect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have the scripted expert make demonstrations.",
        discussion: """
            Episodes begin in freshly drawn states, never in the benchmark's. Only those in which the expert succeeds are
            kept. Noise and pushes disturb what is carried out; what is recorded as `action` is what the expert wanted to
            do then, with `executed_action` beside it. Demonstration k of a task depends on the seed alone.

            Interrupted, the same command goes on where it was; with more --episodes it collects more.

            EXAMPLES
              vla collect --suite builtin --episodes 20 --workers 2 --image-size 96 --render-profile fast -o data/builtin
              vla collect --suite libero_object --tasks 0-4 --episodes 40 --target-jitter 0.04 --distractor-jitter 0.02 \\
                  --arm-noise 0.03 --libero ~/LIBERO -o data/object
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var world: WorldOptions

    @Flag(help: "Let the expert act calmly: the same way every time, without noise and pushes.")
    var steady = false

    @Option(help: "Demonstrations per task.")
    var episodes = 50

    @Option(help: "Processes that work beside each other.")
    var workers = 2

    @Option(
        help: ArgumentHelp(
            "The data set's form: \(DatasetForm.names).",
            discussion: """
                hdf5 keeps everything that is known of a step. The others keep images, states, joint angles and actions; \
                they are written when all demonstrations are there, which until then lie as HDF5 in <output>/.recording. \
                For rlds the folder's name is the data set's.
                """))
    var format: DatasetForm = .hdf5

    @OptionGroup var change: StartOptions

    @Option(help: "Steps after which an attempt has failed. Default: the suite's.")
    var stepLimit: Int?

    @Option(help: "Attempts at a demonstration before it is given up.")
    var attempts = 10

    @Option(help: "Decides every draw.")
    var seed: UInt64 = 1

    @Flag(help: "Print one JSON object at the end.")
    var json = false

    @Option(name: .shortAndLong, help: "The data set's folder.", completion: .directory)
    var output: String

    func validate() throws {
        for (name, value, range) in [
            ("episodes", episodes, 1...1_000_000), ("workers", workers, 1...256), ("attempts", attempts, 1...255),
            ("step-limit", stepLimit ?? 1, 1...10_000),
        ] where !range.contains(value) {
            throw ValidationError("--\(name) is \(value); it has to lie in \(range.lowerBound)...\(range.upperBound).")
        }
    }

    func run() throws {
        common.apply()
        var request = CollectionRequest(in: world.request, folder: URL(fileURLWithPath: output))
        (request.tasks, request.demonstrationCount) = (world.tasks?.numbers, episodes)
        (request.isExpertVaried, request.perturbation) = (!steady, change.perturbation)
        (request.stepLimit, request.attemptLimit, request.seed) = (stepLimit, attempts, seed)
        request.format = format.format

        let collection = try DemonstrationCollection(request)
        let line = ProgressLine()
        try collection.collect(workerCount: workers, program: .vla) {
            line.show($0.text)
        } shouldStop: {
            Interruption.isRequested
        }
        line.end()
        guard try collection.isComplete else {
            Interruption.tellHowToResume()
            return try Interruption.check()
        }
        let writing = DataProgress("episodes written as \(format.format.rawValue)")
        let summary = try collection.finish(progress: writing.show)
        if json { try printJSON(summary) } else { print(summary.text) }
        try Interruption.check()
    }
}
