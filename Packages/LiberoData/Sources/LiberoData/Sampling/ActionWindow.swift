/// Which actions belong to a frame: the next `horizon` ones of its episode.
public struct ActionWindow: Hashable, Codable, Sendable {
    /// What happens near the end of an episode.
    public enum Tail: String, Codable, CaseIterable, Sendable {
        /// The last action is repeated and marked as padding; the loss leaves it out (LeRobot).
        case repeatsLast
        /// Frames with fewer than `horizon` actions left are not sampled (OpenVLA-OFT).
        case isDropped
    }

    public var horizon: Int
    public var tail: Tail

    public init(horizon: Int, tail: Tail = .repeatsLast) {
        precondition(horizon > 0, "ActionWindow: horizon \(horizon)")
        (self.horizon, self.tail) = (horizon, tail)
    }

    /// How many frames of an episode can be sampled; they are the first ones.
    public func frameCount(ofLength length: Int) -> Int {
        tail == .repeatsLast ? length : max(0, length - horizon + 1)
    }

    /// The frames whose actions are taken: `min(t + k, T − 1)`.
    public func indices(at frame: Int, length: Int) -> [Int] { (0..<horizon).map { min(frame + $0, length - 1) } }

    /// Which of them are repetitions: `t + k ≥ T`.
    public func isPadding(at frame: Int, length: Int) -> [Bool] { (0..<horizon).map { frame + $0 >= length } }
}

/// Which observations belong to a frame: the last `count` ones of its episode, the newest last.
public struct HistoryWindow: Hashable, Codable, Sendable {
    public var count: Int

    public init(count: Int) {
        precondition(count > 0, "HistoryWindow: \(count) frames")
        self.count = count
    }

    /// `max(0, t − count + 1 + k)`: before the beginning the first frame is repeated.
    public func indices(at frame: Int) -> [Int] { (0..<count).map { max(0, frame - count + 1 + $0) } }

    /// Which of them are repetitions.
    public func isPadding(at frame: Int) -> [Bool] { (0..<count).map { frame - count + 1 + $0 < 0 } }
}
