import ActionTokenizer
import Evaluation
import Foundation
import ImageProcessing
import LiberoData
import TensorCore
import VLAPolicy

extension WorldCheck {
    mutating func act(_ examination: inout Examination) throws -> Check {
        guard let specimen = examination.specimen else { return Check("episodes", .skipped, "there is no policy") }
        let differences = try specimen.policy.requirements.differences(from: world.description)
        guard differences.isEmpty else {
            return Check("episodes", .skipped, "the world is not what the policy was trained for")
        }
        var summary: [String] = []
        let starts = starts.isEmpty ? [EpisodeStart(task: tasks?.first ?? 0, placement: .drawn(seed: 1))] : starts
        var rules = EvaluationRules(.libero, suiteLimit: examination.options.stepLimit)
        rules.episodesPerTask = 1
        for start in starts.prefix(examination.options.episodeCount) {
            let episode = PlannedEpisode(task: start.task, number: 0, start: start, seed: 1)
            var agent = PolicyAgent<World>(examination.doctor.served ?? specimen.policy, rules: rules)
            var course = EpisodeCourse(convention: world.description.actionSpace.gripperConvention)
            let record = try rollOut(episode, rules: rules, with: &agent, named: "doctor", in: &world) {
                course.see($0)
            }
            let ended = course.summary(record)
            summary.append(ended)
            examination.report.notes.append("task \(start.task): \(ended)")
        }
        return Check("episodes", .sound, summary.joined(separator: "; "))
    }
}
