import Foundation

/// What happens while a policy is trained. Its description is a line, or several, to be shown.
public enum PolicyTrainingEvent: Sendable, CustomStringConvertible {
    /// A demonstration or an example was left out because it cannot be read.
    case skipped(String)
    /// Demonstrations and examples of each part.
    case read(
        trainingDemonstrations: Int, trainingExamples: Int, validationDemonstrations: Int, validationExamples: Int)
    /// Weights were taken over.
    case started(from: WeightTransfer)
    /// What a frozen tower makes of so many examples is there.
    case features(exampleCount: Int)
    /// The training begins.
    case begins(weightCount: Int, threadCount: Int, imageByteCount: Int, imageMemory: Int)
    case progress(PolicyTrainingProgress)
    /// Means over the validation examples, and signs of a policy that does not look.
    case validation(step: Int, metrics: [String: Double], findings: [String])
    /// The validation did not get better so many times.
    case endsEarly(validationCount: Int)
    /// The trained policy is written; always the last event.
    case finished(PolicyTrainingResult)

    public var description: String {
        switch self {
        case .skipped(let what): what
        case .read(let demonstrations, let examples, let validationDemonstrations, let validationExamples):
            "\(demonstrations) demonstrations for training with \(examples) examples, "
                + "\(validationDemonstrations) for validation with \(validationExamples)"
        case .started(let transfer): "\(transfer)"
        case .features(let count): "features of \(count) examples by the frozen tower"
        case .begins(let weights, let threads, let bytes, let memory):
            "\(weights) weights, \(threads) threads, \(bytes >> 20) MiB of images"
                + (bytes > memory ? ", of which \(memory >> 20) MiB are kept in memory" : "")
        case .progress(let progress): "\(progress)"
        case .validation(_, let metrics, let findings):
            ([Self.text(metrics)] + findings.map { "  \($0)" }).filter { !$0.isEmpty }.joined(separator: "\n")
        case .endsEarly(let count): "No better validation after \(count); the training ends."
        case .finished(let result): "\(result)"
        }
    }

    private static func text(_ metrics: [String: Double]) -> String {
        guard !metrics.isEmpty else { return "" }
        let parts = metrics.sorted { $0.key < $1.key }.map { "\($0.key) \(String(format: "%.4f", $0.value))" }
        return "  validation: " + parts.joined(separator: ", ")
    }
}

/// How far a training is.
public struct PolicyTrainingProgress: Hashable, Sendable, CustomStringConvertible {
    /// Updates made, and those of the whole training.
    public var step, stepCount: Int
    /// Loss and metrics of the updates since the last report.
    public var means: [String: Double]
    public var examplesPerSecond: Double
    /// At the speed since the last report.
    public var secondsLeft: Double

    /// `step 400/10000  loss 0.2110, l1 0.1520  183 examples/s, 12 min left`.
    public var description: String {
        let means = means.sorted { $0.key == "loss" || ($1.key != "loss" && $0.key < $1.key) }
            .map { "\($0.key) \(String(format: "%.4f", $0.value))" }
        let time =
            secondsLeft >= 90 ? String(format: "%.0f min", secondsLeft / 60) : String(format: "%.0f s", secondsLeft)
        return "step \(step)/\(stepCount)  \(means.joined(separator: ", "))  "
            + String(format: "%.0f", examplesPerSecond) + " examples/s, \(time) left"
    }
}
