import FileSupport

/// The merges of a byte-pair encoding, by rank.
struct MergeTable: Sendable {
    struct Merge: Sendable, Equatable {
        var rank: UInt32
        var result: UInt32

        /// What pairs that are not merged have.
        static let none = Merge(rank: .max, result: 0)
    }

    /// An open table: the pair's ids, the left one in the high half, and what they become. Its size is a power of two,
    /// at most half of it is taken.
    private var slots: [(key: UInt64, merge: Merge)] = Array(repeating: (.max, .none), count: 16)
    private var count = 0

    init() {}

    /// States that `left` and `right` side by side become `result`; lower ranks go first. The last word on a pair counts.
    mutating func add(_ left: Int, _ right: Int, rank: Int, result: Int) {
        if 2 * (count + 1) > slots.count {
            let old = slots
            slots = Array(repeating: (.max, .none), count: 2 * old.count)
            count = 0
            for slot in old where slot.key != .max { insert(slot.key, slot.merge) }
        }
        insert(
            UInt64(left) << 32 | UInt64(right), Merge(rank: UInt32(rank), result: UInt32(result)))
    }

    private mutating func insert(_ key: UInt64, _ merge: Merge) {
        var i = Self.slot(of: key, mask: slots.count - 1)
        while slots[i].key != .max, slots[i].key != key { i = (i + 1) & (slots.count - 1) }
        if slots[i].key == .max { count += 1 }
        slots[i] = (key, merge)
    }

    @inline(__always)
    private static func slot(of key: UInt64, mask: Int) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 29) & mask
    }

    /// A number that differs for other merges, whatever the order they were added in.
    var digest: UInt64 {
        slots.reduce(0) { sum, slot in
            guard slot.key != .max else { return sum }
            var hash = FNVHash()
            hash.add(slot.key)
            hash.add(UInt64(slot.merge.rank) << 32 | UInt64(slot.merge.result))
            return sum &+ hash.value
        }
    }

    /// Passes a view for fast look-ups.
    func withLookup<Result>(_ body: (Lookup) -> Result) -> Result {
        slots.withUnsafeBufferPointer { body(Lookup(slots: $0.baseAddress!, mask: $0.count - 1)) }
    }

    struct Lookup {
        fileprivate let slots: UnsafePointer<(key: UInt64, merge: Merge)>
        fileprivate let mask: Int

        /// What two neighbours become.
        @inline(__always)
        func callAsFunction(_ left: UInt32, _ right: UInt32) -> Merge {
            let key = UInt64(left) << 32 | UInt64(right)
            var i = MergeTable.slot(of: key, mask: mask)
            while true {
                let slot = slots[i]
                if slot.key == key { return slot.merge }
                if slot.key == .max { return .none }
                i = (i + 1) & mask
            }
        }
    }

    /// Merges the pair of lowest rank, the leftmost of equals, again and again until no pair is left.
    func merged(_ ids: [Int]) -> [Int] {
        withLookup { lookup in
            var merger = Merger()
            for id in ids { merger.symbols.append(UInt32(id)) }
            merger.merge(lookup)
            return merger.symbols.map { Int($0) }
        }
    }
}

/// Applies merges to the ids of one piece; keeps its memory for the next.
struct Merger {
    /// The ids before and after ``merge(_:)``.
    var symbols: [UInt32] = []

    /// The merge of each id with the next one.
    private var pairs: [MergeTable.Merge] = []

    /// Pieces from this length on wait in a heap: time n log n instead of n².
    private static let longPiece = 48

    mutating func merge(_ lookup: MergeTable.Lookup) {
        guard symbols.count > 1 else { return }
        if symbols.count < Self.longPiece { mergeShort(lookup) } else { mergeLong(lookup) }
    }

    private mutating func mergeShort(_ lookup: MergeTable.Lookup) {
        var count = symbols.count
        pairs.removeAll(keepingCapacity: true)
        for i in 0..<count - 1 { pairs.append(lookup(symbols[i], symbols[i + 1])) }
        pairs.append(.none)
        symbols.withUnsafeMutableBufferPointer { symbols in
            pairs.withUnsafeMutableBufferPointer { pairs in
                while count > 1 {
                    // the leftmost of the lowest
                    var best = 0
                    var rank = pairs[0].rank
                    for i in 1..<count where pairs[i].rank < rank { (best, rank) = (i, pairs[i].rank) }
                    guard rank != .max else { break }
                    symbols[best] = pairs[best].result
                    count -= 1
                    for i in best + 1..<max(best + 1, count) {
                        symbols[i] = symbols[i + 1]
                        pairs[i] = pairs[i + 1]
                    }
                    pairs[best] = best + 1 < count ? lookup(symbols[best], symbols[best + 1]) : .none
                    if best > 0 { pairs[best - 1] = lookup(symbols[best - 1], symbols[best]) }
                }
            }
        }
        symbols.removeLast(symbols.count - count)
    }

    private mutating func mergeLong(_ lookup: MergeTable.Lookup) {
        let count = symbols.count
        // neighbours that are left, by position; the end and the front are count and −1
        var next = Array(1...count)
        var previous = Array(-1..<count - 1)
        var isGone = Array(repeating: false, count: count)
        var candidates = CandidateHeap()
        var symbols = symbols

        func merge(at position: Int) -> MergeTable.Merge {
            next[position] < count ? lookup(symbols[position], symbols[next[position]]) : .none
        }
        func consider(_ position: Int) {
            let merge = merge(at: position)
            if merge != .none { candidates.insert(UInt64(merge.rank) << 32 | UInt64(position)) }
        }

        for position in 0..<count { consider(position) }
        while let candidate = candidates.removeFirst() {
            // what has changed since it was put there is put there anew
            let position = Int(candidate & 0xFFFF_FFFF)
            guard !isGone[position] else { continue }
            let merge = merge(at: position)
            guard merge != .none, UInt64(merge.rank) == candidate >> 32 else { continue }
            let right = next[position]
            symbols[position] = merge.result
            isGone[right] = true
            next[position] = next[right]
            if next[right] < count { previous[next[right]] = position }
            if previous[position] >= 0 { consider(previous[position]) }
            consider(position)
        }
        self.symbols.removeAll(keepingCapacity: true)
        for position in 0..<count where !isGone[position] { self.symbols.append(symbols[position]) }
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
