/// One intermediate result of the training path and the inference path for the same frames, such as a camera's image or the
/// logits of the action tokens.
public struct FieldComparison: Hashable, Codable, Sendable {
    public var name: String
    /// Compared values, and those that differ by at most ``tolerance``.
    public var count, agreeingCount: Int
    public var largestDifference: Double
    /// The difference that rounding can explain.
    public var tolerance: Double
    /// The first larger difference, such as `frame 3, token 5`; `nil` if there is none.
    public var firstDifference: String?

    public init(_ name: String, tolerance: Double) {
        (self.name, self.tolerance) = (name, tolerance)
        (count, agreeingCount, largestDifference) = (0, 0, 0)
    }

    public var agrees: Bool { agreeingCount == count }

    /// Adds a pair of numbers; of two that are no numbers both have to be none.
    mutating func add(_ a: Double, _ b: Double, at place: @autoclosure () -> String) {
        count += 1
        let difference = a == b || (a.isNaN && b.isNaN) ? 0 : abs(a - b)
        if difference <= tolerance {
            agreeingCount += 1
        } else if firstDifference == nil {
            firstDifference = place()
        }
        largestDifference = difference.isNaN ? .infinity : max(largestDifference, difference)
    }

    /// Adds lists of numbers, which have to be equally long.
    mutating func add(_ a: [Float], _ b: [Float], at place: (Int) -> String) {
        guard a.count == b.count else {
            count += 1
            largestDifference = .infinity
            firstDifference = firstDifference ?? "\(place(0)): \(a.count) and \(b.count) values"
            return
        }
        for index in a.indices { add(Double(a[index]), Double(b[index]), at: place(index)) }
    }

    var text: String {
        var words = "\(name): \(agreeingCount) of \(count) agree, "
        words += "largest difference \(Evidence.short(largestDifference))"
        if let firstDifference { words += ", first at \(firstDifference)" }
        return words
    }

    private enum CodingKeys: CodingKey {
        case name, count, agreeingCount, largestDifference, tolerance, firstDifference
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        count = try container.decode(Int.self, forKey: .count)
        agreeingCount = try container.decode(Int.self, forKey: .agreeingCount)
        // JSON has no infinity
        largestDifference = try container.decodeIfPresent(Double.self, forKey: .largestDifference) ?? .infinity
        tolerance = try container.decode(Double.self, forKey: .tolerance)
        firstDifference = try container.decodeIfPresent(String.self, forKey: .firstDifference)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(count, forKey: .count)
        try container.encode(agreeingCount, forKey: .agreeingCount)
        if largestDifference.isFinite { try container.encode(largestDifference, forKey: .largestDifference) }
        try container.encode(tolerance, forKey: .tolerance)
        try container.encodeIfPresent(firstDifference, forKey: .firstDifference)
    }
}

/// A number of the training log and the same number at the examined frames.
public struct MetricComparison: Hashable, Codable, Sendable {
    public var name: String
    /// The validation number in the checkpoint's record.
    public var training: Double
    public var here: Double

    var text: String { "\(name) \(Evidence.short(training)) and \(Evidence.short(here))" }
}
