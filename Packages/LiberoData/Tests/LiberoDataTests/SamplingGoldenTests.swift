import FileSupport
import Foundation
import LiberoData
import TensorCore
import TensorTestSupport
import Testing

/// Windows and splits against PyTorch, LeRobot, OpenVLA-OFT and scikit-learn.
@Suite struct SamplingGoldenTests {
    static let files = SharedFixtures.entries(in: "\(Samples.path)/sampling").filter { $0.pathExtension == "json" }

    @Test(arguments: files)
    func actionWindowsMatchLeRobotAndOpenVLA(url: URL) throws {
        let golden = try #require(try Samples.json(url)["action_chunks"])
        let lengths = try #require(golden["episode_lengths"]?.integers)
        let horizon = try #require(golden["horizon"]?.integer)
        for (key, tail) in [
            ("repeat_last_with_mask", ActionWindow.Tail.repeatsLast), ("drop_tail_openvla_oft", .isDropped),
        ] {
            let window = ActionWindow(horizon: horizon, tail: tail)
            var (start, found) = (0, [String]())
            for (episode, length) in lengths.enumerated() {
                for frame in 0..<window.frameCount(ofLength: length) {
                    let indices = window.indices(at: frame, length: length).map { $0 + start }
                    found.append("\(episode) \(frame) \(indices) \(window.isPadding(at: frame, length: length))")
                }
                start += length
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
            let split = EpisodeSplit.scikitLearn(
                Array(0..<count), trainingShare: try #require(golden["train_ratio"]?.double),
                seed: UInt32(try #require(golden["random_state"]?.integer)))
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
