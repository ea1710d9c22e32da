public import RobotInterface
import Foundation

/// Turns chunks into one action per step: replanning, and averaging where predictions overlap.
///
///     if executor.needsChunk { executor.receive(try policy.actionChunk(for: observation, using: &generator)) }
///     let action = executor.nextAction()
public struct ActionChunkExecutor: Sendable {
    public let execution: ChunkExecution
    /// Chunks that still say something about the next step, oldest first, and how many of their actions are past.
    private var chunks: [(chunk: ActionChunk, age: Int)] = []

    public init(_ execution: ChunkExecution) {
        if case .openLoop(let interval?) = execution {
            precondition(interval > 0, "ActionChunkExecutor: a replan interval of \(interval)")
        }
        self.execution = execution
    }

    /// Whether the policy has to be asked before the next action.
    public var needsChunk: Bool {
        switch execution {
        case .openLoop(let interval):
            guard let (chunk, age) = chunks.last else { return true }
            return age >= min(interval ?? chunk.horizon, chunk.horizon)
        case .ensembled: return chunks.last.map { $0.age > 0 } ?? true
        }
    }

    /// Takes a chunk whose first action is for the next step.
    public mutating func receive(_ chunk: ActionChunk) {
        precondition(chunk.horizon > 0, "ActionChunkExecutor: an empty chunk")
        switch execution {
        case .openLoop: chunks = [(chunk, 0)]
        case .ensembled: chunks.append((chunk, 0))
        }
    }

    /// The action for the next step; ``needsChunk`` has to be false.
    public mutating func nextAction() -> [Double] {
        precondition(!needsChunk, "ActionChunkExecutor: no chunk for the next action")
        defer {
            for i in chunks.indices { chunks[i].age += 1 }
            if case .ensembled = execution { chunks.removeAll { $0.age >= $0.chunk.horizon } }
        }
        switch execution {
        case .openLoop: return chunks[0].chunk[chunks[0].age]
        case .ensembled(let decay): return Self.average(chunks.map { $0.chunk[$0.age] }, decay: decay)
        }
    }

    /// `Σ wᵢ aᵢ / Σ wᵢ` with `wᵢ = exp(−decay · i)`, the oldest prediction first.
    private static func average(_ predictions: [[Double]], decay: Double) -> [Double] {
        let weights = predictions.indices.map { exp(-decay * Double($0)) }
        let total = weights.reduce(0, +)
        return predictions[0].indices.map { d in
            zip(weights, predictions).reduce(0) { $0 + $1.0 * $1.1[d] } / total
        }
    }
}
