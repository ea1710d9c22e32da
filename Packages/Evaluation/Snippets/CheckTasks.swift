// Composes every task of LIBERO, resets it, applies a stored start and takes steps; fixtures are compared with those of
// the original's resets, where they are known.
//
//     swift run -c release --traits MuJoCo CheckTasks <LIBERO folder> [suite]
//
// Prints a line for each task that is wrong and one for each suite; ends with 1 when there was one.
import Foundation
import LiberoSimulation
import LiberoTasks
import TensorCore

let arguments = Array(CommandLine.arguments.dropFirst())
guard let path = arguments.first else {
    print("CheckTasks <LIBERO folder> [suite]")
    exit(64)
}

#if MuJoCo
    let folder = URL(fileURLWithPath: path)
    let files = try LiberoFolder(at: folder)
    let assets = try LiberoAssets(at: folder)
    let suites = arguments.count > 1 ? [try LiberoSuite.named(arguments[1])] : LiberoSuite.builtIn

    /// By suite and task: the names of the fixtures and, by seed, their poses at each reset.
    struct FixturePoses: Decodable {
        var bodies: [String]
        var bySeed: [String: [[[Double]]]]

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            bodies = try container.decode([String].self, forKey: Key(stringValue: "bodies"))
            bySeed = [:]
            for key in container.allKeys where key.stringValue != "bodies" {
                bySeed[key.stringValue] = try container.decode([[[Double]]].self, forKey: key)
            }
        }

        struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }
    }
    let poseFile = folder.appendingPathComponent("fixture_poses.json")
    let knownPoses =
        FileManager.default.fileExists(atPath: poseFile.path)
        ? try JSONDecoder().decode([String: FixturePoses].self, from: Data(contentsOf: poseFile)) : [:]

    /// Composes, resets, steps; the number of resets that were compared.
    func check(_ task: LiberoTask) throws -> Int {
        let simulator = try LiberoSimulator(problem: files.problem(of: task), assets: assets)
        var compared = 0
        let poses = knownPoses["\(task.suite)/\(task.name)"]
        for (seed, episodes) in (poses?.bySeed ?? [:]).sorted(by: { $0.key < $1.key }) {
            for (number, expected) in episodes.enumerated() {
                try simulator.reset(series: UInt32(seed) ?? 0, number: number)
                for (body, pose) in zip(poses?.bodies ?? [], expected) {
                    guard simulator.fixturePose(ofBody: body) == pose else {
                        throw LiberoSimulationError.wrongState(
                            reason: "after reset \(number) of seed \(seed) '\(body)' stands at "
                                + "\(simulator.fixturePose(ofBody: body) ?? []), in the original at \(pose)")
                    }
                }
                compared += 1
            }
        }
        try simulator.reset()
        let states = try files.initialStates(of: task)
        for row in [0, states.count - 1] {
            try simulator.apply(states, row: row)
            guard !simulator.isSuccess else {
                throw LiberoSimulationError.wrongState(reason: "the goal holds in start \(row)")
            }
            for _ in 0..<3 { try simulator.step([0.2, 0, -0.2, 0, 0, 0.1, -1]) }
            guard simulator.robot.jointPositions.allSatisfy(\.isFinite) else {
                throw LiberoSimulationError.wrongState(reason: "a joint is not finite after start \(row)")
            }
        }
        return compared
    }

    var (failures, total) = (0, 0)
    for suite in suites {
        let start = Date()
        var (good, resets) = (0, 0)
        for task in suite.tasks {
            do {
                resets += try check(task)
                good += 1
            } catch {
                failures += 1
                print("\(suite.name) \(task.name): \(error)")
            }
        }
        total += suite.tasks.count
        let seconds = String(format: "%.0f s", Date().timeIntervalSince(start))
        print("\(suite.name): \(good) of \(suite.tasks.count) tasks, \(resets) resets as in the original, \(seconds)")
    }
    print("\(total - failures) of \(total) tasks compose, reset and step")
    if failures > 0 { exit(1) }
#else
    print(LiberoSimulationError.builtWithoutMuJoCo)
    exit(1)
#endif
