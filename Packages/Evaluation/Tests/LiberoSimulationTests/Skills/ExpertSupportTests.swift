import LiberoTasks
import Testing

@testable import LiberoSimulation

@Suite struct ExpertSupportTests {
    let problem: BDDLProblem

    init() throws {
        problem = try BDDLParser().problem(
            text: """
                (define (problem kitchen) (:domain robosuite) (:language x)
                  (:regions (top_region (:target cabinet_1)) (middle_region (:target fridge_1)))
                  (:fixtures cabinet_1 - white_cabinet fridge_1 - short_fridge stove_1 - flat_stove)
                  (:objects plate_1 - plate)
                  (:obj_of_interest plate_1)
                  (:init (on plate_1 stove_1))
                  (:goal (and (on plate_1 stove_1))))
                """)
    }

    @Test(arguments: [
        GoalPredicate.in("plate_1", "cabinet_1_top_region"), .on("plate_1", "stove_1"), .open("cabinet_1_top_region"),
        .close("cabinet_1"), .turnOn("stove_1"), .turnOff("stove_1"),
    ])
    func hasASkill(predicate: GoalPredicate) {
        #expect(ScriptedExpert.obstacles(to: [predicate], in: problem) == [])
    }

    @Test(arguments: [
        (GoalPredicate.on("cabinet_1", "stove_1"), "'cabinet_1' is not among"),
        (.in("plate_1", "drawer_9"), "'drawer_9' is not in the scene"), (.open("fridge_1_middle_region"), "other way"),
        (.close("stove_1"), "nothing to open or close"), (.turnOn("cabinet_1"), "no knob"),
    ])
    func namesWhatIsMissing(predicate: GoalPredicate, words: String) throws {
        let obstacles = ScriptedExpert.obstacles(to: [.turnOn("stove_1"), predicate], in: problem)
        #expect(obstacles.count == 1)
        #expect(try #require(obstacles.first).contains(words))
    }
}
