/// Numbers of steps: `20-120`.
public struct StepRange: Hashable, Sendable {
    public var steps: ClosedRange<Int>

    /// `nil` for what is no range.
    public init?(_ argument: String) {
        let ends = argument.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first >= 0,
            last >= first, last <= 10_000
        else { return nil }
        steps = first...last
    }
}
