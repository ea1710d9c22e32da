import ActionTokenizer
import Foundation
public import TensorCore

/// How good the predictions at action positions are, given the tokens before them.
public struct TokenMetrics: Sendable {
    /// Share of positions whose likeliest token of all is the right one.
    public var tokenAccuracy: Float = 0
    /// The same among the action tokens.
    public var restrictedAccuracy: Float = 0
    /// Share of positions whose most likely token is not an action token.
    public var leakRate: Float = 0
    /// Share of positions whose likeliest action token is at most one bin off.
    public var accuracyWithinOneBin: Float = 0
    /// Mean distance of the likeliest action token's value, in normalized units.
    public var l1: Float = 0
    /// The same, and the restricted accuracy, by dimension.
    public var l1PerDimension: [Float]
    public var accuracyPerDimension: [Float]
    /// How often each bin was the likeliest, and how often it was right.
    public var predictedBins, wantedBins: [Int]

    /// - Parameters:
    ///   - logits: `[positions, vocabulary]`.
    ///   - wanted: The right ids.
    ///   - coding: Which ids are action tokens.
    ///   - perAction: Dimensions; position i is of dimension `i % perAction`.
    public init(logits: Tensor, wanted: [Int], coding: ActionTokenCoding, perAction: Int) {
        require(logits.shape[0] == wanted.count, "metrics of \(logits.shape) for \(wanted.count) tokens")
        let tokens = coding.tokenizer.tokens
        l1PerDimension = Array(repeating: 0, count: perAction)
        accuracyPerDimension = Array(repeating: 0, count: perAction)
        predictedBins = Array(repeating: 0, count: tokens.binCount)
        wantedBins = Array(repeating: 0, count: tokens.binCount)
        guard !wanted.isEmpty else { return }
        let likeliest = logits.argmax()
        let width = logits.shape[1]
        let ids = coding.tokenIDs.sorted()
        let values = logits.contiguous.elements()
        var counts = [Float](repeating: 0, count: perAction)
        for (i, right) in wanted.enumerated() {
            let dimension = i % perAction
            let best = ids.max { values[i * width + $0] < values[i * width + $1] }!
            let (bin, rightBin) = (tokens.bin(of: best)!, tokens.bin(of: right))
            tokenAccuracy += likeliest[i] == right ? 1 : 0
            restrictedAccuracy += best == right ? 1 : 0
            leakRate += tokens.contains(likeliest[i]) ? 0 : 1
            counts[dimension] += 1
            accuracyPerDimension[dimension] += best == right ? 1 : 0
            predictedBins[bin] += 1
            guard let rightBin else { continue }
            wantedBins[rightBin] += 1
            accuracyWithinOneBin += abs(bin - rightBin) <= 1 ? 1 : 0
            let distance = abs(
                coding.tokenizer.value(for: best, dimension: dimension)!
                    - coding.tokenizer.value(for: right, dimension: dimension)!)
            l1 += Float(distance)
            l1PerDimension[dimension] += Float(distance)
        }
        let count = Float(wanted.count)
        tokenAccuracy /= count
        restrictedAccuracy /= count
        leakRate /= count
        accuracyWithinOneBin /= count
        l1 /= count
        for d in 0..<perAction where counts[d] > 0 {
            l1PerDimension[d] /= counts[d]
            accuracyPerDimension[d] /= counts[d]
        }
    }

    /// The entropy of the predicted bins in bits: near 0 when the same action is predicted whatever is seen.
    public var predictedEntropy: Float {
        let sum = Float(predictedBins.reduce(0, +))
        guard sum > 0 else { return 0 }
        return predictedBins.reduce(0) { total, count in
            let share = Float(count) / sum
            return count == 0 ? total : total - share * log2(share)
        }
    }

    /// For a log.
    public var values: [String: Float] {
        var values = [
            "tokenAccuracy": tokenAccuracy, "restrictedAccuracy": restrictedAccuracy, "leakRate": leakRate,
            "withinOneBin": accuracyWithinOneBin, "l1": l1, "entropy": predictedEntropy,
        ]
        for d in l1PerDimension.indices { values["accuracy.\(d)"] = accuracyPerDimension[d] }
        return values
    }

    /// For a log, where a token alone says nothing of a dimension: FAST's.
    ///
    /// - Parameter known: The ids that may be written.
    static func values(logits: Tensor, wanted: [Int], among known: [Int]) -> [String: Float] {
        let (likeliest, values, width) = (logits.argmax(), logits.contiguous.elements(), logits.shape[1])
        let (ids, all) = (known.sorted(), Set(known))
        var (right, restricted, leaks): (Float, Float, Float) = (0, 0, 0)
        for (i, id) in wanted.enumerated() {
            right += likeliest[i] == id ? 1 : 0
            restricted += ids.max { values[i * width + $0] < values[i * width + $1] } == id ? 1 : 0
            leaks += all.contains(likeliest[i]) ? 0 : 1
        }
        let count = Float(max(wanted.count, 1))
        return [
            "tokenAccuracy": right / count, "restrictedAccuracy": restricted / count, "leakRate": leaks / count,
        ]
    }
}
