// Lets the scripted expert solve a suite's tasks and says how often it does.
//
//     swift run -c release --traits MuJoCo SolveTasks <LIBERO folder> libero_object 10
//
// Of failures it prints what the expert did when; with TRACE=1 of all episodes, and where drawers, doors and knobs stood.
import SuccessStatistics
import Evaluation
import Foundation
import LiberoSimulation
import LiberoTasks
import TensorCore

let arguments = CommandLine.arguments
guard arguments.count >= 3 else {
    print(
        "SolveTasks <LIBERO folder> <suite> [episodes a task] [tasks] [move target, m] [move others, m] [arm noise, rad] [varied]"
    )
    exit(64)
}
let isBuiltIn = arguments[2] == BuiltInWorld.suite.name
let suite = isBuiltIn ? BuiltInWorld.suite : try LiberoSuite.named(arguments[2])
// "10" is the first ten, "10-19" a range
let bounds = (arguments.count > 3 ? arguments[3] : "5").split(separator: "-").compactMap { Int($0) }
let states = bounds.count == 2 ? bounds[0]..<max(bounds[0], bounds[1] + 1) : 0..<(bounds.first ?? 5)
let episodes = states.count
let isTraced = ProcessInfo.processInfo.environment["TRACE"] != nil
let tasks =
    arguments.count > 4 && arguments[4] != "all"
    ? arguments[4].split(separator: ",").compactMap { Int($0) } : Array(suite.tasks.indices)
let ranges = arguments.dropFirst(5).prefix(3).compactMap { Double($0) }
let isVaried = arguments.last == "varied"

let environment =
    isBuiltIn
    ? try LiberoEnvironment(builtIn: .init(cameras: []))
    : try LiberoEnvironment(suite: suite, folder: URL(fileURLWithPath: arguments[1]), options: .init(cameras: []))
var (total, solved) = (0, 0)
for task in tasks {
    var (successes, steps) = (0, 0)
    var failures: [Int] = []
    let began = Date()
    for episode in states {
        var start = EpisodeStart(
            task: task, placement: isBuiltIn ? .drawn(seed: UInt64(episode)) : .stored(index: episode))
        if ranges.count == 3 {
            start.perturbation = StartPerturbation(
                targetRange: ranges[0], otherRange: ranges[1], armNoise: ranges[2], seed: UInt64(episode))
        }
        _ = try environment.reset(to: start)
        for _ in 0..<10 { _ = try environment.step([0, 0, 0, 0, 0, 0, -1]) }

        var draws = PhiloxGenerator(seed: UInt64(episode), stream: UInt64(task))
        var expert = ScriptedExpert(style: isVaried ? .random(using: &draws) : .init())
        var isSolved = false
        var activity = ""
        var log: [String] = []
        for step in 1...(suite.stepLimit ?? 400) {
            let view = environment.view
            let decision = expert.action(for: view, using: &draws)
            if (expert.activity ?? "-") != activity {
                activity = expert.activity ?? "-"
                let p = view.gripPosition
                let place = String(format: "(%.3f %.3f %.3f)", p.x, p.y, p.z)
                let held = view.goalHolds.map { $0 ? "1" : "0" }.joined()
                let joints = view.jointPositions.map { "\($0.key) \(String(format: "%.3f", $0.value))" }.sorted()
                log.append("  \(step) \(activity) \(place) \(held) \(isTraced ? joints.joined(separator: ", ") : "")")
            }
            if try environment.step(decision.executed).isSuccess {
                (isSolved, steps) = (true, steps + step)
                break
            }
        }
        successes += isSolved ? 1 : 0
        if !isSolved { failures.append(episode) }
        if isTraced || !isSolved {
            print("\(task) state \(episode):")
            for line in log { print(line) }
        }
    }
    total += episodes
    solved += successes
    let time = Date().timeIntervalSince(began)
    defer { fflush(nil) }
    print(
        "\(task) \(suite.tasks[task].instruction): \(successes) of \(episodes), \(steps / max(successes, 1)) steps, "
            + String(format: "%.1f s", time), failures.isEmpty ? "" : "failed \(failures)")
}
let rate = SuccessRate(successCount: solved, trialCount: total)
print("\(suite.name): \(solved) of \(total), 95 % interval \(rate.wilsonInterval())")
