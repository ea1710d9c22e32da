import SuccessStatistics
import ActionTokenizer
import Evaluation
import LiberoData

extension DiagnosisRun {
    /// What the episodes tell: whether any of them succeeds, and how the others fail.
    ///
    /// - Parameter reaches: How near a demonstration comes to what its task is about, metres, by task.
    mutating func examineClosedLoop(reaches: [Int: Double]) throws -> Check {
        let episodes = report.episodes
        let before = report.findings.count
        let failed = episodes.filter { !$0.isSuccess }
        let rate = SuccessRate(successCount: episodes.count - failed.count, trialCount: episodes.count)
        var detail = "\(rate.successCount) of \(rate.trialCount) succeed"
        if rate.successCount == 0 {
            // a cause that was named explains how the episodes fail, and one that learnt little may fail in any way
            let isExplained = report.findings.contains { $0.certainty >= DoctorReport.alarm }
            let isGood = base.map { $0.agreement.relative < Self.goodAgreement } ?? false
            try nameFreezing(failed, isExplained: isExplained, isGood: isGood)
            nameMissing(failed, reaches)
        }
        let ends = Dictionary(grouping: failed, by: \.end).sorted { $0.key.rawValue < $1.key.rawValue }
        if !ends.isEmpty {
            detail += "; " + ends.map { "\($0.value.count) \($0.key.words)" }.joined(separator: ", ")
        }
        let isSick = report.findings.count > before || rate.successCount == 0
        return Check("episodes", isSick ? .sick : .sound, detail)
    }

    /// Errors at the data below this share of always doing the same are those of a policy that has learnt its task.
    static let goodAgreement = 0.35

    /// Episodes in which it stood still, from some step on or from the first.
    private mutating func nameFreezing(_ failed: [EpisodeSummary], isExplained: Bool, isGood: Bool) throws {
        let frozen = failed.filter {
            [.froze, .stoodStill, .sameAction].contains($0.end) && $0.stillCount >= EpisodeSummary.longPause
        }
        guard frozen.count * 2 >= failed.count, let longest = frozen.max(by: { $0.stillCount < $1.stillCount }) else {
            return
        }
        var evidence = [
            Evidence("steps without motion in the longest case", Double(longest.stillCount), expected: 0),
            Evidence("the first of them", Double(longest.stillStart)),
            Evidence("of them with the very action of the step before", Double(longest.repeatedCount)),
            Evidence("episodes that end so", Double(frozen.count), expected: 0),
        ]
        let column = subject?.checkpoint.training.recipe?.data.actionColumn
        let pauses = try dataset.map { try DataPauses($0, column: column) }
        if let pauses {
            evidence += [
                Evidence("share of the data's frames that ask for nothing (no-ops)", pauses.share, expected: 0),
                Evidence("longest such pause of a demonstration, frames", Double(pauses.longest)),
            ]
        }
        let arePaused = pauses.map { $0.share >= 0.02 && $0.longest >= 3 } ?? false
        // teachers who wait for a second and more are reason enough
        let waits = pauses.map { $0.share >= 0.1 && $0.longest >= 20 } ?? false
        let horizon = subject?.checkpoint.actionPipeline.horizon ?? 1
        let certainty =
            if isExplained || !(isGood || waits) { 0.45 } else if isGood { arePaused ? 0.85 : 0.6 } else { 0.75 }
        report.add(
            Finding(
                .freezes, in: .training, .symptom, certainty: certainty,
                detail: "In \(frozen.count) of \(report.episodes.count) episodes it stands still "
                    + (longest.stillStart < 5 ? "from the first steps" : "after \(longest.stillStart) steps")
                    + (longest.holdsWhileStill ? " with something in the hand" : "")
                    + (isGood ? ", though at the data's frames it does what was done." : ".")
                    + (arePaused
                        ? " The demonstrations pause; where nothing changes, the likeliest action is to do nothing again."
                        : ""),
                evidence: evidence,
                remedy:
                    "leave frames that do nothing out, as OpenVLA's no_noops sets do: \"data\": {\"noOpThreshold\": 0.02} in "
                    + "the recipe; or set \"action\": {\"horizon\": \(max(4 * horizon, 8))}, so that a chunk reaches beyond a "
                    + "pause, and train again"))
    }

    /// Episodes in which the hand never came near what the goal is about: where to look, but no cause, so no alarm.
    private mutating func nameMissing(_ failed: [EpisodeSummary], _ reaches: [Int: Double]) {
        let far = failed.filter { $0.end == .neverReached }
        guard far.count == failed.count, let nearest = far.compactMap(\.closest).min(by: { $0.distance < $1.distance })
        else { return }
        var evidence = [Evidence("nearest approach to \(nearest.object), cm", nearest.distance * 100, expected: 0)]
        if let reach = reaches.values.max() {
            evidence.append(Evidence("of the demonstrations to what they move, cm", reach * 100))
        }
        report.add(
            Finding(
                .neverReaches, in: .training, .symptom, certainty: 0.45,
                detail: "In no episode does the hand come near what it has to move.", evidence: evidence,
                remedy: "see where it goes instead (vla evaluate --videos 2); collect demonstrations from more places "
                    + "(vla collect), and train longer"))
    }
}

/// Frames of demonstrations that ask for nothing.
struct DataPauses {
    /// Of all frames.
    let share: Double
    /// Frames of the longest pause.
    let longest: Int

    init(_ dataset: LiberoDataset, column: String?) throws {
        var (frames, idle, longest) = (0, 0, 0)
        for index in dataset.episodes.indices {
            let episode = try dataset.episode(index)
            let actions = try column.map { try episode.column($0) } ?? episode.actions
            guard actions.width >= 2 else { continue }
            let kept = NoOpFilter().keptFrames(actions)
            frames += actions.count
            idle += actions.count - kept.count
            for (a, b) in zip([-1] + kept, kept + [actions.count]) { longest = max(longest, b - a - 1) }
        }
        share = Double(idle) / Double(max(frames, 1))
        self.longest = longest
    }
}
