/// The next actions of a robot, nearest first: `[horizon, dimensions]` in the units of an ``ActionSpace``.
public struct ActionChunk: Hashable, Codable, Sendable {
    public let dimensionCount: Int
    /// Row by row; row 0 is executed next.
    public private(set) var values: [Double]

    /// Takes the numbers row by row.
    public init(values: [Double], dimensionCount: Int) {
        precondition(
            dimensionCount > 0 && values.count.isMultiple(of: dimensionCount),
            "ActionChunk: \(values.count) values of \(dimensionCount) dimensions")
        (self.values, self.dimensionCount) = (values, dimensionCount)
    }

    /// Takes one list per action, all of one length.
    public init(_ actions: [[Double]]) {
        precondition(!actions.isEmpty, "ActionChunk: no action")
        precondition(
            actions.allSatisfy { $0.count == actions[0].count }, "ActionChunk: lengths \(actions.map(\.count))")
        self.init(values: Array(actions.joined()), dimensionCount: actions[0].count)
    }

    /// How many actions there are.
    public var horizon: Int { values.count / dimensionCount }

    /// One action.
    public subscript(step: Int) -> [Double] {
        get {
            precondition(0..<horizon ~= step, "ActionChunk: step \(step) of \(horizon)")
            return Array(values[step * dimensionCount..<(step + 1) * dimensionCount])
        }
        set {
            precondition(0..<horizon ~= step, "ActionChunk: step \(step) of \(horizon)")
            precondition(
                newValue.count == dimensionCount, "ActionChunk: \(newValue.count) values for \(dimensionCount)")
            values.replaceSubrange(step * dimensionCount..<(step + 1) * dimensionCount, with: newValue)
        }
    }

    /// The actions in order.
    public var actions: [[Double]] { (0..<horizon).map { self[$0] } }

    public init(from decoder: any Decoder) throws {
        let actions = try decoder.singleValueContainer().decode([[Double]].self)
        guard let first = actions.first, !first.isEmpty, actions.allSatisfy({ $0.count == first.count }) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "actions of lengths \(actions.map(\.count))"))
        }
        self.init(actions)
    }

    /// A list of actions.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(actions)
    }
}
