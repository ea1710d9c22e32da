import ActionTokenizer
import Evaluation
import VLAPolicy

extension WorldCheck {
    /// Lets the policy act from the starts of demonstrations.
    mutating func act(_ diagnosisRun: inout DiagnosisRun) throws -> Check {
        guard let subject = diagnosisRun.subject else { return Check("episodes", .skipped, "there is no policy") }
        let differences = try subject.policy.requirements.differences(from: world.description)
        guard differences.isEmpty else {
            return Check("episodes", .skipped, "the world is not what the policy was trained for")
        }
        guard diagnosisRun.options.episodeCount > 0 else { return Check("episodes", .skipped, "none was asked for") }
        let starts = starts.isEmpty ? [EpisodeStart(task: tasks?.first ?? 0, placement: .drawn(seed: 1))] : starts
        var rules = EvaluationRules(.libero, suiteLimit: diagnosisRun.options.stepLimit)
        rules.episodesPerTask = 1
        for (number, start) in starts.prefix(diagnosisRun.options.episodeCount).enumerated() {
            let episode = PlannedEpisode(task: start.task, number: number, start: start, seed: 1)
            var watched = WatchedWorld(world)
            var agent = PolicyAgent<WatchedWorld<World>>(diagnosisRun.doctor.served ?? subject.policy, rules: rules)
            var course = EpisodeCourse(world.description.actionSpace)
            let record = try rollOut(episode, rules: rules, with: &agent, named: "doctor", in: &watched) {
                course.see($0)
            }
            world = watched.base
            let summary = course.summary(record, closest: watched.closest, reach: reaches[start.task])
            diagnosisRun.report.episodes.append(summary)
            diagnosisRun.report.notes.append(summary.text)
        }
        return try diagnosisRun.examineClosedLoop(reaches: reaches)
    }
}
