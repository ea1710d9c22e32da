import LiberoTasks
import TensorCore
import Testing

@testable import LiberoSimulation

@Suite struct InstructionGrammarTests {
    let grammar = InstructionGrammar()

    func sentences(_ instruction: String) -> Set<String> {
        var generator = PhiloxGenerator(seed: 5)
        return Set((0..<400).map { _ in grammar.paraphrase(instruction, using: &generator) })
    }

    /// Objects and places are named in every sentence, whatever the verb.
    @Test func namesStay() {
        let made = sentences("pick up the alphabet soup and place it in the basket")
        #expect(made.count > 100)
        #expect(made.allSatisfy { $0.contains("the alphabet soup") && $0.contains("it in the basket") })
        #expect(made.contains { $0.hasPrefix("grab the alphabet soup") })
        #expect(grammar.count(of: "pick up the milk and place it in the basket") == 6 * 4 * 3)
    }

    /// An "and" within a name or between two objects begins no clause.
    @Test func onlyVerbsBeginClauses() {
        #expect(grammar.count(of: "put both the alphabet soup and the tomato sauce in the basket") == 4)
        #expect(grammar.count(of: "put the yellow and white mug in the microwave and close it") == 4 * 3 * 3)
        #expect(
            sentences("put the yellow and white mug in the microwave and close it")
                .allSatisfy { $0.contains("the yellow and white mug in the microwave") })
    }

    /// Every task of the five suites has other sentences, and the same draw gives the same one.
    @Test func everyTaskHasParaphrases() {
        for task in LiberoSuite.builtIn.flatMap(\.tasks) {
            #expect(grammar.count(of: task.instruction) > 1, "\(task.instruction)")
        }
        var (one, two) = (PhiloxGenerator(seed: 1), PhiloxGenerator(seed: 1))
        #expect(
            grammar.paraphrase("open the drawer", using: &one) == grammar.paraphrase("open the drawer", using: &two))
    }
}
