import RobotInterface
import TensorCore
import VLAPolicy

extension DiagnosisRun {
    /// Tokens: whether the cache changes them, whether words are likelier, whether the loss learns them by value.
    mutating func examineDecoding() throws -> Check? {
        guard let subject, let trial, let write = subject.tokens, let sample else { return nil }
        let before = report.findings.count
        var details: [String] = []
        let pipeline = subject.checkpoint.observationPipeline
        let prepared = (try trial.prepare([], pipeline) ?? []).compactMap { $0 }
        let chosen = stride(from: 0, to: prepared.count, by: max(prepared.count / 4, 1)).map { prepared[$0] }
        let differing = chosen.count {
            let (cached, uncached) = write($0, pipeline)
            return cached != uncached
        }
        details.append("cached and uncached decoding agree at \(chosen.count - differing) of \(chosen.count) frames")
        if differing > 0 {
            report.add(
                Finding(
                    .cachedDecoding, in: .inference, .proof, certainty: 0.95,
                    detail: "With a key/value cache other tokens are written than without.",
                    evidence: [Evidence("frames that differ", Double(differing), expected: 0)],
                    remedy: "decode without the cache (usesCache: false) and report the machine: they have to be equal")
            )
        }

        // ids that stand for actions inside the instructions
        if subject.masksByValue, let coding = subject.checkpoint.actionPipeline.tokens {
            let actionIDs = Set(coding.tokenIDs)
            let inside = prepared.reduce(0) { $0 + $1.promptIDs.count { actionIDs.contains($0) } }
            report.add(
                Finding(
                    .lossMask, in: .training, .proof, certainty: inside > 0 ? 0.93 : 0.6,
                    detail: "The loss learns every id that stands for an action, also inside the instruction.",
                    evidence: [Evidence("such ids in the prompts of the sample", Double(inside), expected: 0)],
                    remedy: "set \"token\": {\"loss\": {\"variant\": \"action\"}} in the recipe and train again"))
        }
        let set = try subject.prepared(sample.frames.prefix(16))
        let metrics = subject.metrics(try set.batch(Array(0..<set.count), using: PhiloxGenerator(seed: 0)))
        if let leaks = metrics["leakRate"] {
            details.append("words likelier than actions at \(Evidence.short(100 * leaks)) % of the places")
            if leaks > 0.3 {
                report.add(
                    Finding(
                        .wordsForActions, in: .checkpoint, .symptom, certainty: min(0.4 + leaks / 2, 0.8),
                        detail: "The likeliest token of all is often one that stands for no action.",
                        evidence: [Evidence("share of the places", leaks, expected: 0)],
                        remedy: "check the map of action tokens; train longer"))
            }
        }
        if let entropy = metrics["entropy"] { details.append("entropy of the bins \(Evidence.short(entropy)) bits") }
        return Check(
            "decoding", report.findings.count > before ? .sick : .sound, details.joined(separator: ", "))
    }

    /// Whether the policy as it is run gives the checkpoint's actions.
    mutating func examineServed() throws -> Check? {
        guard let served = doctor.served, let trial, let base, let subject else { return nil }
        var (differing, stale, count) = (0, 0, 0)
        var worst = 0.0
        // in the order of time, as a robot asks
        let order = trial.frames.indices.sorted {
            (trial.frames[$0].episode, trial.frames[$0].frame) < (trial.frames[$1].episode, trial.frames[$1].frame)
        }
        var earlier: ActionChunk?
        for index in order {
            guard let own = base.predictions[index] else { continue }
            var generator = PhiloxGenerator(seed: 0, stream: UInt64(index))
            let chunk = try served.actionChunk(for: trial.frames[index].observation, using: &generator)
            count += 1
            let difference = Self.distance(chunk, own, trial.scale)
            worst = max(worst, difference)
            if difference > 0.02 {
                differing += 1
                if let earlier, Self.distance(chunk, earlier, trial.scale) < 0.02 { stale += 1 }
            }
            earlier = own
        }
        let detail = "\(differing) of \(count) chunks differ from the checkpoint's own"
        guard differing > 0, !subject.drawsActions else {
            return Check("inference", .sound, detail)
        }
        let isStale = stale * 2 > differing
        report.add(
            Finding(
                isStale ? .staleObservation : .otherInference, in: .inference, .proof, certainty: 0.97,
                detail: isStale
                    ? "As it is run, the policy answers what it was asked before."
                    : "As it is run, the policy gives other actions than the checkpoint does for the same frames.",
                evidence: [
                    Evidence("chunks that differ", Double(differing), expected: 0),
                    Evidence("largest difference, in deviations of the data", worst, expected: 0),
                ],
                remedy: isStale
                    ? "empty queues and caches between observations; take the newest frame"
                    : "run it through PolicyCheckpoint.policy(), or compare its prepared inputs with the pipeline's"))
        return Check("inference", .sick, detail)
    }

    static func distance(_ a: ActionChunk, _ b: ActionChunk, _ scale: [Double]) -> Double {
        guard a.horizon == b.horizon, a.dimensionCount == b.dimensionCount else { return .infinity }
        var sum = 0.0
        for step in 0..<a.horizon {
            for d in 0..<a.dimensionCount { sum += abs(a[step][d] - b[step][d]) / scale[d] }
        }
        return sum / Double(a.horizon * a.dimensionCount)
    }
}
