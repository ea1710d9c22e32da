/// A number of bytes in words: `1000000`, `512MB`, `4GB`, `4GiB`.
public struct ByteCount: Hashable, Sendable {
    public let count: Int

    /// `nil` for other texts.
    public init?(_ argument: String) {
        let units: [(String, Int)] = [
            ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40), ("KB", 1000), ("MB", 1_000_000),
            ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), ("B", 1), ("", 1),
        ]
        let text = argument.uppercased()
        guard let (unit, size) = units.first(where: { text.hasSuffix($0.0.uppercased()) }),
            let number = Double(text.dropLast(unit.count)), number >= 0, number * Double(size) < 0x1p62
        else { return nil }
        count = Int(number * Double(size))
    }
}
