public import RobotInterface
import ActionTokenizer

/// The moments of demonstrations that a policy learns from, by index; reading one reads no image.
///
/// Only the demonstrations' numbers are in memory: about 150 bytes a frame of LIBERO.
public struct PolicyExamples: Sendable {
    public let count: Int
    /// The demonstrations they are of; empty where that is not known.
    public let parts: [Part]
    private let example: @Sendable (Int) throws -> PolicyExample

    /// The examples of a demonstration.
    public struct Part: Sendable {
        /// Its place in the set.
        public let index: Int
        public let demonstration: any Demonstration
        /// Places of the examples.
        public let examples: Range<Int>
    }

    /// Examples that are given.
    public init(_ examples: [PolicyExample]) { self.init(count: examples.count) { examples[$0] } }

    /// Examples that are made when they are asked for.
    public init(count: Int, example: @escaping @Sendable (_ index: Int) throws -> PolicyExample) {
        self.init(count: count, parts: [], example: example)
    }

    private init(count: Int, parts: [Part], example: @escaping @Sendable (_ index: Int) throws -> PolicyExample) {
        precondition(count >= 0, "PolicyExamples: \(count) examples")
        (self.count, self.parts, self.example) = (count, parts, example)
    }

    /// What happens near the end of a demonstration.
    public enum Tail: String, Codable, CaseIterable, Sendable {
        /// The last action is repeated after the end, where the loss ignores it (LeRobot).
        case repeatsLast
        /// Moments with fewer than a horizon of actions left are no examples (OpenVLA-OFT).
        case isDropped
    }

    /// The moments of some demonstrations, one demonstration after the other.
    ///
    /// - Parameters:
    ///   - demonstrations: With their places in the set.
    ///   - space: What the actions mean.
    ///   - stateLayout: What the states' values mean: where the hand is, if they say it.
    ///   - horizon: Actions of an example.
    ///   - stride: Every how many frames an example is taken.
    ///   - noOps: Frames it leaves out are no examples, and chunks pass over them; `nil` to keep all.
    ///   - tail: What happens near the end of a demonstration.
    ///   - weights: Of examples by task; 1 for others.
    public init(
        _ demonstrations: [(index: Int, demonstration: any Demonstration)], space: ActionSpace,
        stateLayout: StateLayout, horizon: Int, stride: Int = 1, noOps: NoOpFilter? = nil,
        tail: Tail = .repeatsLast, weights: [String: Float] = [:]
    ) {
        precondition(horizon > 0 && stride > 0, "PolicyExamples: horizon \(horizon), stride \(stride)")
        let episodes = demonstrations.map { index, demonstration in
            Episode(
                demonstration, index: index, space: space, positionPlace: stateLayout.positionPlace, noOps: noOps,
                weight: weights[demonstration.task] ?? 1)
        }
        var offsets = [0]
        for episode in episodes {
            let moments = tail == .repeatsLast ? episode.frameCount : max(0, episode.frameCount - horizon + 1)
            offsets.append(offsets[offsets.count - 1] + (moments + stride - 1) / stride)
        }
        let places = offsets
        let parts = episodes.enumerated().map { number, episode in
            Part(
                index: episode.index, demonstration: episode.demonstration,
                examples: places[number]..<places[number + 1])
        }
        self.init(count: places[places.count - 1], parts: parts) { index in
            // the last episode that does not begin behind the example
            var (low, high) = (0, episodes.count)
            while high - low > 1 {
                let middle = (low + high) / 2
                if places[middle] <= index { low = middle } else { high = middle }
            }
            return try episodes[low].example(at: (index - places[low]) * stride, horizon: horizon)
        }
    }

    /// An example; its images are read when its observation is asked for them.
    public subscript(index: Int) -> PolicyExample {
        get throws {
            precondition(0..<count ~= index, "PolicyExamples: example \(index) of \(count)")
            return try example(index)
        }
    }

    /// These, then others.
    public static func + (first: PolicyExamples, second: PolicyExamples) -> PolicyExamples {
        PolicyExamples(count: first.count + second.count) { index in
            try index < first.count ? first[index] : second[index - first.count]
        }
    }

    /// A demonstration and what is known of its frames.
    private struct Episode: Sendable {
        let demonstration: any Demonstration
        let index: Int
        let weight: Float
        /// Frames that are learnt; nil for all.
        private let kept: [Int]?
        private let events: [Int?]
        private let positionPlace: Int?

        init(
            _ demonstration: any Demonstration, index: Int, space: ActionSpace, positionPlace: Int?,
            noOps: NoOpFilter?, weight: Float
        ) {
            (self.demonstration, self.index, self.weight) = (demonstration, index, weight)
            self.positionPlace = positionPlace
            let actions = (0..<demonstration.length).map { demonstration.action(at: $0) }
            kept = noOps?.keptFrames(actions)
            events = GripperEvents.nextEvent(
                commands: actions.map { $0[$0.count - 1] }, convention: space.gripperConvention)
        }

        var frameCount: Int { kept?.count ?? demonstration.length }

        func example(at place: Int, horizon: Int) throws -> PolicyExample {
            func frame(_ place: Int) -> Int { kept?[place] ?? place }
            let valid = min(horizon, frameCount - place)
            var rows = (place..<place + valid).map { demonstration.action(at: frame($0)) }
            if valid < horizon {
                let last = demonstration.action(at: demonstration.length - 1)
                rows += Array(repeating: last, count: horizon - valid)
            }
            let now = frame(place)
            return PolicyExample(
                observation: try demonstration.observation(at: now), actions: ActionChunk(rows), validCount: valid,
                nextGripperEvent: events[now].map(handPosition), weight: weight, task: demonstration.task,
                episode: index, frame: now)
        }

        /// Metres; zero where the state does not say it.
        private func handPosition(_ frame: Int) -> SIMD3<Double> {
            guard let positionPlace else { return .zero }
            return SIMD3(demonstration.stateValues(at: frame)[positionPlace..<positionPlace + 3])
        }
    }
}

extension StateLayout {
    /// Where the hand's position begins among the values; nil without one.
    fileprivate var positionPlace: Int? {
        guard let part = parts.firstIndex(of: .endEffectorPosition) else { return nil }
        return parts[..<part].reduce(0) { $0 + $1.count }
    }
}
