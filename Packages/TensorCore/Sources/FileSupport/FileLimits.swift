/// What a reader accepts before it refuses a file.
///
/// The defaults admit every file the frameworks write; memory in use stays in proportion to the file's size.
public struct FileLimits: Sendable {
    /// Bytes of a header: a safetensors header (its specification's limit), an index, a `.npy` header.
    public var headerByteCount = 100_000_000
    /// Members of an archive.
    public var memberCount = 200_000
    /// Bytes of a member's name.
    public var nameByteCount = 4096
    /// Bytes that compressed members may inflate to, or that views of a smaller memory may show, in one file.
    public var expandedByteCount = 4 << 30
    /// Inflated by compressed size of a member; 1032 is the most that deflate can reach.
    public var expansionRatio = 1032
    /// Containers within containers.
    public var nestingDepth = 100
    /// Axes of a tensor.
    public var rank = 64
    /// Objects of a pickle, counting those that are referred to repeatedly each time.
    public var objectCount = 5_000_000
    /// Whether checksums of archive members are compared. Turn off for files that PyTorch wrote without them.
    public var verifiesChecksums = true

    public init() {}

    public static let `default` = FileLimits()

    /// Bytes that any file may expand to, however small it is.
    public static let freeByteCount = 64 << 20
    /// Expanded by stored bytes of what goes beyond ``freeByteCount``.
    public static let budgetRatio = 128

    /// The most that so many stored bytes may expand to in memory: ``budgetRatio`` times as many, and at least
    /// ``freeByteCount``; never more than ``expandedByteCount``.
    ///
    /// Readers compare what a file announces with it before they allocate.
    public func budget(for storedByteCount: Int) -> Int {
        let (product, overflow) = max(storedByteCount, 0).multipliedReportingOverflow(by: Self.budgetRatio)
        return min(expandedByteCount, overflow ? .max : max(product, Self.freeByteCount))
    }
}
