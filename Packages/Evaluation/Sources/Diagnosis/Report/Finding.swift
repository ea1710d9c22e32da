/// A fault: the evidence, its certainty and the remedy.
public struct Finding: Hashable, Codable, Sendable {
    public var cause: Cause
    public var place: Place
    /// The finding in words with its specifics, such as which camera.
    public var detail: String
    public var evidence: [Evidence]
    /// Certainty from 0 to 1 that this is a fault and matters.
    public var certainty: Double
    /// How direct the evidence is; more direct findings come first.
    public var kind: Kind
    /// A command to run or a line to change.
    public var remedy: String

    public enum Kind: Int, Codable, Sendable, Comparable {
        /// A rejected file or value, or two that differ where they must be equal.
        case proof
        /// A change under which the policy matches its data again.
        case restoration
        /// A possible effect of the cause; other causes have it too.
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

/// A measured number.
public struct Evidence: Hashable, Codable, Sendable {
    public var name: String
    public var value: Double
    /// The value without a fault; `nil` if there is no such number.
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

/// A check that passed or was skipped.
public struct Check: Hashable, Codable, Sendable {
    public enum Outcome: String, Codable, Sendable { case sound, sick, skipped }

    public var name: String
    public var outcome: Outcome
    /// The numbers, or why the check was skipped.
    public var detail: String
    public var seconds: Double

    public init(_ name: String, _ outcome: Outcome, _ detail: String, seconds: Double = 0) {
        (self.name, self.outcome, self.detail, self.seconds) = (name, outcome, detail, seconds)
    }
}
