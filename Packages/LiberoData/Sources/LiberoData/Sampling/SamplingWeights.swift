import Foundation

/// How often the frames of an episode are drawn, relative to others.
public enum SamplingWeights: Hashable, Codable, Sendable {
    /// Every frame as often: long tasks dominate.
    case uniformOverFrames
    /// Every episode as often.
    case uniformOverEpisodes
    /// Every task as often.
    case uniformOverTasks
    /// Every task in proportion to (mean length of its episodes)^exponent; 0 is `uniformOverTasks`.
    case byTaskLength(exponent: Double)
    /// Every frame of a task with its weight; of tasks not named, none.
    case perTask([Int: Double])
    /// Every frame of a suite, by its name, with its weight; of suites not named, none.
    case perSuite([String: Double])
    /// Every frame of an episode with its weight; of episodes not named, none.
    case perEpisode([Int: Double])

    /// An episode as the weights see it.
    struct Member {
        var episode: Int
        var task: Int
        /// Empty where no suite is known.
        var suite = ""
        /// The frames that can be drawn.
        var frameCount: Int
    }

    var needsSuites: Bool { if case .perSuite = self { true } else { false } }

    /// The weight of one frame of each episode.
    func frameWeights(_ members: [Member]) -> [Double] {
        var frames: [Int: Int] = [:]
        var episodes: [Int: Int] = [:]
        for member in members where member.frameCount > 0 {
            frames[member.task, default: 0] += member.frameCount
            episodes[member.task, default: 0] += 1
        }
        return members.map { member in
            guard member.frameCount > 0, let total = frames[member.task], let count = episodes[member.task] else {
                return 0
            }
            switch self {
            case .uniformOverFrames: return 1
            case .uniformOverEpisodes: return 1 / Double(member.frameCount)
            case .uniformOverTasks: return 1 / Double(total)
            case .byTaskLength(let exponent):
                return power(Double(total) / Double(count), exponent) / Double(total)
            case .perTask(let table): return table[member.task] ?? 0
            case .perSuite(let table): return table[member.suite] ?? 0
            case .perEpisode(let table): return table[member.episode] ?? 0
            }
        }
    }
}

private func power(_ base: Double, _ exponent: Double) -> Double { Foundation.pow(base, exponent) }
