import ArgumentParser
import FileSupport
import Foundation
import LiberoData
import LiberoEvaluation

struct Collect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Collect demonstrations of the scripted expert.",
        discussion: """
            Episodes begin in freshly drawn states, never in the benchmark's. Only those in which the expert succeeds are
            kept. Noise and pushes disturb what is carried out; what is recorded as `action` is what the expert wanted to
            do then, with `executed_action` beside it. Demonstration k of a task depends on the seed alone.

            With --draw-goals each episode begins in a scene drawn from all tasks' in which its goal can be reached: every
            object is sometimes what is asked for and sometimes a bystander. With --paraphrase each has its own sentence.
            What was drawn is kept with the demonstration.

            With --policy a policy acts, and each state it comes into is recorded with what the expert would do there
            (DAgger): in each step the expert's action is carried out with the probability --mixture, and from a step drawn
            from --takeover on the expert finishes. What it cannot finish is dropped.

            Interrupted, the same command goes on where it was; with more --episodes it collects more.

            EXAMPLES
              vla collect --suite builtin --episodes 20 --workers 2 --image-size 96 --render-profile fast -o data/builtin
              vla collect --suite libero_object --tasks 0-4 --episodes 40 --target-jitter 0.04 --distractor-jitter 0.02 \\
                  --arm-noise 0.03 --libero ~/LIBERO -o data/object
              vla collect --suite libero_goal --episodes 40 --draw-goals --paraphrase --permute-objects -o data/goal
              vla collect --suite libero_object --policy policies/object --label-with expert --mixture 0.3 \\
                  --takeover 20-120 --episodes 20 -o data/object-labels
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var world: WorldOptions

    @Flag(help: "Run the expert deterministically, without noise and pushes.")
    var steady = false

    @Option(help: "Demonstrations per task.")
    var episodes = 50

    @Option(help: "Number of parallel processes.")
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

    @Flag(help: "Let each demonstration begin in a scene drawn from all tasks' in which its goal can be reached.")
    var drawGoals = false

    @Flag(help: "Give each demonstration another sentence of the same meaning.")
    var paraphrase = false

    @Option(
        help: "Let this policy act, of this program, LeRobot or OpenVLA, and label the states it comes into.",
        completion: .directory)
    var policy: String?

    /// Who can label.
    enum Labeller: String, ExpressibleByArgument, CaseIterable { case expert }

    @Option(help: "Who labels the states that --policy comes into: expert.")
    var labelWith: Labeller?

    @Option(help: "With --policy, the probability that a step is the expert's, 0 to 1.")
    var mixture = 0.2

    @Option(help: "With --policy, the steps between which the expert takes over for good is drawn. Default: 10-120.")
    var takeover: StepRange?

    @Option(help: "Steps after which an attempt has failed. Default: the suite's.")
    var stepLimit: Int?

    @Option(help: "Maximum number of attempts per demonstration.")
    var attempts = 10

    @Option(help: "Random seed.")
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
        try validateLabelling()
    }

    private func validateLabelling() throws {
        guard policy != nil else {
            if labelWith != nil { throw ValidationError("--label-with needs the --policy whose states are labelled.") }
            if takeover != nil { throw ValidationError("--takeover needs a --policy.") }
            return
        }
        guard labelWith != nil else { throw ValidationError("--policy needs --label-with expert.") }
        guard (0...1).contains(mixture) else {
            throw ValidationError("--mixture is \(mixture); it has to lie in 0...1.")
        }
    }

    func run() throws {
        common.apply()
        var request = CollectionRequest(in: world.request, folder: URL(fileURLWithPath: output))
        (request.tasks, request.demonstrationCount) = (world.tasks?.numbers, episodes)
        (request.isExpertVaried, request.perturbation) = (!steady, change.perturbation)
        (request.stepLimit, request.attemptLimit, request.seed) = (stepLimit, attempts, seed)
        request.format = format.format
        (request.drawsScenes, request.paraphrases) = (drawGoals, paraphrase)
        request.labelled = policy.map {
            .init(.folder($0), mixture: mixture, takeover: takeover?.steps ?? 10...120)
        }

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

extension StepRange: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
