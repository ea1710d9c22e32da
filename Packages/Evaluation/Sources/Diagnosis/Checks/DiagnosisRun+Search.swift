import ActionTokenizer
import TensorCore
import VLAPolicy

extension DiagnosisRun {
    /// Every change that can be undone, for this checkpoint and these data.
    func alterations() -> [Alteration] {
        guard let subject, let sample else { return [] }
        let (seen, acted) = (subject.checkpoint.observationPipeline, subject.checkpoint.actionPipeline)
        var all: [Alteration] = []
        if !seen.cameras.isEmpty {
            all += Alteration.ofPixels(cameras: seen.cameras.map(\.name)) + Alteration.ofPipeline(seen)
        }
        all += Alteration.ofTime().filter { change in
            (change.cause != .imageDelay || !seen.cameras.isEmpty)
                && (change.cause != .stateDelay || seen.state != nil)
        }
        if let state = seen.state {
            let usual = state.layout == .libero ? state.normalization.statistics.mean : nil
            all += Alteration.ofState(usual: usual)
            all += Alteration.ofStateStatistics(seen, data: sample.states)
        }
        all += Alteration.ofWords(subject.checkpoint, instructions: sample.instructions)
        all += Alteration.ofActions(acted.space)
        all += Alteration.ofDecoding(acted, data: sample.actions)
        return all
    }

    /// Reverts each mistake, keeps the reversal that helps most, and searches for a second one.
    mutating func search() throws -> Check {
        guard let trial, let base else { return Check("search", .skipped, "the policy could not be asked") }
        let candidates = alterations()
        var applied: [Alteration] = []
        var current = base
        var tried = 0
        for round in 0..<2 {
            var helpful: [(change: Alteration, outcome: Trial.Outcome, share: Double, errors: Double)] = []
            for change in candidates
            where !applied.contains(where: { $0.what == change.what && $0.cause == change.cause }) {
                guard
                    let outcome = try? trial.outcome(
                        applied + [change], known: applied.contains(where: \.changesInputs) ? nil : base.numbers,
                        comparedTo: base)
                else { continue }
                tried += 1
                let gain = outcome.gain(over: current)
                if gain.share > 0.08, gain.errors > 4 {
                    helpful.append((change, outcome, gain.share, gain.errors))
                }
            }
            if round == 0, let words = try mislabelled(current) {
                let gain = words.outcome.agreement.gain(over: current.agreement)
                if gain.share > 0.08, gain.errors > 4 {
                    helpful.append((words.change, words.outcome, gain.share, gain.errors))
                }
            }
            guard let best = helpful.max(by: { $0.share < $1.share }) else { break }
            // others that do as well cannot be told from it
            let equals = helpful.filter { other in
                let gain = best.outcome.gain(over: other.outcome)
                return other.change.what != best.change.what && (gain.share < 0.03 || gain.errors < 1.5)
            }
            let others = Set(equals.map(\.change.cause)).subtracting([best.change.cause])
            let skill = best.outcome.agreement.relative
            // a policy that stays as bad as a constant one was not restored
            var certainty = 0.45 + 0.5 * min(best.share / 0.4, 1)
            if skill > 0.9 { certainty -= 0.3 }
            if !others.isEmpty { certainty -= 0.05 }
            if round > 0 { certainty -= 0.1 }
            report.add(
                Finding(
                    best.change.cause, in: .checkpointOrData, .restoration, certainty: certainty,
                    detail: "With \(best.change.what) the policy agrees better with its data."
                        + (others.isEmpty
                            ? ""
                            : " Nearly as good, and not to be told apart by this: "
                                + others.map(\.title).sorted().joined(separator: "; ") + "."),
                    evidence: [
                        Evidence("error, as a share of always doing the same", current.agreement.relative),
                        Evidence("with the change", skill),
                        Evidence("standard errors between the two", best.errors),
                    ], remedy: best.change.remedy))
            for other in equals where other.change.cause != best.change.cause {
                report.add(
                    Finding(
                        other.change.cause, in: .checkpointOrData, .restoration, certainty: certainty - 0.15,
                        detail: "With \(other.change.what) the policy agrees better with its data.",
                        evidence: [Evidence("with the change", other.outcome.agreement.relative)],
                        remedy: other.change.remedy))
            }
            applied.append(best.change)
            current = try trial.outcome(applied) ?? best.outcome
        }
        try searchFingerprints(candidates)
        let detail =
            "\(tried) changes undone at \(trial.frames.count) frames, "
            + (applied.isEmpty ? "none helps" : "best: \(applied[0].what)")
        return Check("search", applied.isEmpty ? .sound : .sick, detail)
    }

