import Foundation

/// The lines a running training prints: means since the last line, speed, and the time that is left.
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

    /// `step 400/10000  loss 0.2110, l1 0.1520  183 examples/s, 12 min left`.
    mutating func line(step: Int) -> String {
        let now = clock.now
        if start?.step == -1 { start!.step = max(0, step - 1) }
        let since = lastLine ?? start ?? (now, step)
        let seconds = Self.seconds(now - since.instant)
        let speed = Double((step - since.step) * examplesPerStep) / max(seconds, 1e-9)
        let left = Double((stepCount - step) * examplesPerStep) / max(speed, 1e-9)
        let means = sums.sorted { $0.key == "loss" || ($1.key != "loss" && $0.key < $1.key) }
            .map { "\($0.key) \(String(format: "%.4f", $0.value / Double(max(count, 1))))" }
        lastLine = (now, step)
        (sums, count) = ([:], 0)
        let time = left >= 90 ? String(format: "%.0f min", left / 60) : String(format: "%.0f s", left)
        return "step \(step)/\(stepCount)  \(means.joined(separator: ", "))  "
            + String(format: "%.0f", speed) + " examples/s, \(time) left\n"
    }

    private static func seconds(_ duration: Duration) -> Double {
        let (seconds, attoseconds) = duration.components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
