import Foundation

/// The log, the progress lines and the times of saved states of a run, on rank 0.
struct TrainingRecorder {
    private let loop: TrainingLoop
    private let log: RunLog?
    private let clock = ContinuousClock()
    private let firstStep: Int
    private let start: ContinuousClock.Instant
    private var lastUpdate, lastState, lastLine: ContinuousClock.Instant

    /// Opens the log, and removes the records of updates that are going to be repeated.
    init(_ loop: TrainingLoop, from step: Int) throws {
        self.loop = loop
        firstStep = step
        log = try loop.logFile.map { try RunLog(at: $0) }
        try log?.removeTail(after: Double(step))
        start = clock.now
        (lastUpdate, lastState, lastLine) = (start, start, start)
    }

    /// Completes the record of an update, writes it, and now and then a line on standard error.
    mutating func append(_ record: [String: LogValue], step: Int) throws {
        let now = clock.now
        var record = record
        record["step"] = LogValue(step)
        record["seconds"] = .number(Self.seconds(now - lastUpdate))
        lastUpdate = now
        try log?.append(record)

        guard let time = loop.timePerProgressLine, now - lastLine >= time || step == loop.stepCount else { return }
        lastLine = now
        let perStep = Self.seconds(now - start) / Double(step - firstStep)
        let left = perStep * Double(loop.stepCount - step)
        let loss = record["loss"]?.number ?? .nan
        let line = String(
            format: "step %d/%d  loss %.4f  %.3f s/step  %.0f s left\n", step, loop.stepCount, loss, perStep, left)
        FileHandle.standardError.write(Data(line.utf8))
    }

    /// Whether a state is to be saved after this update; the last one always is.
    func isStateDue(step: Int) -> Bool {
        if step == loop.stepCount { return true }
        if let steps = loop.stepsPerState, step % steps == 0 { return true }
        if let time = loop.timePerState, clock.now - lastState >= time { return true }
        return false
    }

    /// Brings the log to the disk together with the state.
    mutating func noteSaved() throws {
        lastState = clock.now
        try log?.synchronize()
    }

    private static func seconds(_ duration: Duration) -> Double {
        let (seconds, attoseconds) = duration.components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}

/// Mean values of the micro-batches of an update.
struct MetricAverages {
    private var sums: [String: Double] = [:]
    private var count = 0

    mutating func add(_ values: [Float], names: [String]) {
        for (name, value) in zip(names, values) { sums[name, default: 0] += Double(value) }
        count += 1
    }

    /// The means, and a new start.
    mutating func take() -> [String: LogValue] {
        defer { (sums, count) = ([:], 0) }
        return sums.mapValues { .number($0 / Double(count)) }
    }
}
