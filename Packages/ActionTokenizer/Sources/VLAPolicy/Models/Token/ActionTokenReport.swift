import ActionTokenizer
import Foundation

/// What a tokenizer of actions costs on a data set.
public struct ActionTokenReport: Hashable, Codable, Sendable {
    /// Largest error a value inside of the range can have, by dimension, in normalized units.
    public var errorBound: [Double]
    /// Largest and mean error on the data, by dimension.
    public var maximumError, meanError: [Double]
    /// Share of the values that lie outside of the range and are cut.
    public var cutShare: [Double]
    /// Different tokens used, and the entropy of the tokens in bits, by dimension.
    public var usedCount: [Int]
    public var entropy: [Double]
    public var actionCount: Int

    /// - Parameter actions: Normalized, one list per action.
    public init(_ coding: ActionTokenCoding, actions: [[Double]]) {
        let width = actions.first?.count ?? 0
        actionCount = actions.count
        (errorBound, maximumError, meanError) = ([], [], [])
        (cutShare, usedCount, entropy) = ([], [], [])
        for d in 0..<width {
            let range = coding.ranges.count == 1 ? coding.ranges[0] : coding.ranges[d]
            errorBound.append((range[1] - range[0]) / Double(coding.tokenIDs.count - 1) / 2)
            var (worst, sum, cut) = (0.0, 0.0, 0)
            var counts: [Int: Int] = [:]
            for action in actions {
                let id = coding.tokenizer.tokenID(for: action[d], dimension: d)
                counts[id, default: 0] += 1
                let error = abs(coding.tokenizer.value(for: id, dimension: d)! - action[d])
                if action[d] < range[0] || action[d] > range[1] { cut += 1 } else { worst = max(worst, error) }
                sum += error
            }
            let count = Double(max(actions.count, 1))
            maximumError.append(worst)
            meanError.append(sum / count)
            cutShare.append(Double(cut) / count)
            usedCount.append(counts.count)
            entropy.append(counts.values.reduce(0) { $0 - Double($1) / count * log2(Double($1) / count) })
        }
    }
}
