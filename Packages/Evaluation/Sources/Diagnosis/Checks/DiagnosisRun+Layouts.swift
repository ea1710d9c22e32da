import FileSupport
import Foundation
import TensorCore
import VLAPolicy

extension DiagnosisRun {
    /// Tries the wrong layouts that names and shapes do not show, when the weights do not do what they did or the policy
    /// is no good: rows of queries and keys for another rotation, a square matrix transposed.
    mutating func examineLayouts() throws -> Check? {
        guard let subject else { return nil }
        let weights = subject.checkpoint.weights
        let recorded = subject.checkpoint.training.check
        let changed = report.findings.contains { $0.cause == .weightsChanged }
        // without a record the agreement with the data has to tell
        let isBad = base.map { $0.agreement.relative > 0.6 } ?? false
        guard changed || (recorded == nil && isBad) else { return nil }
        guard !report.findings.contains(where: { [.weightsUntrained, .weightsPartlyUntrained].contains($0.cause) })
        else {
            return nil
        }

        var candidates: [(Cause, String, String, [String: Tensor])] = []
        if let size = headSize(subject) {
            let rotated = weights.keys.filter { $0.hasSuffix("q_proj.weight") || $0.hasSuffix("k_proj.weight") }
            for (name, toHalves) in [("neighbouring pairs", true), ("halves", false)] {
                var other = weights
                for key in rotated { other[key] = Self.reordered(weights[key]!, headSize: size, toHalves: toHalves) }
                candidates.append(
                    (
                        .rotaryOrder, "rows of queries and keys taken from \(name)",
                        "vla inspect FILE --convert FOLDER brings old weights into today's order", other
                    ))
            }
        }
        let square = weights.filter { _, t in t.shape.rank == 2 && t.shape[0] == t.shape[1] && t.shape[0] >= 8 }
        for key in square.keys.sorted().prefix(256) {
            var other = weights
            other[key] = weights[key]!.permuted([1, 0]).contiguous
            candidates.append(
                (
                    .weightsTransposed, "\(key) transposed",
                    "store linear layers as [output, input], as torch.nn.Linear has them", other
                ))
        }

        var best: (index: Int, value: Double)?
        let start: Double
        if let recorded {
            start = recorded.distance(to: try subject.check())
        } else {
            start = base?.agreement.relative ?? 1
        }
        for (index, candidate) in candidates.enumerated() {
            let other = try subject.with(candidate.3)
            let value: Double
            if let recorded {
                value = recorded.distance(to: try other.check())
            } else {
                guard let trial, let sample,
                    let outcome = try Trial(other, trial.frames, deviation: sample.actions.standardDeviation).outcome()
                else { continue }
                value = outcome.agreement.relative
            }
            if value < best?.value ?? .infinity { best = (index, value) }
        }
        guard let best, best.value < (recorded == nil ? 0.7 : 0.4) * start else {
            return Check("layouts", .sound, "\(candidates.count) other layouts tried, none helps")
        }
        let (cause, what, remedy, _) = candidates[best.index]
        report.add(
            Finding(
                cause, in: .checkpoint, .proof, certainty: best.value < 0.1 * start ? 0.97 : 0.85,
                detail: recorded == nil
                    ? "With \(what) the policy agrees better with its data."
                    : "With \(what) the model predicts what it did after its training.",
                evidence: [
                    Evidence(recorded == nil ? "error" : "difference of known predictions", start, expected: 0),
                    Evidence("with the change", best.value),
                ], remedy: remedy))
        return Check("layouts", .sick, what)
    }

    /// Of a decoder that rotates queries and keys; nil for models without.
    private func headSize(_ subject: PolicyUnderTest) -> Int? {
        let model = try? StrictJSON(parsing: subject.checkpoint.configuration, file: "config.json")
        return model?["settings"]?["decoder"]?["headSize"]?.integer
    }

    /// Rows of each head: pair 2j, 2j + 1 to j, j + size/2, or back.
    private static func reordered(_ tensor: Tensor, headSize size: Int, toHalves: Bool) -> Tensor {
        let rows = tensor.shape[0]
        guard size > 1, rows % size == 0 else { return tensor }
        let columns = tensor.shape.elementCount / rows
        let values = tensor.converted(to: .float32).contiguous.elements()
        var result = values
        for head in stride(from: 0, to: rows, by: size) {
            for j in 0..<size / 2 {
                for (half, pair) in [(j, 2 * j), (j + size / 2, 2 * j + 1)] {
                    let (from, to) = toHalves ? (head + pair, head + half) : (head + half, head + pair)
                    for c in 0..<columns { result[to * columns + c] = values[from * columns + c] }
                }
            }
        }
        return Tensor(result, tensor.shape)
    }
}
