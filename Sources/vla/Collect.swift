import ActionTokenizer
import ArgumentParser
import Evaluation
import Foundation
import LiberoData
import LiberoSimulation
import LiberoTasks
import TensorCore

struct Collect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have the scripted expert make demonstrations.",
        discussion: """
            Episodes begin in freshly drawn states, never in the benchmark's. Only those in which the expert succeeds are
            kept. Noise and pushes disturb what is carried out; what is recorded as `action` is what the expert wanted to
            do then, with `executed_action` beside it. Demonstration k of a task depends on the seed alone.

            Interrupted, the same command goes on where it was; with more --episodes it collects more.

            EXAMPLES
              vla collect --suite builtin --episodes 20 --workers 2 --picture-size 96 --render-profile fast -o data/builtin
              vla collect --suite libero_object --tasks 0-4 --episodes 40 --move-target 0.04 --move-others 0.02 \\
                  --arm-noise 0.03 --libero ~/LIBERO -o data/object
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var world: WorldOptions
    @OptionGroup var noise: ExpertOptions

    @Option(help: "Demonstrations per task.")
    var episodes = 50

    @Option(help: "Processes that work beside each other.")
    var workers = 2

    @Option(
        help: ArgumentHelp(
            "The data set's form: \(DatasetForm.names).",
            discussion: """
                hdf5 keeps everything that is known of a step. The others keep pictures, states, joint angles and actions; \
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
        let setting = try makeSetting()
        let environment = try setting.world.environment().description
        let tasks = try setting.world.tasks(world.tasks, of: environment)
        try checkExpert(tasks, setting.world)
        let run = try CollectRun(
            setting: setting, environment: environment, tasks: tasks, demonstrationCount: episodes)
        try run.collect(workerCount: workers)
        if try run.isComplete {
            let summary = try run.finish()
            if json { try printJSON(summary) } else { print(summary.text) }
        } else {
            FileHandle.standardError.write(Data("Interrupted; the same command goes on from here.\n".utf8))
        }
        try Interruption.check()
    }

    /// Stops for tasks whose goals the expert does not know how to reach.
    private func checkExpert(_ tasks: [Int], _ world: WorldSetting) throws {
        let suite = try world.liberoSuite()
        let unknown = try tasks.filter { !ScriptedExpert.supports(try world.problem(of: suite.tasks[$0]).goal) }
        guard !unknown.isEmpty else { return }
        let known = tasks.filter { !unknown.contains($0) }.map(String.init).joined(separator: ",")
        throw ValidationError(
            "The expert only carries things; it cannot open, close or switch, as the tasks \(unknown) ask. "
                + (known.isEmpty ? "Choose another suite." : "Use --tasks \(known)."))
    }

    private func makeSetting() throws -> CollectSetting {
        let worldSetting = try WorldSetting(world, placementSeed: 0, requirements: nil)
        let suite = try worldSetting.liberoSuite()
        var rules = EvaluationRules(.libero, suiteLimit: stepLimit ?? suite.stepLimit ?? 300)
        rules.episodesPerTask = 1
        rules.starts = .drawn
        rules.seed = seed
        rules.perturbation = change.perturbation
        return CollectSetting(
            world: worldSetting, rules: rules, expert: noise.setting, attemptLimit: attempts,
            folder: URL(fileURLWithPath: output).standardizedFileURL.path,
            format: format == .hdf5 ? nil : format.format)
    }
}
