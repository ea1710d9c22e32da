/// How the next token is chosen from its logits, and when to stop.
///
/// In this order: divide by the temperature; penalize ids already present; keep the `topK` largest; keep the most
/// probable ones until their sum exceeds `topP`; draw, or take the largest.
public struct SamplingOptions: Sendable, Hashable, Codable {
    /// 0 takes the largest logit instead of drawing.
    public var temperature: Float = 1
    /// Keeps the largest logits, those that equal the last of them too; nil for all.
    public var topK: Int?
    /// Drops every id before which the more probable ones already add up to more; the first always stays. nil for all.
    public var topP: Float?
    /// Divides positive and multiplies negative logits of ids already present; 1 for none.
    public var repetitionPenalty: Float = 1
    /// Tokens at most.
    public var maximumTokenCount = 512
    /// Ids that end a sequence; they are given, and nothing after them.
    public var stopIDs: Set<Int> = [2]

    public init() {}

    /// The largest logit each time.
    public static var greedy: SamplingOptions {
        var options = SamplingOptions()
        options.temperature = 0
        return options
    }

    /// What MiniMind's chat takes in either generation: 0.65 and 0.85, or 0.7, 50 and 0.85.
    public static func miniMind(_ generation: MiniMindGeneration) -> SamplingOptions {
        var options = SamplingOptions()
        options.topP = 0.85
        switch generation {
        case .july2025: options.temperature = 0.65
        case .june2026: (options.temperature, options.topK) = (0.7, 50)
        }
        return options
    }

    /// - Throws: ``ConfigurationError`` when a number is out of its range.
    public func validate() throws {
        guard temperature >= 0, temperature.isFinite, repetitionPenalty > 0, repetitionPenalty.isFinite else {
            throw ConfigurationError(
                "a temperature of \(temperature) and a repetition penalty of \(repetitionPenalty)",
                advice: "The first has to be at least 0, the second more than 0.")
        }
        guard topK ?? 1 > 0, topP ?? 1 > 0, topP ?? 1 <= 1, maximumTokenCount >= 0 else {
            throw ConfigurationError(
                "top-k \(topK ?? 0), top-p \(topP ?? 1), at most \(maximumTokenCount) tokens",
                advice: "Top-k has to be at least 1, top-p more than 0 and at most 1.")
        }
    }
}

extension SamplingOptions {
    /// Chooses an id. Ties are settled by the lower id; NaN counts as the least.
    ///
    /// - Parameters:
    ///   - logits: One for each id.
    ///   - present: Ids the repetition penalty is for.
    ///   - generator: Drawn from once, unless the choice is greedy.
    public func choose(
        from logits: [Float], present: some Sequence<Int>, using generator: inout some RandomNumberGenerator
    ) -> Int {
        var logits = logits
        if temperature > 0, temperature != 1 { for id in logits.indices { logits[id] /= temperature } }
        if repetitionPenalty != 1 {
            for id in Set(present) where logits.indices.contains(id) {
                logits[id] = logits[id] > 0 ? logits[id] / repetitionPenalty : logits[id] * repetitionPenalty
            }
        }
        guard temperature > 0 else {
            return logits.indices.max { a, b in isLess(logits[a], logits[b]) || (logits[a] == logits[b] && a > b) } ?? 0
        }

        // by falling logit
        var order = Array(logits.indices)
        order.sort { a, b in isLess(logits[b], logits[a]) || (!isLess(logits[a], logits[b]) && a < b) }
        if let topK, topK < order.count {
            let least = logits[order[topK - 1]]
            order.removeAll { isLess(logits[$0], least) }
        }
        guard let first = order.first else { return 0 }
        var weights = order.map { id -> Double in
            let weight = exponential(Double(logits[id]) - Double(logits[first]))
            return weight.isNaN ? 0 : weight
        }
        if let topP {
            let total = weights.reduce(0, +)
            var before = 0.0
            for index in weights.indices {
                let weight = weights[index]
                if index > 0, before > Double(topP) * total { weights[index] = 0 }
                before += weight
            }
        }
        let total = weights.reduce(0, +)
        guard total > 0, total.isFinite else { return first }
        var place = Double(generator.next() >> 11) * 0x1p-53 * total
        for (id, weight) in zip(order, weights) where weight > 0 {
            place -= weight
            if place < 0 { return id }
        }
        return order[weights.lastIndex { $0 > 0 } ?? 0]
    }

    private func isLess(_ a: Float, _ b: Float) -> Bool { a.isNaN ? !b.isNaN : a < b }
}
