import Foundation

/// Means since the last report of a running training, its speed, and the time that is left.
struct TrainingProgress {
    private let stepCount, examplesPerStep: Int
    private let clock = ContinuousClock()
    private var start: (instant: ContinuousClock.Instant, step: Int)?
    private var lastLine: (instant: ContinuousClock.Instant, step: Int)?
    private var sums: [String: Double] = [:]
    private var count = 0

    init(stepCount: Int, examplesPerStep: Int) {
        (self.stepCount, self.examplesPerStep) = (stepCount, examplesPerStep)
    }

    mutating func add(loss: Float, metrics: [String: Float]) {
        if start == nil { start = (clock.now, -1) }
        sums["loss", default: 0] += Double(loss)
        for (name, value) in metrics { sums[name, default: 0] += Double(value) }
        count += 1
    }

    var isLineDue: Bool {
        guard let last = lastLine?.instant ?? start?.instant else { return false }
        return clock.now - last >= .seconds(5)
    }

    /// What there is to say after an update; a new start.
    mutating func take(step: Int) -> PolicyTrainingProgress {
        let now = clock.now
        if start?.step == -1 { start!.step = max(0, step - 1) }
        let since = lastLine ?? start ?? (now, step)
        let seconds = Self.seconds(now - since.instant)
        let speed = Double((step - since.step) * examplesPerStep) / max(seconds, 1e-9)
        let left = Double((stepCount - step) * examplesPerStep) / max(speed, 1e-9)
        let means = sums.mapValues { $0 / Double(max(count, 1)) }
        lastLine = (now, step)
        (sums, count) = ([:], 0)
        return PolicyTrainingProgress(
            step: step, stepCount: stepCount, means: means, examplesPerSecond: speed, secondsLeft: left)
    }

    private static func seconds(_ duration: Duration) -> Double {
        let (seconds, attoseconds) = duration.components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
