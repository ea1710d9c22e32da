public import RobotInterface
import Foundation
import TensorCore

/// How far a policy's chunks are from those of demonstrations, without acting.
///
/// Cheap, and a weak sign: policies whose open-loop errors hardly differ can be worlds apart in the closed loop. A large
/// error on training data, though, says that something is wrong before any episode is run.
public struct OpenLoopError: Hashable, Codable, Sendable {
    /// Chunks compared.
    public private(set) var chunkCount = 0
    /// Mean absolute error by dimension, in the units of the action space.
    public var absoluteErrors: [Double] { sums.map { $0 / Double(max(valueCount, 1)) } }
    /// Root of the mean squared error by dimension.
    public var rootMeanSquares: [Double] { squares.map { ($0 / Double(max(valueCount, 1))).squareRoot() } }
    /// Mean absolute error over all dimensions, by the action's place in the chunk.
    public var errorsByStep: [Double] {
        zip(stepSums, stepCounts).map { $0 / Double(max($1, 1)) }
    }
    /// How often the last dimension, the gripper, has the demonstration's sign.
    public var gripperAgreement: Double? { valueCount == 0 ? nil : Double(gripperHits) / Double(valueCount) }

    private var valueCount = 0
    private var sums: [Double]
    private var squares: [Double]
    private var stepSums: [Double] = []
    private var stepCounts: [Int] = []
    private var gripperHits = 0

    public init(dimensionCount: Int) {
        sums = [Double](repeating: 0, count: dimensionCount)
        squares = sums
    }

    /// Compares a chunk with a demonstration's, over the actions that both have.
    public mutating func add(_ predicted: ActionChunk, target: ActionChunk) {
        precondition(
            predicted.dimensionCount == sums.count && target.dimensionCount == sums.count,
            "OpenLoopError: \(predicted.dimensionCount) and \(target.dimensionCount) dimensions of \(sums.count)")
        chunkCount += 1
        for step in 0..<min(predicted.horizon, target.horizon) {
            let (a, b) = (predicted[step], target[step])
            valueCount += 1
            if stepSums.count <= step {
                stepSums.append(0)
                stepCounts.append(0)
            }
            stepCounts[step] += sums.count
            for d in sums.indices {
                let error = abs(a[d] - b[d])
                sums[d] += error
                squares[d] += error * error
                stepSums[step] += error
            }
            if (a[sums.count - 1] > 0) == (b[sums.count - 1] > 0) { gripperHits += 1 }
        }
    }

    /// Asks a policy at frames of demonstrations.
    ///
    /// - Parameters:
    ///   - policy: Asked once at each frame.
    ///   - examples: What was seen, and the actions that followed, at least as many as the policy predicts.
    ///   - seed: Frame i draws from its stream i.
    public static func measure(
        _ policy: some Policy, on examples: some Sequence<(observation: Observation, target: ActionChunk)>,
        seed: UInt64 = 0
    ) throws -> OpenLoopError {
        var result = OpenLoopError(dimensionCount: policy.actionSpace.dimensionCount)
        for (index, example) in examples.enumerated() {
            var generator = PhiloxGenerator(seed: seed, stream: UInt64(index))
            result.add(
                try policy.actionChunk(for: example.observation, using: &generator), target: example.target)
        }
        return result
    }
}
