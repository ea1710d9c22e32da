import RobotInterface
import TensorCore
import VLAPolicy

extension DiagnosisRun {
    /// Training frames through the inference path: whether they can be prepared, what they look like, and whether the
    /// policy is as good at them as its training says.
    mutating func compareInputs() throws -> Check {
        guard let subject, let sample else { return Check("inputs", .skipped, "there are no data") }
        let checkpoint = subject.checkpoint
        var trial = Trial(subject, sample.frames, deviation: sample.actions.standardDeviation)
        let start = ContinuousClock.now
        let base: Trial.Outcome
        do {
            guard let outcome = try trial.outcome() else {
                return Check("inputs", .skipped, "no frame can be prepared")
            }
            base = outcome
        } catch {
            report.add(Self.finding(ofPreparing: error, checkpoint))
            return Check("inputs", .sick, "\(error)")
        }
        (self.base, self.trial) = (base, trial)

        // a slow policy is asked at fewer frames
        let seconds = (ContinuousClock.now - start).inSeconds * 70
        if seconds > options.searchSeconds {
            let stride = min(Int((seconds / options.searchSeconds).rounded(.up)), max(sample.frames.count / 16, 1))
            let fewer = sample.frames.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
            trial = Trial(subject, fewer, deviation: sample.actions.standardDeviation)
            self.trial = trial
            self.base = try trial.outcome()
        }

        let before = report.findings.count
        var details = ["error \(Evidence.short(base.agreement.relative)) of that of doing always the same"]
        if let images = checkpoint.training.images, !checkpoint.observationPipeline.cameras.isEmpty {
            let search = FingerprintSearch(trained: images, trial: trial)
            fingerprints = search
            let distances = try search.distances([]) ?? [:]
            for (camera, found) in distances.sorted(by: { $0.key < $1.key }) {
                details.append("\(camera) \(Evidence.short(found.distance)) deviations from the training's images")
            }
            examineTexture(distances.mapValues(\.own), images)
        }
        if let ratio = try metricsRatio(subject, sample) {
            details.append("loss \(Evidence.short(ratio)) times that of the training's validation")
        }
        return Check("inputs", report.findings.count > before ? .sick : .sound, details.joined(separator: ", "))
    }

    /// The training's own loss at these frames, as a multiple of what its record says.
    func metricsRatio(_ subject: PolicyUnderTest, _ sample: FrameSample) throws -> Double? {
        let recorded = subject.checkpoint.training.metrics
        let name = ["l1", "loss", "squaredError"].first { recorded[$0] != nil }
        guard let name, let expected = recorded[name], expected > 0 else { return nil }
        do { return try metrics(of: sample.frames, subject)[name].map { $0 / expected } } catch is ObservationError {
            return nil
        }
    }

    /// Means over frames of what the training's log holds for a batch.
    func metrics(of frames: [Frame], _ subject: PolicyUnderTest) throws -> [String: Double] {
        let set = try subject.prepared(frames)
        var sums: [String: Double] = [:]
        for start in stride(from: 0, to: set.count, by: 16) {
            let rows = Array(start..<min(start + 16, set.count))
            for (name, value) in subject.metrics(try set.batch(rows, using: PhiloxGenerator(seed: 0))) {
                sums[name, default: 0] += value * Double(rows.count)
            }
        }
        return sums.mapValues { $0 / Double(max(set.count, 1)) }
    }

    private static func finding(ofPreparing error: any Error, _ checkpoint: PolicyCheckpoint) -> Finding {
        if case PipelineError.unknownWords(let words, _) = error {
            let template = checkpoint.observationPipeline.prompt?.template ?? ""
            let isTemplate = words.contains { WordTokenizer.split(template).contains($0) }
            return Finding(
                isTemplate ? .template : .instruction, in: isTemplate ? .checkpoint : .data, .proof, certainty: 0.95,
                detail: "\(error)",
                remedy: isTemplate
                    ? "write the template of the training into pipeline.json"
                    : "give the instructions the policy was trained with, or train it on these")
        }
        if case PipelineError.promptTooLong = error {
            return Finding(
                .template, in: .checkpointOrData, .proof, certainty: 0.9, detail: "\(error)",
                remedy: "write the template of the training into pipeline.json")
        }
        return Finding(
            .dataUnreadable, in: .checkpointOrData, .proof, certainty: 0.9, detail: "\(error)",
            remedy: "give the policy the cameras and the state its pipeline names")
    }

    /// Sharpness: what resizing and codecs leave. Images of the same source agree to 5 % in these numbers.
    private mutating func examineTexture(
        _ found: [CameraName: ImageFingerprint], _ trained: [CameraName: ImageFingerprint]
    ) {
        for (camera, own) in found.sorted(by: { $0.key < $1.key }) {
            guard let texture = own.texture, let expected = trained[camera]?.texture, expected.near > 0.5,
                texture.near > 0
            else { continue }
            let near = Double(texture.near / expected.near)
            let slope = Double(texture.far / texture.near) / Double(expected.far / expected.near)
            let evidence = [
                Evidence("difference of neighbours, share of the training's", near, expected: 1),
                Evidence("two pixels apart over one, share of the training's", slope, expected: 1),
            ]
            if near < 0.88, slope > 1.03 {
                report.add(
                    Finding(
                        .sourceSize, in: .checkpointOrData, .symptom, certainty: min(0.6 + 2 * (0.88 - near), 0.9),
                        detail: "The images of \(camera) are blurred beside the training's, as after making them "
                            + "smaller and larger again.", evidence: evidence,
                        remedy: "render and record at the size the pipeline names; do not resize in between"))
            } else if near > 1.12, slope < 0.96 {
                report.add(
                    Finding(
                        .codec, in: .checkpointOrData, .symptom, certainty: min(0.6 + (near - 1.12), 0.85),
                        detail: "The images of \(camera) have a codec's noise that the training's had not, or the "
                            + "training's were blurred by a resize.", evidence: evidence,
                        remedy: "store images without loss, or state the codec in the pipeline (ImageStep.jpeg)"))
            }
        }
    }
}
