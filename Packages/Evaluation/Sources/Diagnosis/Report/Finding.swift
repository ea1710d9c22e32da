/// Something that is wrong, how it was seen, how sure that is, and what to do.
public struct Finding: Hashable, Codable, Sendable {
    public var cause: Cause
    public var place: Place
    /// What was found, in words with its particulars, such as which camera.
    public var detail: String
    public var evidence: [Evidence]
    /// From 0 to 1: how sure it is that this is wrong and matters.
    public var certainty: Double
    /// How directly it was seen; what is seen more directly is named first.
    public var kind: Kind
    /// A command, or a line to change.
    public var remedy: String

    public enum Kind: Int, Codable, Sendable, Comparable {
        /// A file or value that is refused, or two that differ where they have to be equal.
        case proof
        /// A change that brings the policy back to its data.
        case restoration
        /// What a cause would lead to; others could as well.
        case symptom

        public static func < (a: Kind, b: Kind) -> Bool { a.rawValue < b.rawValue }
    }

    public init(
        _ cause: Cause, in place: Place, _ kind: Kind, certainty: Double, detail: String, evidence: [Evidence] = [],
        remedy: String
    ) {
        (self.cause, self.place, self.kind) = (cause, place, kind)
        (self.detail, self.evidence, self.remedy) = (detail, evidence, remedy)
        self.certainty = min(max(certainty, 0), 1)
    }

    /// Before others: surer by a wide margin, then more direct, then surer.
    static func isBefore(_ a: Finding, _ b: Finding) -> Bool {
        let (x, y) = (a.rank, b.rank)
        return x == y ? a.cause.rawValue < b.cause.rawValue : x > y
    }

    private var rank: Double {
        switch kind {
        case .proof: certainty + 0.2
        case .restoration: certainty + 0.1
        case .symptom: certainty
        }
    }
}

/// A number that was measured.
public struct Evidence: Hashable, Codable, Sendable {
    public var name: String
    public var value: Double
    /// What it would be if all was well; nil where that has no number.
    public var expected: Double?

    public init(_ name: String, _ value: Double, expected: Double? = nil) {
        (self.name, self.value, self.expected) = (name, value, expected)
    }

    var text: String {
        expected.map { "\(name) \(Self.short(value)), expected \(Self.short($0))" } ?? "\(name) \(Self.short(value))"
    }

    static func short(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        if value == value.rounded(), abs(value) < 1e6 { return "\(Int(value))" }
        // three digits
        let size = abs(value)
        let scale = size >= 100 ? 1.0 : size >= 10 ? 10 : size >= 0.1 ? 1000 : 100_000
        return "\((value * scale).rounded() / scale)"
    }
}

/// A check that was made, and what it found to be sound.
public struct Check: Hashable, Codable, Sendable {
    public enum Outcome: String, Codable, Sendable { case sound, sick, skipped }

    public var name: String
    public var outcome: Outcome
    /// The numbers, or why it was left out.
    public var detail: String
    public var seconds: Double

    public init(_ name: String, _ outcome: Outcome, _ detail: String, seconds: Double = 0) {
        (self.name, self.outcome, self.detail, self.seconds) = (name, outcome, detail, seconds)
    }
}
