import SuccessStatistics
import FileSupport
import ArgumentParser
import Evaluation
import Foundation
import LiberoTasks
import TensorCore

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try policies in the simulator, and say how often they succeed and how sure that is.",
        discussion: """
            Several policies are compared on the same starts. The folder of -o gets result.json, tables, a report to look
            at, and a record of every episode for `vla replay`. Interrupted, the same command goes on where it was.

            EXAMPLES
              vla evaluate --policy expert --suite builtin --episodes 10 -o out
              vla evaluate --checkpoint Checkpoints/libero-object --suite libero_object --episodes 20 \\
                  --libero ~/LIBERO --json -o out
              vla evaluate --checkpoint a --checkpoint b --tasks 0-3 --move-target 0.04 -o compared
              vla evaluate --checkpoint a --stop-below 0.5 -o quick
              vla evaluate --checkpoint a --suite libero_object --other-instruction told -o listens
              vla evaluate --checkpoint a --policy untrained --policy random --rules openpi -o beside-nothing
            """)

    enum NamedPolicy: String, ExpressibleByArgument, CaseIterable { case expert, untrained, random }

    @OptionGroup var common: CommonOptions
    @OptionGroup var world: WorldOptions
    @OptionGroup var rule: RuleOptions

    @Option(
        help: ArgumentHelp(
            "A policy to compare with: the scripted expert, random motions, or an untrained network of the first "
                + "checkpoint's kind (random motions where there is none). May be repeated."))
    var policy: [NamedPolicy] = []

    @Option(help: "Folder of a trained policy. May be repeated.", completion: .directory)
    var checkpoint: [String] = []

    @Option(help: "Processes that work beside each other.")
    var workers = 1

    @Option(help: "Videos kept per task; failures first. 0 for none.")
    var videos = 2

    @Option(help: "End as soon as the success rate is known to be below this.")
    var stopBelow: Double?

    @Option(help: "End as soon as the success rate is known to be above this.")
    var stopAbove: Double?

    @Flag(help: "With two policies: end as soon as one is known to be better.")
    var stopWhenDecided = false

    @Option(
        help: "Also compare the policies' actions with these demonstrations, without acting.", completion: .directory)
    var demonstrations: String?

    @Option(help: "Frames of the demonstrations to compare at.")
    var demonstrationFrames = 256

    @Flag(help: "Print result.json.")
    var json = false

    @Option(name: .shortAndLong, help: "Folder for results, records and videos.", completion: .directory)
    var output: String

    func validate() throws {
        if policy.isEmpty, checkpoint.isEmpty {
            throw ValidationError("Give a --checkpoint, or --policy expert or random.")
        }
        if !(1...256).contains(workers) { throw ValidationError("--workers is \(workers); it has to lie in 1...256.") }
        if demonstrationFrames < 1 { throw ValidationError("--demonstration-frames is \(demonstrationFrames).") }
        if videos < 0 { throw ValidationError("--videos is \(videos).") }
        for (name, value) in [("stop-below", stopBelow), ("stop-above", stopAbove)] {
            if let value, !(value > 0 && value < 1) {
                throw ValidationError("--\(name) is \(value); it has to lie between 0 and 1.")
            }
        }
        if stopBelow != nil, let stopAbove, stopAbove != stopBelow {
            throw ValidationError("--stop-below and --stop-above have to be equal where both are given.")
        }
        if stopWhenDecided, policy.count + checkpoint.count != 2 {
            throw ValidationError("--stop-when-decided needs two policies.")
        }
    }

    func run() throws {
        common.apply()
        let agents = policy.map(setting(of:)) + checkpoint.map { .checkpoint($0) }
        let runs = try agents.map { try makeRun($0, isAlone: agents.count == 1) }
        let paired = try PairedEvaluation(runs, stopsWhenDecided: stopWhenDecided)
        let isComplete = try paired.run(workerCount: workers)
        guard isComplete else {
            FileHandle.standardError.write(Data("Interrupted; the same command goes on from here.\n".utf8))
            try Interruption.check()
            return
        }
        let output = URL(fileURLWithPath: output)
        let results = try runs.map { try $0.finish() }
        let openLoop = try compareWithDemonstrations(agents, runs)
        if !json { openLoop.forEach { print($0.text) } }
        if runs.count == 1 {
            if json { try printJSON(results[0]) } else { print(results[0].text) }
        } else {
            let comparison = try paired.finish(results, in: output)
            if json { try printJSON(comparison) } else { print(comparison.text) }
        }
    }

    private func setting(of policy: NamedPolicy) -> AgentSetting {
        switch policy {
        case .expert: .expert
        case .random: .random
        case .untrained: checkpoint.first.map { .untrained($0) } ?? .random
        }
    }

    /// The policies' open-loop errors, written into their folders.
    private func compareWithDemonstrations(_ agents: [AgentSetting], _ runs: [EvaluationRun]) throws -> [OpenLoopReport]
    {
        guard let demonstrations else { return [] }
        return try zip(agents, runs).compactMap { agent, run in
            guard let policy = try agent.policy() else { return nil }
            let report = try OpenLoopReport(
                of: policy, named: run.plan.agent.name, on: URL(fileURLWithPath: demonstrations),
                frameLimit: demonstrationFrames)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try AtomicFile.write(encoder.encode(report), to: run.folder.appendingPathComponent("open_loop.json"))
            return report
        }
    }

    private func makeRun(_ agent: AgentSetting, isAlone: Bool) throws -> EvaluationRun {
        let suite = try WorldSetting(world, placementSeed: 0, requirements: nil).liberoSuite()
        var rules = rule.evaluationRules(in: suite)
        let requirements = try agent.requirements()
        var options = world
        options.pictureSize = options.pictureSize ?? rules.pictureSize
        // where the policy sees nothing, pictures are for people
        let setting = try WorldSetting(
            options, placementSeed: rules.environmentSeed, requirements: requirements,
            defaultProfile: rules.renderProfile ?? "fast")
        (rules.pictureSize, rules.renderProfile) = (setting.pictureSize, setting.renderProfile)

        let environment = try setting.environment().description
        try requirements?.check(environment)
        let tasks = try setting.tasks(world.tasks, of: environment)
        try rule.setInstructions(of: tasks, in: setting, to: &rules)
        // a suite without stored starts has only drawn ones
        if rule.starts == nil, environment.initialStateCounts.allSatisfy({ $0 == 0 }) { rules.starts = .drawn }
        if rules.starts == .stored {
            for task in tasks where environment.initialStateCounts[task] < rules.episodesPerTask {
                throw ValidationError(
                    "Task \(task) has \(environment.initialStateCounts[task]) stored starts, "
                        + "\(rules.episodesPerTask) episodes were asked for. Use fewer, or --starts drawn.")
            }
        }
        let identity = try agent.identity()
        let plan = EvaluationPlan(
            agent: identity, environment: environment, tasks: tasks, rules: rules, earlyStop: earlyStop,
            roundLength: stopWhenDecided ? 2 : nil)
        let folder = URL(fileURLWithPath: output).standardizedFileURL
        return try EvaluationRun(
            plan: plan, world: setting, agent: agent, suite: suite,
            folder: isAlone ? folder : folder.appendingPathComponent(identity.name), videosPerTask: videos)
    }

    private var earlyStop: EarlyStop? {
        switch (stopBelow, stopAbove) {
        case (nil, nil): nil
        case (let rate?, nil): EarlyStop(.isBelow(rate))
        case (nil, let rate?): EarlyStop(.isAbove(rate))
        case (let rate?, _?): EarlyStop(.isBelowOrAbove(rate))
        }
    }
}
