import Foundation

/// How often the examples of a demonstration are drawn, relative to others; with replacement.
///
/// In a recipe `"uniformOverTasks"`, or `{"perTask": {"open the drawer": 2}}`.
public enum SamplingWeights: Hashable, Sendable {
    /// Every demonstration as often.
    case uniformOverDemonstrations
    /// Every task as often.
    case uniformOverTasks
    /// Every task in proportion to (mean examples of its demonstrations)^exponent; 0 is `uniformOverTasks`.
    case byTaskLength(exponent: Double)
    /// Every example of a task with its weight; of tasks not named, none.
    case perTask([String: Double])
    /// Every example of a suite with its weight; of suites not named, none. As OpenVLA mixes data sets: the share of one is
    /// its weight times its examples, divided by the sum.
    case perSuite([String: Double])
    /// Every example of a demonstration of the set with its weight; of demonstrations not named, none.
    case perDemonstration([Int: Double])

    /// The weight of one example of each demonstration.
    func exampleWeights(_ parts: [PolicyExamples.Part]) -> [Double] {
        var examples: [String: Int] = [:]
        var demonstrations: [String: Int] = [:]
        for part in parts where !part.examples.isEmpty {
            examples[part.demonstration.task, default: 0] += part.examples.count
            demonstrations[part.demonstration.task, default: 0] += 1
        }
        return parts.map { part in
            guard !part.examples.isEmpty, let total = examples[part.demonstration.task],
                let count = demonstrations[part.demonstration.task]
            else {
                return 0
            }
            switch self {
            case .uniformOverDemonstrations: return 1 / Double(part.examples.count)
            case .uniformOverTasks: return 1 / Double(total)
            case .byTaskLength(let exponent): return pow(Double(total) / Double(count), exponent) / Double(total)
            case .perTask(let table): return table[part.demonstration.task] ?? 0
            case .perSuite(let table): return table[part.demonstration.suite] ?? 0
            case .perDemonstration(let table): return table[part.index] ?? 0
            }
        }
    }
}

extension SamplingWeights: Codable {
    private enum Plain: String, Codable { case uniformOverDemonstrations, uniformOverTasks }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case byTaskLength, perTask, perSuite, perDemonstration
    }

    public init(from decoder: any Decoder) throws {
        if let plain = try? decoder.singleValueContainer().decode(Plain.self) {
            self = plain == .uniformOverTasks ? .uniformOverTasks : .uniformOverDemonstrations
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard container.allKeys.count == 1 else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription:
                        "weights are uniformOverDemonstrations, uniformOverTasks, or an object with one of "
                        + CodingKeys.allCases.map(\.rawValue).joined(separator: ", ")))
        }
        switch container.allKeys[0] {
        case .byTaskLength: self = .byTaskLength(exponent: try container.decode(Double.self, forKey: .byTaskLength))
        case .perTask: self = .perTask(try container.decode([String: Double].self, forKey: .perTask))
        case .perSuite: self = .perSuite(try container.decode([String: Double].self, forKey: .perSuite))
        case .perDemonstration:
            self = .perDemonstration(try container.decode([Int: Double].self, forKey: .perDemonstration))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        func encode(_ value: some Encodable, _ key: CodingKeys) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(value, forKey: key)
        }
        func encode(_ plain: Plain) throws {
            var container = encoder.singleValueContainer()
            try container.encode(plain)
        }
        switch self {
        case .uniformOverDemonstrations: try encode(Plain.uniformOverDemonstrations)
        case .uniformOverTasks: try encode(Plain.uniformOverTasks)
        case .byTaskLength(let exponent): try encode(exponent, .byTaskLength)
        case .perTask(let table): try encode(table, .perTask)
        case .perSuite(let table): try encode(table, .perSuite)
        case .perDemonstration(let table): try encode(table, .perDemonstration)
        }
    }
}

/// Examples drawn with replacement by the weights of their demonstrations.
struct WeightedDraws: Sendable {
    private let parts: [Range<Int>]
    private let weights: [Double]
    /// The weight of all examples before each part's first one, and the sum at the end.
    private let sums: [Double]

    /// - Throws: ``RecipeError`` when no example has a weight, or one has a negative one.
    init(_ rule: SamplingWeights, _ examples: PolicyExamples) throws {
        parts = examples.parts.map(\.examples)
        weights = rule.exampleWeights(examples.parts)
        var sums = [0.0]
        for (part, weight) in zip(parts, weights) { sums.append(sums[sums.count - 1] + weight * Double(part.count)) }
        self.sums = sums
        guard weights.allSatisfy({ $0 >= 0 && $0.isFinite }), sums[sums.count - 1] > 0 else {
            let names = Set(examples.parts.map(\.demonstration.task)).sorted().prefix(8)
            throw RecipeError(
                file: "data.sampling",
                reason: "no example has a positive weight; the tasks are \(names.joined(separator: ", "))")
        }
    }

    /// The share of each task's examples among the draws.
    func shares(_ examples: PolicyExamples) -> [String: Double] {
        var shares: [String: Double] = [:]
        for (index, part) in examples.parts.enumerated() {
            shares[part.demonstration.task, default: 0] += (sums[index + 1] - sums[index]) / sums[sums.count - 1]
        }
        return shares
    }

    /// The example at a place in 0..<1 of the summed weights.
    func example(at place: Double) -> Int {
        let weight = place * sums[sums.count - 1]
        // the last part that begins at the weight or before it
        var (low, high) = (0, parts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if sums[middle] <= weight { low = middle } else { high = middle }
        }
        // a place at a border, or behind the last part with a weight
        while low > 0, weights[low] == 0 || parts[low].isEmpty { low -= 1 }
        while weights[low] == 0 || parts[low].isEmpty { low += 1 }
        return parts[low].lowerBound + min(max(Int((weight - sums[low]) / weights[low]), 0), parts[low].count - 1)
    }
}
