import Testing
import VLAPolicy

@Suite struct DemonstrationSplitTests {
    private func parts(
        _ rule: DemonstrationSplit.Rule?, share: Double, _ tasks: [String], lists: [String: [Int]] = [:]
    ) throws -> (training: [Int], validation: [Int]) {
        try DemonstrationSplit(validationShare: share, rule: rule).indices(tasks: tasks, lists: lists)
    }

    @Test(arguments: [nil] + DemonstrationSplit.Rule.allCases)
    func everyDemonstrationIsInOnePart(rule: DemonstrationSplit.Rule?) throws {
        let tasks = (0..<100).map { "task \($0 % 4)" }
        let lists = ["train": Array(0..<90), "valid": Array(90..<100)]
        let split = try parts(rule, share: 0.2, tasks, lists: lists)
        #expect((split.training + split.validation).sorted() == Array(0..<100))
        #expect((60...95).contains(split.training.count))
    }

    /// round(0.95 · n), halves to even, as TensorFlow Datasets does.
    @Test func leadingMatchesTensorFlowDatasets() throws {
        let counts = try [432, 454, 428, 379, 10, 30].map { count in
            try parts(.leading, share: 0.05, Array(repeating: "a", count: count)).training.count
        }
        #expect(counts == [410, 431, 407, 360, 10, 28])
        let split = try parts(.leading, share: 0.05, Array(repeating: "a", count: 100))
        #expect(split.training == Array(0..<95) && split.validation == Array(95..<100))
    }

    @Test func hashedStaysWhenDemonstrationsAreAdded() throws {
        let (few, more) = (
            try parts(.hashed, share: 0.2, Array(repeating: "a", count: 100)),
            try parts(.hashed, share: 0.2, Array(repeating: "a", count: 150))
        )
        #expect(Set(few.training).isSubset(of: more.training) && Set(few.validation).isSubset(of: more.validation))
    }

    @Test func stratifiedTakesTheSameShareOfEachTask() throws {
        let split = try parts(.stratified, share: 0.2, (0..<100).map { "task \($0 % 4)" })
        for task in 0..<4 { #expect(split.validation.count { $0 % 4 == task } == 5) }
    }

    @Test func storedListsHaveToBeThereAndApart() throws {
        let tasks = ["a", "a", "a"]
        #expect(throws: DemonstrationSplitError.noLists(found: ["train"])) {
            try parts(.stored, share: 0.1, tasks, lists: ["train": [0]])
        }
        #expect(throws: DemonstrationSplitError.overlap(demonstration: 1)) {
            try parts(.stored, share: 0.1, tasks, lists: ["train": [0, 1], "valid": [1, 2]])
        }
    }
}
