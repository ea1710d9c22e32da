import Foundation
import Synchronization

/// Time, arithmetic and memory traffic per operation and per module.
///
/// Off by default; `VLA_PROFILE=1` in the environment prints a report to standard error when the process ends, and
/// ``start()`` and ``stop()`` measure a region. An operation's time is that on the calling thread, with the kernel
/// threads it waits for. Forward and backward of an operation are separate lines.
public enum Profiler {
    public enum Phase: String, Sendable, Codable { case forward, backward }

    /// What one operation cost, or all operations inside a module.
    public struct Entry: Sendable, Codable {
        public var name: String
        public var phase: Phase
        public var calls = 0
        public var seconds = 0.0
        /// Floating-point operations, where the operation states them.
        public var operations = 0
        /// Bytes read and written, where the operation states them; backward, of the gradients alone.
        public var bytes = 0
        /// Shapes of the results, the last one met.
        public var shape = ""

        /// 10⁹ floating-point operations a second.
        public var gigaflopsPerSecond: Double { seconds > 0 ? Double(operations) / seconds / 1e9 : 0 }
        /// 10⁹ bytes a second.
        public var gigabytesPerSecond: Double { seconds > 0 ? Double(bytes) / seconds / 1e9 : 0 }
    }

    /// A measurement: operations, the most expensive first, modules by name, and the peak of tensor memory.
    public struct Report: Sendable, Codable {
        public var operations: [Entry]
        public var modules: [Entry]
        /// The most bytes that tensors held at one time.
        public var peakBytes: Int
        /// From the start to the report; what no operation accounts for is spent outside of tensors.
        public var seconds = 0.0
    }

    private struct Key: Hashable {
        var name: String
        var phase: Phase
    }

    private struct State {
        var operations: [Key: Entry] = [:]
        var modules: [Key: Entry] = [:]
        var start = Profiler.now()
        var end: Double?
    }

    private static let state = Mutex(State())
    private static let isOn = Atomic<Bool>(false)
    @TaskLocal private static var path = ""
    @TaskLocal private static var isMeasuring = false

    /// Whether a measurement is running.
    public static var isRunning: Bool {
        _ = environmentSwitch
        return isOn.load(ordering: .relaxed)
    }

    /// Starts a new measurement; what was measured before is dropped.
    public static func start() {
        state.withLock { $0 = State() }
        MemoryMeter.resetPeak()
        isOn.store(true, ordering: .relaxed)
    }

    /// Ends the measurement.
    public static func stop() -> Report {
        isOn.store(false, ordering: .relaxed)
        state.withLock { $0.end = now() }
        return report
    }

    /// What has been measured so far.
    public static var report: Report {
        let state = state.withLock { $0 }
        return Report(
            operations: state.operations.values.sorted { $0.seconds > $1.seconds },
            modules: state.modules.values.sorted { ($0.name, $1.phase.rawValue) < ($1.name, $0.phase.rawValue) },
            peakBytes: MemoryMeter.peakBytes, seconds: (state.end ?? now()) - state.start)
    }

    /// Attributes the operations of `body`, and of their backward pass, to the module `name`; names nest with dots.
    public static func module<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
        guard isRunning else { return try body() }
        let full = path.isEmpty ? name : path + "." + name
        return try $path.withValue(full, operation: body)
    }

    /// The module that operations are attributed to here; empty outside of all and while nothing is measured.
    static var currentModule: String { isRunning ? path : "" }

    /// Runs a part of the backward pass as part of the module that recorded it.
    static func resuming<Result>(module: String, _ body: () throws -> Result) rethrows -> Result {
        guard isRunning else { return try body() }
        return try $path.withValue(module, operation: body)
    }

    /// Measures an operation, for operations written outside of this module too.
    public static func measure<Result>(
        _ name: String, phase: Phase = .forward, operations: Int = 0, bytes: Int = 0, shape: Shape? = nil,
        _ body: () throws -> Result
    ) rethrows -> Result {
        // an operation made of others is one line
        guard isRunning, !isMeasuring else { return try body() }
        let start = now()
        defer { record(name, phase, seconds: now() - start, operations: operations, bytes: bytes, shape: shape) }
        return try $isMeasuring.withValue(true, operation: body)
    }

    /// Adds arithmetic and traffic to an operation of the backward pass, where they are known inside only.
    static func addBackward(_ name: String, operations: Int = 0, bytes: Int = 0) {
        guard isRunning else { return }
        record(name, .backward, calls: 0, seconds: 0, operations: operations, bytes: bytes)
    }

    private static func now() -> Double {
        Double(DispatchTime.now().uptimeNanoseconds) * 1e-9
    }

    private static func record(
        _ name: String, _ phase: Phase, calls: Int = 1, seconds: Double, operations: Int = 0, bytes: Int = 0,
        shape: Shape? = nil
    ) {
        func add(to entries: inout [Key: Entry], _ name: String) {
            let key = Key(name: name, phase: phase)
            var entry = entries[key] ?? Entry(name: name, phase: phase)
            entry.calls += calls
            entry.seconds += seconds
            entry.operations += operations
            entry.bytes += bytes
            if let shape { entry.shape = shape.description }
            entries[key] = entry
        }
        let module = path
        state.withLock { state in
            add(to: &state.operations, name)
            // the module and all around it
            var end = module.endIndex
            while end > module.startIndex {
                add(to: &state.modules, String(module[..<end]))
                end = module[..<end].lastIndex(of: ".") ?? module.startIndex
            }
        }
    }

    /// `VLA_PROFILE=1`: measures from the first operation on and prints at exit.
    private static let environmentSwitch: Void = {
        guard let value = ProcessInfo.processInfo.environment["VLA_PROFILE"], !["", "0"].contains(value) else { return }
        start()
        atexit { FileHandle.standardError.write(Data((Profiler.report.table + "\n").utf8)) }
    }()
}

extension Profiler.Report {
    /// The report as a table of text.
    public var table: String {
        func line(_ entry: Profiler.Entry, of total: Double) -> String {
            let name = entry.name + (entry.phase == .backward ? " (backward)" : "")
            return name.padding(toLength: 34, withPad: " ", startingAt: 0)
                + String(
                    format: "%8d %10.3f %6.1f %9.1f %8.1f ", entry.calls, entry.seconds * 1e3,
                    100 * entry.seconds / max(total, 1e-12), entry.gigaflopsPerSecond, entry.gigabytesPerSecond)
                + entry.shape
        }
        let total = operations.reduce(0) { $0 + $1.seconds }
        let header =
            "operation".padding(toLength: 34, withPad: " ", startingAt: 0)
            + "   calls         ms      %  GFLOP/s     GB/s"
        var lines = [header] + operations.map { line($0, of: total) }
        if !modules.isEmpty {
            lines += ["", "module"] + modules.map { line($0, of: total) }
        }
        lines.append(
            String(
                format: "operations: %.3f of %.3f s; peak of tensor memory: %d MiB", total, seconds,
                peakBytes / 1_048_576))
        return lines.joined(separator: "\n")
    }
}
