import RobotInterface
import ActionTokenizer
import TensorCore
import VLAPolicy

extension DiagnosisRun {
    /// What the predicted actions look like on the whole: still, constant, at the ends of their range.
    mutating func examineActions() throws -> Check {
        guard let trial, let base, let sample, let subject else {
            return Check("actions", .skipped, "none were predicted")
        }
        let chunks = base.predictions.compactMap { $0 }
        guard chunks.count > 7 else { return Check("actions", .skipped, "\(chunks.count) were predicted") }
        let last = subject.checkpoint.actionPipeline.dimensionCount - 1
        let before = report.findings.count
        func deviation(_ chunks: [ActionChunk], _ d: Int) -> Double {
            let values = chunks.map { $0[0][d] }
            let mean = values.reduce(0, +) / Double(values.count)
            return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
        }
        // only dimensions that move in the data can tell
        let moving = (0..<last).filter { sample.actions.standardDeviation[$0] > 0.02 }
        let targets = trial.frames.map(\.target)
        let shares = moving.map { deviation(chunks, $0) / max(deviation(targets, $0), 1e-9) }
        let spread = shares.reduce(0, +) / Double(max(shares.count, 1))
        let size = chunks.reduce(0.0) { sum, chunk in
            sum + moving.reduce(0.0) { $0 + abs(chunk[0][$1]) } / Double(max(moving.count, 1))
        }
        let sizeOfData = targets.reduce(0.0) { sum, chunk in
            sum + moving.reduce(0.0) { $0 + abs(chunk[0][$1]) } / Double(max(moving.count, 1))
        }
        let motion = size / max(sizeOfData, 1e-9)
        let wasCollapsed = !moving.isEmpty && spread < 0.1
        if wasCollapsed {
            let still = motion < 0.15
            report.add(
                Finding(
                    still ? .standsStill : .constantAction, in: .training, .symptom,
                    certainty: 0.93 - spread,
                    detail: still
                        ? "The predicted motion is close to none at all frames, whatever is seen."
                        : "The predicted motion is the same at all frames, whatever is seen.",
                    evidence: [
                        Evidence("deviation of the predictions, share of the data's", spread, expected: 1),
                        Evidence("size of the motion, share of the data's", motion, expected: 1),
                    ],
                    remedy: "train with less augmentation and a lower rate; leave idle frames out; watch the actions' "
                        + "deviation in the log"))
        }

        // at the ends
        let limit = subject.checkpoint.actionPipeline.space.limit
        func atEnd(_ chunks: [ActionChunk]) -> Double {
            var (count, total) = (0, 0)
            for chunk in chunks {
                for d in moving {
                    total += 1
                    if abs(chunk[0][d]) > 0.98 * limit { count += 1 }
                }
            }
            return Double(count) / Double(max(total, 1))
        }
        let (ends, endsOfData) = (atEnd(chunks), atEnd(targets))
        if ends > 0.25, ends > 4 * endsOfData + 0.1 {
            report.add(
                Finding(
                    .saturated, in: .checkpoint, .symptom, certainty: min(0.4 + ends / 2, 0.7),
                    detail: "Many predicted motions lie at the limit, few recorded ones do.",
                    evidence: [Evidence("share at the limit", ends, expected: endsOfData)],
                    remedy: "compare the statistics in pipeline.json with `vla data stats`"))
        }
        let gripper = { (chunks: [ActionChunk]) in
            Double(
                chunks.count {
                    GripperCoding.closes($0[0][last], subject.checkpoint.actionPipeline.space.gripperConvention)
                }) / Double(max(chunks.count, 1))
        }
        return Check(
            "actions", report.findings.count > before ? .sick : .sound,
            "motion varies \(Evidence.short(spread)) times as much as the data's, is \(Evidence.short(motion)) times as "
                + "large; gripper closed in \(Evidence.short(100 * gripper(chunks))) % (data "
                + "\(Evidence.short(100 * gripper(targets))) %), at the limit \(Evidence.short(100 * ends)) % (data "
                + "\(Evidence.short(100 * endsOfData)) %)")
    }

