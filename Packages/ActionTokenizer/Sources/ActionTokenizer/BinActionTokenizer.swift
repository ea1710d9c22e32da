/// Turns each number of an action into one token, by equally wide bins.
///
///     e₀…e₂₅₅ = 256 equally spaced edges from lower to upper
///     bin     = (number of edges ≤ clip(x, lower, upper)) − 1            0…255; 255 for x = upper alone
///     x̂       = (eᵢ + eᵢ₊₁)/2,  i = min(bin, 254)                       bins 254 and 255 share a center
///
/// Edges and comparisons are in `Double`: in `Float` a closed gripper, 1.0, falls into the bin below. The largest
/// round-trip error is half the distance of two edges, 1/255 for −1…1.
/// Source: OpenVLA, `prismatic/vla/action_tokenizer.py`; the 2025 system is the same with ranges from data.
public struct BinActionTokenizer: Equatable, Sendable {
    /// Which token represents which bin.
    public let tokens: ActionTokenMap
    /// Edges per dimension; one list when all dimensions have the same.
    private let edges: [[Double]]

    /// OpenVLA's: the same range −1…1 for all (normalized) dimensions, the last ids of the vocabulary.
    public init(vocabularySize: Int) {
        self.init(tokens: ActionTokenMap(lastIDsOf: vocabularySize))
    }

    /// The same range for all dimensions.
    public init(tokens: ActionTokenMap, range: ClosedRange<Double> = -1...1) {
        self.init(tokens: tokens, ranges: [range])
    }

    /// A range for each dimension, such as the 1 % and 99 % quantiles of recorded actions.
    ///
    /// A range of one point is allowed: a dimension that never changes decodes to it.
    public init(tokens: ActionTokenMap, ranges: [ClosedRange<Double>]) {
        precondition(tokens.binCount > 1, "BinActionTokenizer: a map of \(tokens.binCount) bin")
        precondition(
            !ranges.isEmpty && ranges.allSatisfy { $0.lowerBound.isFinite && $0.upperBound.isFinite },
            "BinActionTokenizer: ranges \(ranges)")
        self.tokens = tokens
        edges = ranges.map { Self.spaced($0, count: tokens.binCount) }
    }

    /// The 2025 system's: ranges from the 1st to the 99th percentile of every dimension, the gripper among them.
    ///
    /// - Throws: ``ActionStatisticsError/missing(_:method:)`` when the statistics have no quantiles.
    public init(tokens: ActionTokenMap, quantilesOf statistics: ActionStatistics) throws(ActionStatisticsError) {
        guard let lower = statistics.lowerQuantile, let upper = statistics.upperQuantile else {
            throw .missing(["q01", "q99"], method: "bins between quantiles")
        }
        self.init(tokens: tokens, ranges: zip(lower, upper).map { $0...$1 })
    }

    /// How many dimensions have a range of their own; nil when one range serves any number.
    public var dimensionCount: Int? { edges.count == 1 ? nil : edges.count }

    /// `numpy.linspace`: `i · step + lower`, and the upper end itself.
    private static func spaced(_ range: ClosedRange<Double>, count: Int) -> [Double] {
        let step = (range.upperBound - range.lowerBound) / Double(count - 1)
        return (0..<count - 1).map { Double($0) * step + range.lowerBound } + [range.upperBound]
    }

    // MARK: One number

    /// The bin of a value in one dimension; values outside the range take its ends.
    public func bin(for value: Double, dimension: Int = 0) -> Int {
        precondition(!value.isNaN, "BinActionTokenizer: dimension \(dimension) is not a number")
        let edges = edges(dimension)

        // the last edge that is not above the value, by halving; the first one when all are
        var (lower, upper) = (0, edges.count)
        while upper - lower > 1 {
            let middle = (lower + upper) / 2
            if edges[middle] <= value { lower = middle } else { upper = middle }
        }
        return lower
    }

    /// The token of a value in one dimension.
    public func tokenID(for value: Double, dimension: Int = 0) -> Int {
        tokens.tokenID(ofBin: bin(for: value, dimension: dimension))
    }

    /// The token of a value in one dimension; compared with the edges in `Double`.
    public func tokenID(for value: Float, dimension: Int = 0) -> Int {
        tokenID(for: Double(value), dimension: dimension)
    }

    /// The middle of a token's bin; nil for a token that is not an action token.
    ///
    /// OpenVLA's arithmetic gives such a token the value at one end of the range, unnoticed.
    public func value(for tokenID: Int, dimension: Int = 0) -> Double? {
        guard let bin = tokens.bin(of: tokenID) else { return nil }
        let edges = edges(dimension)
        let i = min(bin, edges.count - 2)
        return (edges[i] + edges[i + 1]) / 2
    }

    private func edges(_ dimension: Int) -> [Double] {
        guard edges.count > 1 else { return edges[0] }
        precondition(edges.indices.contains(dimension), "BinActionTokenizer: dimension \(dimension) of \(edges.count)")
        return edges[dimension]
    }

    // MARK: A whole action

    /// One token per number.
    ///
    /// - Throws: ``ActionTokenError/notANumber(dimension:)`` for NaN, which `numpy.digitize` would call the largest value;
    ///   ``ActionTokenError/dimensionCount(_:expected:)`` when the action has another length than there are ranges.
    public func tokenIDs(for action: [Double]) throws(ActionTokenError) -> [Int] {
        try check(action.count)
        if let bad = action.firstIndex(where: \.isNaN) { throw .notANumber(dimension: bad) }
        return action.enumerated().map { tokenID(for: $1, dimension: $0) }
    }

    /// One number per token.
    ///
    /// - Throws: ``ActionTokenError/notAnActionToken(_:dimension:)`` for a token that is not an action token.
    public func action(for tokenIDs: [Int]) throws(ActionTokenError) -> [Double] {
        try check(tokenIDs.count)
        var action: [Double] = []
        for (dimension, id) in tokenIDs.enumerated() {
            guard let value = value(for: id, dimension: dimension) else {
                throw .notAnActionToken(id, dimension: dimension)
            }
            action.append(value)
        }
        return action
    }

    private func check(_ count: Int) throws(ActionTokenError) {
        if let expected = dimensionCount, count != expected { throw .dimensionCount(count, expected: expected) }
    }
}

/// An action or its tokens that cannot be translated.
public enum ActionTokenError: Error, Equatable, CustomStringConvertible {
    case notANumber(dimension: Int)
    case dimensionCount(Int, expected: Int)
    case notAnActionToken(Int, dimension: Int)

    public var description: String {
        switch self {
        case .notANumber(let dimension):
            "Dimension \(dimension) of the action is not a number; check the data or the model's output."
        case .dimensionCount(let count, let expected):
            "The action has \(count) dimensions, the tokenizer has ranges for \(expected)."
        case .notAnActionToken(let id, let dimension):
            "Token \(id) in dimension \(dimension) stands for no action; restrict decoding to the action tokens."
        }
    }
}
