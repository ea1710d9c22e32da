import FileSupport
import Testing

@Suite struct ByteCountTests {
    @Test(arguments: [
        ("0", 0), ("1500", 1500), ("2KB", 2000), ("2KiB", 2048), ("1.5GB", 1_500_000_000), ("4gib", 4 << 30), ("8B", 8),
    ])
    func unitsAreUnderstood(text: String, count: Int) { #expect(ByteCount(text)?.count == count) }

    @Test(arguments: ["", "GB", "-1", "1 GB x", "many", "1e30", "nan", "inf"])
    func otherTextsAreRefused(text: String) { #expect(ByteCount(text) == nil) }
}
