import FileSupport
import Foundation
import LiberoData
import RobotInterface
import TensorCore
import TensorTestSupport
import Testing
import VLAPolicy

/// Windows and splits against PyTorch, LeRobot, OpenVLA-OFT and scikit-learn.
@Suite struct SamplingGoldenTests {
    static let files = SharedFixtures.entries(in: "\(Samples.path)/sampling").filter { $0.pathExtension == "json" }

    /// Chunks of actions whose first number is the frame's place in the whole set.
    @Test(arguments: files)
    func chunksMatchLeRobotAndOpenVLA(url: URL) throws {
        let golden = try #require(try Samples.json(url)["action_chunks"])
        let lengths = try #require(golden["episode_lengths"]?.integers)
        let horizon = try #require(golden["horizon"]?.integer)
        var start = 0
        let demonstrations = lengths.enumerated().map { episode, length in
            defer { start += length }
            let first = start
            return (
                index: episode,
                demonstration: InMemoryDemonstration(
                    instruction: "count", actions: (0..<length).map { [Double(first + $0), -1] },
                    states: Array(repeating: [], count: length)
                ) { _ in Observation(cameras: [:], state: nil, instruction: "count") } as any Demonstration
            )
        }
        for (key, tail) in [
            ("repeat_last_with_mask", PolicyExamples.Tail.repeatsLast), ("drop_tail_openvla_oft", .isDropped),
        ] {
            let examples = PolicyExamples(
                demonstrations, space: .libero, stateLayout: StateLayout([]), horizon: horizon, tail: tail)
            let found = try (0..<examples.count).map { index in
                let example = try examples[index]
                let padding = (0..<horizon).map { $0 >= example.validCount }
                return "\(example.episode) \(example.frame) \(example.actions.actions.map { Int($0[0]) }) \(padding)"
            }
            #expect(found == (try Self.lines(golden[key])), "\(key)")
        }
    }

    @Test(arguments: files)
    func historyWindowsMatchLeRobot(url: URL) throws {
        let golden = try #require(try Samples.json(url)["history_window"])
        let window = HistoryWindow(count: try #require(golden["window"]?.integer))
        var (start, found) = (0, [String]())
        for (episode, length) in try #require(golden["episode_lengths"]?.integers).enumerated() {
            for frame in 0..<length {
                found.append(
                    "\(episode) \(frame) \(window.indices(at: frame).map { $0 + start }) \(window.isPadding(at: frame))"
                )
            }
            start += length
        }
        #expect(found == (try Self.lines(golden["frames"])))
    }

    static func lines(_ value: StrictJSON?) throws -> [String] {
        try #require(value?.array).map { entry in
            let padding = try #require(entry["is_pad"]?.array).compactMap(\.bool)
            return
                "\(entry["episode"]?.integer ?? -1) \(entry["frame"]?.integer ?? -1) \(entry["index"]?.integers ?? []) \(padding)"
        }
    }

    @Test(arguments: files)
    func splitMatchesScikitLearn(url: URL) throws {
        for golden in try #require(try Samples.json(url)["episode_split_sklearn"]?.array) {
            let count = try #require(golden["episodes"]?.integer)
            let ratio = try #require(golden["train_ratio"]?.double)
            // the share as the decimal number that 1 − ratio stands for
            let share = (1e9 * (1 - ratio)).rounded() / 1e9
            let split = DemonstrationSplit(
                validationShare: share, seed: UInt32(try #require(golden["random_state"]?.integer))
            ).indices(episodeCount: count)
            #expect(split.training.count == golden["n_train"]?.integer)
            let first = try #require(golden["train_first"]?.integers)
            #expect(Array(split.training.prefix(first.count)) == first)
            let validation = try #require(golden["val_first"]?.integers)
            #expect(Array(split.validation.prefix(validation.count)) == validation)
            let sorted = try #require(golden["val_sorted_first"]?.integers)
            #expect(Array(split.validation.sorted().prefix(sorted.count)) == sorted)
        }
    }
}
