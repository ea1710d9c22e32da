import Foundation

/// Averages of overlapping chunks: every step a chunk is predicted, and each action executed is the weighted mean of all
/// predictions of its time.
///
///     a ← (a · C[c−1] + new · w[c]) / C[c];   w[i] = e^(−m i), i = 0 the oldest;   C cumulative sums
///
/// Source: Zhao et al. 2023, arXiv:2304.13705, algorithm 2; order of updates of LeRobot's `ACTTemporalEnsembler`.
public struct TemporalEnsemble: Sendable {
    public let coefficient: Double
    public let chunkSize: Int
    private let weights: [Float]
    private let sums: [Float]
    /// Averages of the times to come, nearest first, and how many predictions each holds.
    private var averages: [[Float]] = []
    private var counts: [Int] = []

    public init(coefficient: Double, chunkSize: Int) {
        self.coefficient = coefficient
        self.chunkSize = chunkSize
        weights = (0..<chunkSize).map { Float(exp(-coefficient * Double($0))) }
        var sum: Float = 0
        sums = weights.map { weight in
            sum += weight
            return sum
        }
    }

    /// Takes a new chunk, nearest first, and returns the action of now.
    public mutating func update(with chunk: [[Float]]) -> [Float] {
        precondition(chunk.count == chunkSize, "an ensemble of chunks of \(chunkSize) got one of \(chunk.count)")
        if averages.isEmpty {
            averages = chunk
            counts = [Int](repeating: 1, count: chunkSize)
        } else {
            for i in averages.indices {
                let count = counts[i]
                for d in averages[i].indices {
                    averages[i][d] =
                        (averages[i][d] * sums[count - 1] + chunk[i][d] * weights[count]) / sums[count]
                }
                counts[i] = min(count + 1, chunkSize - 1)
            }
            averages.append(chunk[chunkSize - 1])
            counts.append(1)
        }
        counts.removeFirst()
        return averages.removeFirst()
    }
}