    /// Which pixels' change makes the images look like the training's.
    private mutating func searchFingerprints(_ candidates: [Alteration]) throws {
        guard let fingerprints, let asIs = try fingerprints.distances([]) else { return }
        let worst = asIs.values.map(\.distance).max() ?? 0
        guard worst > 0.7 else { return }
        var best: (change: Alteration, distance: Double)?
        for change in candidates where change.observation != nil || change.pipeline != nil {
            guard let found = try? fingerprints.distances([change]) else { continue }
            let distance = found.values.map(\.distance).max() ?? .infinity
            if distance < best?.distance ?? .infinity { best = (change, distance) }
        }
        let evidence = [
            Evidence("deviations from the training's images", worst, expected: 0.2),
            Evidence("with the change", best?.distance ?? worst),
        ]
        if let best, best.distance < 0.5 * worst {
            report.add(
                Finding(
                    best.change.cause, in: .checkpointOrData, .restoration,
                    certainty: best.distance < 0.3 * worst ? 0.9 : 0.7,
                    detail: "With \(best.change.what) the images look like the training's.", evidence: evidence,
                    remedy: best.change.remedy))
        } else if worst > 1.5 {
            report.add(
                Finding(
                    .renderProfile, in: .checkpointOrData, .symptom, certainty: min(0.4 + worst / 10, 0.7),
                    detail: "The images do not look like the training's, and no turn or exchange makes them so.",
                    evidence: evidence, remedy: "compare the images: vla data view, and the profile they are drawn with"
                ))
        }
    }

    /// Whether the instructions of tasks are exchanged: each task's frames with every task's words.
    private func mislabelled(_ current: Trial.Outcome) throws -> (change: Alteration, outcome: Trial.Outcome)? {
        guard let trial, let sample, subject?.checkpoint.observationPipeline.prompt != nil,
            (2...20).contains(sample.instructions.count)
        else { return nil }
        var costs: [[Double]] = []
        for instruction in sample.instructions {
            var change = Alteration(.instruction, "", remedy: "")
            change.observation = { observation, _ in
                var observation = observation
                observation.instruction = instruction
                return observation
            }
            guard let outcome = try? trial.outcome([change]) else { return nil }
            costs.append(outcome.agreement.costs)
        }
        // the words that fit half of a task's frames best, tried at the other half
        var chosen: [Int: Int] = [:]
        var costsOfChosen = current.agreement.costs
        for task in sample.instructions.indices {
            let places = trial.frames.indices.filter { trial.frames[$0].task == task }
            for half in 0..<2 {
                let (judged, tried) = (places.filter { $0 % 2 == half }, places.filter { $0 % 2 != half })
                guard !judged.isEmpty else { continue }
                let sums = costs.map { row in judged.reduce(0.0) { $0 + row[$1] } }
                let best = sums.indices.min { sums[$0] < sums[$1] }!
                for place in tried { costsOfChosen[place] = costs[best][place] }
                chosen[task] = best
            }
        }
        let moved = chosen.filter { $0.key != $0.value }.count
        guard moved * 3 >= sample.instructions.count else { return nil }
        var outcome = current
        outcome.agreement.costs = costsOfChosen
        let change = Alteration(
            .instruction, "other tasks' instructions for \(moved) of \(sample.instructions.count) tasks",
            remedy:
                "check which file belongs to which task: `vla data view` shows what is done, `vla data info` what is said"
        )
        return (change, outcome)
    }
}
