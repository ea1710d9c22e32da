/// The merges of a byte-pair encoding, by rank.
struct MergeTable: Sendable {
    private struct Merge: Sendable {
        let rank: UInt32
        let result: UInt32
    }

    /// Keyed by both ids, the left one in the high half.
    private var merges: [UInt64: Merge] = [:]

    init() {}

    /// States that `left` and `right` side by side become `result`; lower ranks go first. The last word on a pair counts.
    mutating func add(_ left: Int, _ right: Int, rank: Int, result: Int) {
        merges[Self.key(UInt32(left), UInt32(right))] = Merge(rank: UInt32(rank), result: UInt32(result))
    }

    private static func key(_ left: UInt32, _ right: UInt32) -> UInt64 { UInt64(left) << 32 | UInt64(right) }

    /// Merges the pair of lowest rank, the leftmost of equals, again and again until no pair is left.
    ///
    /// The candidates wait in a heap, so that a piece of n ids takes time n log n.
    func merged(_ ids: [Int]) -> [Int] {
        guard ids.count > 1 else { return ids }
        var symbols = ids.map { UInt32($0) }
        // neighbours that are left, by position; the end and the front are ids.count and −1
        var next = Array(1...ids.count)
        var previous = Array(-1..<ids.count - 1)
        var isGone = Array(repeating: false, count: ids.count)
        var candidates = CandidateHeap()

        func merge(at position: Int) -> Merge? {
            guard next[position] < ids.count else { return nil }
            return merges[Self.key(symbols[position], symbols[next[position]])]
        }
        func consider(_ position: Int) {
            guard let merge = merge(at: position) else { return }
            candidates.insert(UInt64(merge.rank) << 32 | UInt64(position))
        }

        for position in ids.indices { consider(position) }
        while let candidate = candidates.removeFirst() {
            // what has changed since it was put there is put there anew
            let position = Int(candidate & 0xFFFF_FFFF)
            guard !isGone[position], let merge = merge(at: position), UInt64(merge.rank) == candidate >> 32 else {
                continue
            }
            let right = next[position]
            symbols[position] = merge.result
            isGone[right] = true
            next[position] = next[right]
            if next[right] < ids.count { previous[next[right]] = position }
            if previous[position] >= 0 { consider(previous[position]) }
            consider(position)
        }
        return ids.indices.lazy.filter { !isGone[$0] }.map { Int(symbols[$0]) }
    }
}

/// A binary heap with the smallest number in front.
private struct CandidateHeap {
    private var items: [UInt64] = []

    mutating func insert(_ item: UInt64) {
        items.append(item)
        var child = items.count - 1
        while child > 0, items[child] < items[(child - 1) / 2] {
            items.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() -> UInt64? {
        guard let first = items.first, let last = items.popLast() else { return nil }
        guard !items.isEmpty else { return first }
        items[0] = last
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < items.count && items[child] < items[smallest] { smallest = child }
            guard smallest != parent else { return first }
            items.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
