/// How often a policy was asked and how long it took: apart from the simulator's time, and from success.
public struct InferenceTimes: Hashable, Codable, Sendable {
    /// Calls that were answered.
    public var callCount = 0
    /// Calls that were not answered in time; each ended its episode.
    public var timeOutCount = 0
    /// Seconds of the answered calls together; of a policy on a server the way there and back included.
    public var seconds = 0.0
    /// The longest answered call, seconds.
    public var longestSeconds = 0.0
    /// Of `seconds` what a server says its policy computed; `nil` if it does not say.
    public var computingSeconds: Double?
    /// In real time: steps in which no action was there and the robot held its pose. `nil` otherwise.
    public var heldStepCount: Int?

    public init() {}

    /// Adds an answered call.
    public mutating func add(seconds: Double) {
        callCount += 1
        self.seconds += seconds
        longestSeconds = max(longestSeconds, seconds)
    }

    /// Adds those of another episode.
    public mutating func add(_ other: InferenceTimes) {
        callCount += other.callCount
        timeOutCount += other.timeOutCount
        seconds += other.seconds
        longestSeconds = max(longestSeconds, other.longestSeconds)
        if let more = other.computingSeconds { computingSeconds = (computingSeconds ?? 0) + more }
        if let more = other.heldStepCount { heldStepCount = (heldStepCount ?? 0) + more }
    }

    /// The sum over episodes; `nil` where no agent was timed.
    public init?(_ outcomes: [EpisodeOutcome]) {
        let times = outcomes.compactMap(\.inference)
        guard !times.isEmpty else { return nil }
        self.init()
        for time in times { add(time) }
    }

    /// One line for a terminal.
    public var text: String {
        func milliseconds(_ seconds: Double) -> String { "\((seconds * 10_000).rounded() / 10) ms" }
        var parts = ["\(callCount) calls"]
        if callCount > 0 {
            parts.append("\(milliseconds(seconds / Double(callCount))) on average")
            if let computingSeconds {
                parts[1] += " (\(milliseconds(computingSeconds / Double(callCount))) of it the policy)"
            }
            parts.append("\(milliseconds(longestSeconds)) at most")
        }
        parts.append("\(timeOutCount) time-outs")
        if let heldStepCount { parts.append("\(heldStepCount) steps without an action") }
        return "inference: " + parts.joined(separator: ", ")
    }
}
