import Synchronization

/// Bytes that tensors hold now and held at most. Mapped files do not count.
public enum MemoryMeter {
    private static let current = Atomic<Int>(0)
    private static let highest = Atomic<Int>(0)

    /// Bytes allocated by tensors now.
    public static var currentBytes: Int { current.load(ordering: .relaxed) }

    /// The most bytes allocated at one time since the start or the last ``resetPeak()``.
    public static var peakBytes: Int { highest.load(ordering: .relaxed) }

    /// Starts a new measurement of the peak.
    public static func resetPeak() { highest.store(currentBytes, ordering: .relaxed) }

    static func allocated(_ bytes: Int) {
        let now = current.add(bytes, ordering: .relaxed).newValue
        highest.max(now, ordering: .relaxed)
    }

    static func freed(_ bytes: Int) { current.subtract(bytes, ordering: .relaxed) }
}
