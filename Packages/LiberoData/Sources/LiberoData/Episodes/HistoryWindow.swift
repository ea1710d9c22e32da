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
