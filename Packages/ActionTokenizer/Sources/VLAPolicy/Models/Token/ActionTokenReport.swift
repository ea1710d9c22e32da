import ActionTokenizer
import Foundation

/// What a tokenizer of actions costs on a data set.
public struct ActionTokenReport: Hashable, Codable, Sendable {
    /// Largest error a value inside of the range can have, by dimension, in normalized units.
    public var errorBound: [Double]
    /// Largest and mean error on the data, by dimension.
    public var maximumError, meanError: [Double]
    /// Share of the values that lie outside of the range and are cut; 0 for FAST, which cuts none.
    public var cutShare: [Double]
    /// Different tokens used, and the entropy of the tokens in bits, by dimension; of FAST, whose tokens are of no
    /// dimension, for all of them together.
    public var usedCount: [Int]
    public var entropy: [Double]
    public var actionCount: Int
    /// Tokens of a chunk, the mean; nil for one each number.
    public var tokensPerChunk: Double?

    /// - Parameters:
    ///   - coding: What is reported on.
    ///   - actions: Normalized, one list per action.
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
            entropy.append(Self.entropy(counts))
        }
    }

    /// FAST's.
    ///
    /// - Parameters:
    ///   - coding: Which ids represent FAST's tokens.
    ///   - fast: How a chunk becomes those tokens.
    ///   - chunks: Normalized, `horizon · dimensions` numbers each.
    /// - Throws: `FASTError` for a chunk that cannot be written.
    public init(_ coding: ActionTokenCoding, fast: FASTActionCoding, chunks: [[Float]]) throws {
        let width = fast.dimensionCount
        actionCount = chunks.count * fast.horizon
        errorBound = Array(repeating: fast.tokenizer.errorBound, count: width)
        (maximumError, meanError) = (Array(repeating: 0, count: width), Array(repeating: 0, count: width))
        cutShare = Array(repeating: 0, count: width)
        var (counts, tokenCount): ([Int: Int], Int) = ([:], 0)
        for chunk in chunks {
            let ids = try coding.ids(of: chunk, dimensionCount: width)
            tokenCount += ids.count
            for id in ids { counts[id, default: 0] += 1 }
            for (i, (back, number)) in zip(try coding.numbers(of: ids, dimensionCount: width), chunk).enumerated() {
                let error = Double(abs(back - number))
                maximumError[i % width] = max(maximumError[i % width], error)
                meanError[i % width] += error / Double(max(actionCount, 1))
            }
        }
        usedCount = Array(repeating: counts.count, count: width)
        entropy = Array(repeating: Self.entropy(counts), count: width)
        tokensPerChunk = Double(tokenCount) / Double(max(chunks.count, 1))
    }

    /// Bits of a token; summed in one order, since a dictionary's changes from run to run.
    private static func entropy(_ counts: [Int: Int]) -> Double {
        let count = Double(counts.values.reduce(0, +))
        return counts.values.sorted().reduce(0) { $0 - Double($1) / count * log2(Double($1) / count) }
    }
}
