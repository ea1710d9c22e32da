/// Numbers of tasks: `0,2,5-7`.
public struct TaskSelection: Hashable, Sendable {
    public var numbers: [Int]

    /// `nil` for what names no tasks, or one twice.
    public init?(_ argument: String) {
        numbers = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            switch ends.count {
            case 1:
                guard let number = ends[0], number >= 0 else { return nil }
                numbers.append(number)
            case 2:
                guard let first = ends[0], let last = ends[1], 0 <= first, first <= last, last < 10_000 else {
                    return nil
                }
                numbers += first...last
            default: return nil
            }
        }
        guard Set(numbers).count == numbers.count else { return nil }
    }
}
