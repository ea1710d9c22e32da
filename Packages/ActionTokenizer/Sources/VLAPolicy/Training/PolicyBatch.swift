public import TensorCore

/// What a model learns from in one step.
public struct PolicyBatch: Sendable {
    public var inputs: PolicyInputs
    /// `[B, horizon, dimensions]`, normalized; the gripper as its coding says.
    public var targets: Tensor
    /// Ids of the targets, row by row, for models that predict tokens; empty for others.
    public var tokens: [[Int]]
    /// What the tokens mean; nil for models that predict numbers.
    public var coding: ActionTokenCoding?
    /// Actions of each row before the demonstration's end.
    public var validCounts: [Int]
    /// `[B, 3]`, normalized like the first numbers of the state; zero where there is none.
    public var events: Tensor
    public var hasEvent: [Bool]
    /// Metres of one unit of each of the events' numbers.
    public var eventScale: [Float]
    /// Metres of the events' zero.
    public var eventCenter: [Float]
    public var weights: [Float]

    public init(
        inputs: PolicyInputs, targets: Tensor, tokens: [[Int]] = [], coding: ActionTokenCoding? = nil,
        validCounts: [Int], events: Tensor, hasEvent: [Bool], eventScale: [Float], eventCenter: [Float],
        weights: [Float]
    ) {
        (self.inputs, self.targets, self.tokens, self.coding) = (inputs, targets, tokens, coding)
        (self.validCounts, self.weights) = (validCounts, weights)
        (self.events, self.hasEvent, self.eventScale) = (events, hasEvent, eventScale)
        self.eventCenter = eventCenter
    }

    public var count: Int { inputs.count }

    /// Weights of the rows of the targets, `[B, horizon, 1]`: those of the rows, nothing behind a demonstration's end,
    /// one altogether.
    public func stepWeights() -> Tensor {
        let horizon = targets.shape[1]
        var values = [Float](repeating: 0, count: count * horizon)
        var sum: Float = 0
        for row in 0..<count {
            for step in 0..<validCounts[row] {
                values[row * horizon + step] = weights[row]
                sum += weights[row]
            }
        }
        if sum > 0 { for i in values.indices { values[i] /= sum } }
        return Tensor(values, [count, horizon, 1])
    }

    /// Weights of the events, `[B, 1]`, one altogether; nil when no row has one.
    public func eventWeights() -> Tensor? {
        var values = (0..<count).map { hasEvent[$0] ? weights[$0] : 0 }
        let sum = values.reduce(0, +)
        guard sum > 0 else { return nil }
        for i in values.indices { values[i] /= sum }
        return Tensor(values, [count, 1])
    }
}
