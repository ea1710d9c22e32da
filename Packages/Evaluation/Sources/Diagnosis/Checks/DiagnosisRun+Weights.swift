import FileSupport
import Foundation
import TensorCore
import TensorNN
import VLAPolicy

extension DiagnosisRun {
    /// Whether the weights are trained ones, of a plausible size, and the training's own.
    mutating func examineWeights() throws -> Check {
        guard let subject else { return Check("weights", .skipped, "there are none") }
        let before = report.findings.count
        let fresh = [subject.fresh(11), subject.fresh(12)]
        let frozen = frozenPrefixes(subject)

        // tensor by tensor
        var untrained: [String: [Bool]] = [:]
        var (zero, wild): ([String], [String]) = ([], [])
        for (name, tensor) in subject.checkpoint.weights where !frozen.contains(where: name.hasPrefix) {
            guard let drawn = fresh[0][name], tensor.shape == drawn.shape else { continue }
            let values = tensor.converted(to: .float32).contiguous.elements()
            let reference = WeightLikeness(drawn.contiguous.elements(), fresh[1][name]!.contiguous.elements())
            if values.count >= 16, values.allSatisfy({ $0 == 0 }), !reference.isConstant { zero.append(name) }
            if reference.isImplausible(values) { wild.append(name) }
            guard let isFresh = reference.isFresh(values) else { continue }
            untrained[group(name), default: []].append(isFresh)
        }
        let groups = untrained.filter { $0.value.allSatisfy { $0 } }.keys.sorted()
        let tensorCount = untrained.values.reduce(0) { $0 + $1.count }
        if !groups.isEmpty, groups.count == untrained.count {
            report.add(
                Finding(
                    .weightsUntrained, in: .checkpoint, .proof, certainty: 0.98,
                    detail: "All \(tensorCount) tensors that can tell look as they are drawn before training.",
                    evidence: [Evidence("groups of tensors as drawn", Double(groups.count), expected: 0)],
                    remedy: "load strictly: something was loaded with missing names ignored, and the model saved again")
            )
        } else if !groups.isEmpty {
            report.add(
                Finding(
                    .weightsPartlyUntrained, in: .checkpoint, .proof, certainty: 0.95,
                    detail: "These parts look as they are drawn before training: \(groups.joined(separator: ", ")).",
                    evidence: [
                        Evidence("groups of tensors as drawn", Double(groups.count), expected: 0),
                        Evidence("groups that are trained", Double(untrained.count - groups.count)),
                    ],
                    remedy: "load these tensors by their names in the file (`vla inspect` lists them), and save again"))
        }
        if !zero.isEmpty {
            report.add(
                Finding(
                    .weightsZero, in: .checkpoint, .proof, certainty: 0.9,
                    detail: "Zero everywhere: \(zero.sorted().prefix(6).joined(separator: ", ")).",
                    evidence: [Evidence("tensors of zeros", Double(zero.count), expected: 0)],
                    remedy: "find out who wrote these tensors; copy them from the training's checkpoint"))
        }
        if !wild.isEmpty {
            report.add(
                Finding(
                    .weightsImplausible, in: .checkpoint, .symptom, certainty: 0.6,
                    detail: "Far larger than before training: \(wild.sorted().prefix(6).joined(separator: ", ")).",
                    evidence: [Evidence("tensors", Double(wild.count), expected: 0)],
                    remedy: "take an earlier checkpoint; lower the learning rate or clip gradients"))
        }

        // what the training's model predicted for known inputs
        var detail = "\(tensorCount) tensors differ from fresh ones, none is zero or wild"
        if let recorded = subject.checkpoint.training.check {
            let distance = recorded.distance(to: try subject.check())
            if distance > 0.1 {
                report.add(
                    Finding(
                        .weightsChanged, in: .checkpoint, .proof, certainty: 0.75,
                        detail: "For inputs that are always the same the model does not predict what it did when it "
                            + "was saved.",
                        evidence: [Evidence("difference as a share of the prediction", distance, expected: 0)],
                        remedy: "take the training's own model.safetensors; whatever converted, merged or renamed the "
                            + "weights changed them"))
            } else {
                detail += "; known inputs give what they gave after the training"
            }
        }
        if report.findings.count > before { detail = report.findings[before...].map(\.detail).joined(separator: " ") }
        return Check("weights", report.findings.count > before ? .sick : .sound, detail)
    }

    /// Names of parameters that were not to be trained.
    private func frozenPrefixes(_ subject: PolicyUnderTest) -> [String] {
        var result = subject.checkpoint.training.recipe?.training.frozen ?? []
        let model = try? StrictJSON(parsing: subject.checkpoint.configuration, file: "config.json")
        if model?["settings"]?["freezesVision"]?.bool == true {
            result.append("vision_encoder.")
        }
        return result
    }

    /// A tensor's module: the name up to the last two parts, such as `encoder.blocks.0.attention`.
    private func group(_ name: String) -> String {
        let parts = name.split(separator: ".")
        return parts.count < 2 ? name : parts.dropLast(parts.count > 3 ? 2 : 1).joined(separator: ".")
    }
}

/// What a tensor looks like before training, to tell whether another one was trained.
struct WeightLikeness {
    private let bound: Float
    private let deviation: Double
    private let isUniform: Bool
    let isConstant: Bool
    private let constant: Float

    /// From two draws.
    init(_ a: [Float], _ b: [Float]) {
        let (first, all) = (a.first ?? 0, a + b)
        constant = first
        isConstant = all.allSatisfy { $0 == first }
        bound = all.reduce(0) { max($0, abs($1)) }
        let squares = all.reduce(0.0) { $0 + Double($1) * Double($1) }
        deviation = (squares / Double(max(a.count + b.count, 1))).squareRoot()
        // uniform numbers have the deviation bound/√3, normal ones of this count a far larger bound
        isUniform = !isConstant && abs(deviation * 3.0.squareRoot() / Double(max(bound, 1e-12)) - 1) < 0.06
    }

    /// Whether the values look as drawn; nil when so few cannot tell.
    func isFresh(_ values: [Float]) -> Bool? {
        if isConstant {
            guard values.count >= 16 else { return nil }
            return values.allSatisfy { $0 == constant }
        }
        guard values.count >= 200 else { return nil }
        if isUniform {
            // training moves some beyond the bound, and none of a fresh one is there
            let limit = bound * (1 + 4 / Float(values.count)) + bound * 1e-3
            return !values.contains { abs($0) > limit } && values.contains { abs($0) > 0.9 * bound }
        }
        // wide normal ones hardly change in training
        guard values.count >= 1000, deviation < 0.1 else { return nil }
        let squares = values.reduce(0.0) { $0 + Double($1) * Double($1) }
        let ratio = (squares / Double(values.count)).squareRoot() / max(deviation, 1e-12)
        return abs(ratio - 1) < 3 / (2 * Double(values.count)).squareRoot()
    }

    func isImplausible(_ values: [Float]) -> Bool {
        let largest = values.reduce(0) { max($0, abs($1)) }
        return !isConstant && bound > 0 && largest > 200 * bound
    }
}
