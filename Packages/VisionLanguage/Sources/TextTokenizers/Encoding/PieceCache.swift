/// What short pieces of text became; words come again and again.
///
/// A fixed number of places; a piece takes the place of whatever was there.
struct PieceCache {
    /// The bytes of a piece of at most 15 and their count: equal keys are equal pieces.
    struct Key: Equatable {
        var low: UInt64
        var high: UInt64
    }

    private struct Entry {
        var key = Key(low: 0, high: 0)
        var ids: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0, 0, 0)
        var count: UInt32 = 0
    }

    static let idLimit = 6
    private static let placeCount = 1 << 13
    private var entries = Array(repeating: Entry(), count: placeCount)

    /// The key of a piece; nil when it is longer than 15 bytes.
    @inline(__always)
    static func key(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Key? {
        let count = end - start
        guard count <= 15 else { return nil }
        let base = UnsafeRawPointer(text.baseAddress! + start)
        var (low, high): (UInt64, UInt64) = (0, 0)
        if start + 16 <= text.count {
            // all at once, and what is not of the piece cleared
            low = base.loadUnaligned(as: UInt64.self)
            high = base.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            if count < 8 {
                low &= (1 << UInt64(8 * count)) &- 1
                high = 0
            } else {
                high &= (1 << UInt64(8 * (count - 8))) &- 1
            }
        } else {
            for i in 0..<count {
                let byte = UInt64(text[start + i])
                if i < 8 { low |= byte << UInt64(8 * i) } else { high |= byte << UInt64(8 * (i - 8)) }
            }
        }
        return Key(low: low, high: high | UInt64(count) << 56)
    }

    @inline(__always)
    private static func place(of key: Key) -> Int {
        let mixed = (key.low ^ (key.high &* 0xC2B2_AE3D_27D4_EB4F)) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> 51)
    }

    /// Appends the ids of a piece that is there; false when it is not.
    @inline(__always)
    func append(_ key: Key, to ids: inout IDBuffer) -> Bool {
        entries.withUnsafeBufferPointer { entries in
            let entry = entries.baseAddress! + Self.place(of: key)
            guard entry.pointee.key == key else { return false }
            let count = Int(entry.pointee.count)
            withUnsafePointer(to: entry.pointee.ids) { tuple in
                tuple.withMemoryRebound(to: UInt32.self, capacity: Self.idLimit) { ids.append($0, count) }
            }
            return true
        }
    }

    mutating func insert(_ key: Key, _ ids: [UInt32]) {
        guard ids.count <= Self.idLimit else { return }
        func id(_ i: Int) -> UInt32 { i < ids.count ? ids[i] : 0 }
        entries[Self.place(of: key)] = Entry(
            key: key, ids: (id(0), id(1), id(2), id(3), id(4), id(5)), count: UInt32(ids.count))
    }
}

/// A growing list of ids without checks on the way.
struct IDBuffer: ~Copyable {
    private var base = UnsafeMutablePointer<UInt32>.allocate(capacity: 256)
    private var capacity = 256
    private(set) var count = 0

    deinit { base.deallocate() }

    @inline(__always)
    mutating func append(_ ids: UnsafePointer<UInt32>, _ number: Int) {
        if count + number > capacity { grow(by: number) }
        for i in 0..<number { base[count + i] = ids[i] }
        count += number
    }

    mutating func append(_ ids: [UInt32]) {
        ids.withUnsafeBufferPointer { if let first = $0.baseAddress { append(first, $0.count) } }
    }

    private mutating func grow(by number: Int) {
        capacity = 2 * capacity + number
        let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
    }

    mutating func removeAll() { count = 0 }

    var array: [Int] {
        [Int](unsafeUninitializedCapacity: count) { target, number in
            for i in 0..<count { target[i] = Int(base[i]) }
            number = count
        }
    }

    /// Calls `body` with each id.
    func forEach(_ body: (Int) -> Void) { for i in 0..<count { body(Int(base[i])) } }
}
