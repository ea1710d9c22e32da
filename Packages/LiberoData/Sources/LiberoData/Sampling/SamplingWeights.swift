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

    /// The weight of one frame of each episode.
    ///
    /// - Parameters:
    ///   - tasks: The task of each episode.
    ///   - frameCounts: The frames of each episode that can be drawn.
    func frameWeights(tasks: [Int], frameCounts: [Int]) -> [Double] {
        var frames: [Int: Int] = [:]
        var episodes: [Int: Int] = [:]
        for (task, count) in zip(tasks, frameCounts) where count > 0 {
            frames[task, default: 0] += count
            episodes[task, default: 0] += 1
        }
        return zip(tasks, frameCounts).map { task, count in
            guard count > 0, let total = frames[task], let members = episodes[task] else { return 0 }
            switch self {
            case .uniformOverFrames: return 1
            case .uniformOverEpisodes: return 1 / Double(count)
            case .uniformOverTasks: return 1 / Double(total)
            case .byTaskLength(let exponent):
                return power(Double(total) / Double(members), exponent) / Double(total)
            case .perTask(let table): return table[task] ?? 0
            }
        }
    }
}

private func power(_ base: Double, _ exponent: Double) -> Double { Foundation.pow(base, exponent) }