    /// Whether the policy looks, listens and feels: how far its actions move when one input is that of another moment.
    mutating func examineSensitivity() throws -> Check {
        guard let trial, let base, let subject else {
            return Check("sensitivity", .skipped, "the policy was not asked")
        }
        let seen = subject.checkpoint.observationPipeline
        let before = report.findings.count
        // collapsed policies react to nothing: the cause is named elsewhere
        let collapsed = report.findings.contains {
            [.standsStill, .constantAction, .weightsUntrained, .weightsPartlyUntrained, .weightsZero].contains($0.cause)
        }
        let frames = trial.frames
        // of another demonstration, and for words of another task
        func partner(_ index: Int, otherTask: Bool) -> Int? {
            for step in 1..<frames.count {
                let other = (index + step * 7 + 3) % frames.count
                if otherTask
                    ? frames[other].observation.instruction != frames[index].observation.instruction
                    : frames[other].episode != frames[index].episode
                {
                    return other
                }
            }
            return nil
        }
        var places: [String: Int] = [:]
        for (index, frame) in frames.enumerated() { places["\(frame.episode) \(frame.frame)"] = index }
        func influence(otherTask: Bool, _ change: @escaping (inout Observation, Observation) -> Void) throws -> Double?
        {
            var alteration = Alteration(.unexplained, "", remedy: "")
            alteration.observation = { observation, frame in
                guard let index = places["\(frame.episode) \(frame.frame)"],
                    let other = partner(index, otherTask: otherTask)
                else { return nil }
                var observation = observation
                change(&observation, frames[other].observation)
                return observation
            }
            guard let outcome = try trial.outcome([alteration]) else { return nil }
            var (sum, count) = (0.0, 0)
            for (a, b) in zip(base.predictions, outcome.predictions) {
                guard let a, let b else { continue }
                for step in 0..<a.horizon {
                    for d in 0..<a.dimensionCount - 1 {
                        sum += abs(a[step][d] - b[step][d]) / trial.scale[d]
                        count += 1
                    }
                }
            }
            return count > 0 ? sum / Double(count) : nil
        }
        var details: [String] = []
        func judge(_ cause: Cause, _ name: String, _ value: Double?, threshold: Double, remedy: String) {
            guard let value else { return }
            details.append("\(name) \(Evidence.short(value))")
            guard value < threshold, !collapsed else { return }
            // a small policy learns to look late: after 32 000 examples it is hardly better than a blind one
            let isYoung = cause == .ignoresImages && (1..<50_000).contains(subject.checkpoint.training.exampleCount)
            report.add(
                Finding(
                    cause, in: .training, .symptom, certainty: isYoung ? 0.4 : 0.85 - 0.3 * value / threshold,
                    detail: "Its actions hardly move when \(name) are those of another moment."
                        + (isYoung
                            ? " After \(subject.checkpoint.training.exampleCount) examples that may be so; train longer."
                            : ""),
                    evidence: [Evidence("movement, in deviations of the data", value, expected: 0.3)], remedy: remedy))
        }
        if !seen.cameras.isEmpty {
            judge(
                .ignoresImages, "the images", try influence(otherTask: false) { $0.cameras = $1.cameras },
                threshold: 0.04,
                remedy: "check that the training images show the scene (`vla data view`) and belong to their actions; "
                    + "train longer, with \"eventWeight\" and \"pointing\"")
        }
        if seen.prompt != nil, Set(frames.map(\.observation.instruction)).count > 1 {
            judge(
                .ignoresInstruction, "the words",
                try influence(otherTask: true) { $0.instruction = $1.instruction }, threshold: 0.015,
                remedy:
                    "check that instructions belong to their demonstrations; train on scenes where several tasks are "
                    + "possible")
        }
        if seen.state != nil {
            judge(
                .ignoresState, "the state", try influence(otherTask: false) { $0.state = $1.state }, threshold: 0.01,
                remedy: "check the state's statistics")
        }
        if let camera = seen.cameras.first, let sample {
            // the same image everywhere shows nothing
            let images = try sample.frames.prefix(24).map { try $0.observation.cameras[camera.name]?.image() }
            if Set(images.map { $0?.pixels }).count == 1 || images.allSatisfy({ Self.isFlat($0?.pixels ?? []) }) {
                report.add(
                    Finding(
                        .blankImages, in: .data, .proof, certainty: 0.97,
                        detail: "All images of \(camera.name) are the same, or one colour.",
                        remedy: "vla data view \(doctor.data.lastPathComponent): record the images again"))
            }
        }
        return Check(
            "sensitivity", report.findings.count > before ? .sick : .sound,
            "movement of the actions, in deviations of the data, with another moment's: "
                + details.joined(separator: ", "))
    }

    private static func isFlat(_ pixels: [UInt8]) -> Bool {
        guard let low = pixels.min(), let high = pixels.max() else { return true }
        return high - low < 8
    }

    /// What remains when no cause is named, and what follows from one that is.
    mutating func explain() {
        guard let base else { return }
        // a policy that does nothing seems to agree with commands that are made small
        if report.findings.contains(where: { [.standsStill, .constantAction].contains($0.cause) }) {
            report.findings.removeAll { $0.cause == .actionScale && $0.kind == .restoration }
        }
        let named = report.findings.filter { $0.certainty >= DoctorReport.alarm }
        let relative = base.agreement.relative
        if named.isEmpty, relative > 0.97 {
            report.add(
                Finding(
                    .unexplained, in: .checkpointOrData, .symptom, certainty: 0.6,
                    detail: "The policy is no better at its data than doing always the same.",
                    evidence: [Evidence("error, as a share of always doing the same", relative)],
                    remedy: "compare images, states and words with those of the training by eye (vla data view); train "
                        + "anew on a few demonstrations until the error falls"))
        }
        // symptoms of a cause that was found are no causes
        let causes = report.findings.contains { $0.kind != .symptom && $0.certainty >= 0.7 }
        guard causes else { return }
        for index in report.findings.indices where report.findings[index].kind == .symptom {
            report.findings[index].certainty *= 0.7
        }
    }
}
