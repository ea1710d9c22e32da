import SuccessStatistics
import ArgumentParser
import Evaluation
import FileSupport
import Foundation
import LiberoEvaluation
import PeerPolicies

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Evaluate policies in the simulator: success rates with confidence intervals.",
        discussion: """
            Several policies are compared on the same starts. The folder of -o gets result.json, tables, a report to look
            at, and a record of every episode for `vla replay`. Interrupted, the same command goes on where it was.

            EXAMPLES
              vla evaluate --policy expert --suite builtin --episodes 10 -o out
              vla evaluate --checkpoint Checkpoints/libero-object --suite libero_object --episodes 20 \\
                  --libero ~/LIBERO --json -o out
              vla evaluate --checkpoint a --checkpoint b --tasks 0-3 --target-jitter 0.04 -o compared
              vla evaluate --checkpoint a --stop-below 0.5 -o quick
              vla evaluate --checkpoint a --suite libero_object --other-instruction told -o listens
              vla evaluate --checkpoint a --policy untrained --policy random --rules openpi -o beside-nothing
              vla evaluate --server ws://gpu:8000 --protocol openpi --suite libero_object --rules openpi -o remote
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var world: WorldOptions
    @OptionGroup var rule: RuleOptions
    @OptionGroup var realTime: RealTimeOptions
    @OptionGroup var servers: ServerOptions

    @Option(
        help: ArgumentHelp(
            "A policy to compare with: the scripted expert, random motions, or an untrained network of the first "
                + "checkpoint's kind (random motions where there is none). May be repeated."))
    var policy: [NamedAgent] = []

    @Option(
        help: "Folder of a trained policy, of this program, LeRobot or OpenVLA. May be repeated.",
        completion: .directory)
    var checkpoint: [String] = []

    @Option(
        name: .customLong("peer"),
        help: ArgumentHelp(
            "What folders of other projects do not say: camera.FEATURE=NAME, orientation, state, gripper, statistics, "
                + "steps, chunk, vlm, weights=int8. May be repeated; a message asks for what is missing."))
    var peerSettings: [String] = []

    @Option(help: "Number of parallel processes.")
    var workers = 1

    @Option(help: "Number of videos per task, failures first.")
    var videos = 2

    @Option(help: "Stop early once the success rate is known to be below this.")
    var stopBelow: Double?

    @Option(help: "Stop early once the success rate is known to be above this.")
    var stopAbove: Double?

    @Flag(help: "With two policies: stop early once one is known to be better.")
    var stopWhenDecided = false

    @Option(
        help: "Also compare the policies' actions with these demonstrations, without acting.", completion: .directory)
    var demonstrations: String?

    @Option(help: "Number of demonstration frames to compare.")
    var demonstrationFrames = 256

    @Flag(help: "Print result.json.")
    var json = false

    @Option(name: .shortAndLong, help: "Folder for results, records and videos.", completion: .directory)
    var output: String

    func validate() throws {
        if policy.isEmpty, checkpoint.isEmpty, servers.server.isEmpty {
            throw ValidationError("Give a --checkpoint, a --server, or --policy expert or random.")
        }
        if realTime.rules != nil, rule.ensemble != nil {
            throw ValidationError("--ensemble asks at every step; it excludes --real-time and --latency.")
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
        if stopWhenDecided, policy.count + checkpoint.count + servers.server.count != 2 {
            throw ValidationError("--stop-when-decided needs two policies.")
        }
    }

    func run() throws {
        common.apply()
        let evaluator = try LiberoEvaluator(request())
        for note in evaluator.runs[0].notes { FileHandle.standardError.write(Data("note: \(note).\n".utf8)) }
        let line = ProgressLine()
        let isComplete = try evaluator.run(workerCount: workers, program: .vla) { progress in
            if progress.suite.last == nil { line.end() }
            line.show(progress.text)
        } shouldStop: {
            Interruption.isRequested
        }
        line.end()
        guard isComplete else {
            Interruption.tellHowToResume()
            return try Interruption.check()
        }
        let outcome = try evaluator.finish(program: ["vla": Versions.workspace])
        let openLoop = try demonstrations.map {
            try evaluator.compareOpenLoop(
                with: URL(fileURLWithPath: $0), frameLimit: demonstrationFrames, shouldContinue: Interruption.check)
        }
        if !json {
            openLoop?.forEach { print($0.text) }
            print(outcome.text)
        } else if let comparison = outcome.comparison {
            try printJSON(comparison)
        } else {
            try printJSON(outcome.results[0])
        }
    }

    private func request() throws -> EvaluationRequest {
        let options = try PeerPolicyOptions(peerSettings)
        let checkpoints = checkpoint.map { AgentSetting.folder($0, options: options) }
        let agents = policy.map { $0.setting(beside: checkpoint) } + checkpoints + servers.agents
        var request = EvaluationRequest(agents, in: world.request, folder: URL(fileURLWithPath: output))
        request.tasks = world.tasks?.numbers
        rule.apply(to: &request)
        realTime.apply(to: &request)
        request.earlyStop = EarlyStop(below: stopBelow, above: stopAbove)
        request.stopsWhenDecided = stopWhenDecided
        request.videosPerTask = videos
        return request
    }
}

extension NamedAgent: ExpressibleByArgument {}
