import Foundation

/// A benchmark: prepared once, then measured in rounds that alternate with the peer's.
public struct BenchmarkCase {
    public let name: String

    /// Sets up and warms up; the function it returns runs one round.
    public let prepare: () throws -> () throws -> [MeasuredValue]

    public init(_ name: String, prepare: @escaping () throws -> () throws -> [MeasuredValue]) {
        self.name = name
        self.prepare = prepare
    }
}

/// Wall-clock seconds that `body` takes.
public func secondsToRun(_ body: () throws -> Void) rethrows -> Double {
    let duration = try ContinuousClock().measure(body)
    let (seconds, attoseconds) = duration.components
    return Double(seconds) + Double(attoseconds) * 1e-18
}

/// The largest resident size this process has had.
public func peakResidentBytes() -> Double {
    var usage = rusage()
    #if canImport(Glibc)
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
        getrusage(RUSAGE_SELF, &usage)
    #endif
    return Double(usage.ru_maxrss) * 1024
}
