import Plotting
import SuccessStatistics
import Evaluation
import Foundation
import ImageProcessing
import Testing

@Suite struct EvaluationResultTests {
    func plan() -> EvaluationPlan {
        let rules = EvaluationRules(episodesPerTask: 4, settlingStepCount: 1, stepLimit: 10, starts: .drawn, seed: 5)
        return EvaluationPlan(
            agent: AgentIdentity(kind: "checkpoint", name: "a <policy>", provenance: ["weights": "12ab"]),
            environment: ReachingWorld().description, tasks: [1, 0], rules: rules)
    }

    func result(in folder: URL) throws -> EvaluationResult {
        let plan = plan()
        let evaluator = try SuiteEvaluator(plan, in: folder)
        try evaluator.run(
            SuiteEvaluator.Pool(workerCount: 1) { _ in
                var runner = EpisodeRunner(
                    world: ReachingWorld(),
                    agent: PolicyAgent<ReachingWorld>(ReachingPolicy(noise: 0.45), execution: plan.rules.execution),
                    agentName: "test", rules: plan.rules, folder: folder,
                    makeWatcher: { episode in
                        let settings = EpisodeFilm.Settings(
                            choice: episode.number == 0 ? .all : .failures, hasFilm: episode.number == 0, format: .apng)
                        return EpisodeFilm(episode, settings: settings, rules: plan.rules, folder: folder)
                    })
                return { try runner.run($0) }
            })
        return EvaluationResult(
            plan, outcomes: evaluator.outcomes, decision: nil, instructions: [0: "reach left", 1: "reach right"],
            program: ["vla": "test"])
    }

    @Test func ratesAreThoseOfTheEpisodes() throws {
        try withTemporaryFolder { folder in
            let result = try result(in: folder)
            let successes = result.episodes.count(where: \.isSuccess)
            #expect(result.episodeCount == 8 && result.successCount == successes)
            #expect(result.successRate == Double(successes) / 8)
            #expect(successes > 0 && successes < 8, "all alike tests nothing")
            #expect(result.tasks.map(\.number) == [1, 0])
            #expect(result.tasks.reduce(0) { $0 + $1.rate.successCount } == successes)
            let interval = SuccessRate(successCount: successes, trialCount: 8).wilsonInterval()
            #expect(result.interval == [interval.lowerBound, interval.upperBound])
            for episode in result.episodes {
                let record = try RolloutRecord(at: folder.appendingPathComponent(episode.record))
                #expect(record.isSuccess == episode.isSuccess && record.agentStepCount == episode.stepCount)
                #expect((episode.images.video != nil) == (episode.number == 0))
                #expect((episode.images.contactSheet != nil) == (!episode.isSuccess || episode.number == 0))
            }
        }
    }

    @Test func sameEvaluationGivesTheSameBytes() throws {
        let first = try withTemporaryFolder { try result(in: $0).encoded() }
        #expect(try withTemporaryFolder { try result(in: $0).encoded() } == first)
        let object = try #require(try JSONSerialization.jsonObject(with: first) as? [String: Any])
        for key in ["successRate", "interval", "tasks", "episodes", "provenance"] { #expect(object[key] != nil) }
    }

    @Test func tablesHaveALinePerTaskAndEpisode() throws {
        try withTemporaryFolder { folder in
            var result = try result(in: folder)
            result.tasks[0].instruction = "say \"left\", then go"
            #expect(result.tasksCSV.components(separatedBy: "\r\n").count == 4)
            #expect(result.tasksCSV.contains(#","say ""left"", then go","#))
            #expect(result.episodesCSV.components(separatedBy: "\r\n").count == 10)
        }
    }

    @Test func theReportNeedsNoOtherFile() throws {
        try withTemporaryFolder { folder in
            let result = try result(in: folder)
            let html = try EvaluationReport(result, folder: folder).html
            #expect(html.contains("a &lt;policy&gt;") && !html.contains("<policy>"))
            let images = result.episodes.flatMap { [$0.images.video, $0.images.contactSheet] }.compactMap { $0 }
            let failures = result.episodes.count { !$0.isSuccess }
            #expect(html.components(separatedBy: "data:image/").count == failures + 2 + 1)
            #expect(html.contains("12ab") && html.contains(result.provenance.recordsHash))
            #expect(!html.contains("http://") || html.contains("xmlns=\"http://www.w3.org/2000/svg\""))
            try FileManager.default.removeItem(at: folder.appendingPathComponent(images[0]))
            #expect(throws: (any Error).self) { try EvaluationReport(result, folder: folder) }
        }
    }

    /// A page whose policy was told something else, or whose tasks had other goals, says so.
    @Test func otherSentencesAndGoalsAreOnThePage() throws {
        try withTemporaryFolder { folder in
            var result = try result(in: folder)
            func page() throws -> String { try EvaluationReport(result, folder: folder).html }
            let plain = try page()
            result.provenance.rules.instructions = [1: "reach <up>"]
            let told = try page()
            result.provenance.rules.goalTasks = [1: 0]
            let counted = try page()
            #expect(told.contains("reach right, told “reach &lt;up&gt;”") && !plain.contains("told"))
            #expect(told.contains("own goals counted") && !counted.contains("own goals counted"))
            #expect(counted.contains("The goals of other tasks counted"))
        }
    }

    @Test func linksLeadToSectionsAndEpisodesOfThePage() throws {
        try withTemporaryFolder { folder in
            let result = try result(in: folder)
            let html = try EvaluationReport(result, folder: folder).html
            func values(_ attribute: String) -> [String] {
                html.components(separatedBy: " \(attribute)='").dropFirst().map { String($0.prefix { $0 != "'" }) }
            }
            let anchors = values("id")
            #expect(Set(anchors).count == anchors.count)
            for link in values("href") { #expect(link.first == "#" && anchors.contains(String(link.dropFirst()))) }
            for task in result.tasks { #expect(values("href").contains("#film-\(task.number)-0")) }
            #expect(html.components(separatedBy: "<figcaption><b class=failure>✗ ").count > 1)
        }
    }

    @Test func headingsOfTheSameWordsHaveAnchorsOfTheirOwn() {
        var page = HTMLPage("x")
        for text in ["Tasks", "Tasks", "tasks!", "Ä", "日本"] { page.heading(text) }
        let anchors = page.html.components(separatedBy: "<h2 id='").dropFirst().map { String($0.prefix { $0 != "'" }) }
        #expect(anchors == ["tasks", "tasks--2", "tasks--3", "section", "section--2"])
        for anchor in anchors { #expect(page.html.contains("<a href='#\(anchor)'>")) }
    }
}
