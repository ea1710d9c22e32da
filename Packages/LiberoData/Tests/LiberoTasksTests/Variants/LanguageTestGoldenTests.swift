import Foundation
import LiberoTasks
import TensorTestSupport
import Testing

/// LIBERO-Para's table and measures (`para_metadata.csv`, `pride.json`).
@Suite struct ParaphraseGoldenTests {
    private struct Expected: Decodable {
        struct Score: Decodable {
            let rows: Rows
            let success: String
            let success_rate: Double
            let pride: [String: Double]
        }
        enum Rows: Decodable {
            case all
            case some([Int])
            init(from decoder: any Decoder) throws {
                let value = try decoder.singleValueContainer()
                self = (try? value.decode([Int].self)).map { .some($0) } ?? .all
            }
        }
        struct Tree: Decodable {
            let a, b: Node
            let distance: Int
            let structural_similarity: Double
        }
        struct Node: Decodable {
            let tree: LabelledTree
            init(from decoder: any Decoder) throws {
                var values = try decoder.unkeyedContainer()
                tree = LabelledTree(
                    try values.decode(String.self), try values.decode([Node].self).map(\.tree))
            }
        }
        let pride: [Score]
        let trees: [Tree]
    }

    static let table = LiberoPlusGoldenTests.file("para_metadata.csv")
    static let scores = [LiberoPlusGoldenTests.file("pride.json")].compactMap { $0 }

    @Test(arguments: [table].compactMap { $0 })
    func everyRowHasATypeAndATask(file: URL) throws {
        let rows = try ParaphraseTable(at: file).rows
        #expect(!rows.isEmpty)
        for row in rows {
            let task = try #require(ParaphraseTable.task(row.task))
            #expect(task.instruction == row.original)
        }
        // one object kind, ten action kinds and their products
        #expect(Set(rows.map(\.type)).count <= 43)
        #expect(rows.allSatisfy { ($0.part == .both) == $0.kind.contains("+") })
    }

    @Test(arguments: scores)
    func scoresMatchTheReference(file: URL) throws {
        let rows = try ParaphraseTable(at: #require(Self.table)).rows
        for expected in try Golden.json(file, as: Expected.self).pride {
            let indices: [Int] = if case .some(let list) = expected.rows { list } else { Array(rows.indices) }
            let successes = expected.success.map { $0 == "1" }
            #expect(indices.count == successes.count)
            let episodes = zip(indices, successes).map { (paraphrase: rows[$0], isSuccess: $1) }
            for (alpha, score) in expected.pride {
                let weight = try #require(Double(alpha))
                let found = try #require(PRIDE.score(episodes, alpha: weight))
                #expect(abs(found - score) <= 1e-9)
            }
            let rate = 100 * Double(successes.count { $0 }) / Double(successes.count)
            #expect(abs(rate - expected.success_rate) <= 1e-9)
        }
    }

    @Test(arguments: scores)
    func treeDistancesMatchTheReference(file: URL) throws {
        for expected in try Golden.json(file, as: Expected.self).trees {
            let (a, b) = (expected.a.tree, expected.b.tree)
            #expect(a.editDistance(to: b) == expected.distance)
            #expect(b.editDistance(to: a) == expected.distance)
            #expect(abs(a.structuralSimilarity(to: b) - expected.structural_similarity) <= 1e-12)
        }
    }

    @Test func smallTreesByHand() {
        let leaf = LabelledTree("a")
        #expect(leaf.editDistance(to: leaf) == 0)
        #expect(leaf.editDistance(to: LabelledTree("b")) == 1)
        #expect(leaf.editDistance(to: LabelledTree("b", [leaf])) == 1)
        #expect(LabelledTree("r", [leaf, LabelledTree("b")]).editDistance(to: LabelledTree("r", [leaf])) == 1)
    }
}

/// Counterfactual instructions of LIBERO's own tasks (`cf.json`).
@Suite struct CounterfactualGoldenTests {
    private struct Expected: Decodable {
        let suite, task, base_object, told_object, told_category, instruction: String
        let told_goal, base_goal: [[String]]
    }

    static let files = [LiberoPlusGoldenTests.file("cf.json")].compactMap { $0 }

    @Test(arguments: files)
    func instructionsFollowFromTheScenes(file: URL) throws {
        let folder = try #require(BDDLGoldenTests.folder)
        let pairs = try Golden.json(file, as: [Expected].self)
        for (task, expected) in Dictionary(grouping: pairs, by: { LiberoTask(suite: $0.suite, name: $0.task) }) {
            let found = CounterfactualInstruction.all(of: try folder.problem(of: task))
            #expect(found.map(\.instruction) == expected.map(\.instruction), "\(task.name)")
            #expect(found.map(\.baseObject) == expected.map(\.base_object))
            #expect(found.map(\.toldObject) == expected.map(\.told_object))
            #expect(found.map(\.toldCategory) == expected.map(\.told_category))
            #expect(found.map { $0.toldGoal.map { [$0.name] + $0.arguments } } == expected.map(\.told_goal))
            #expect(found.map { $0.baseGoal.map { [$0.name] + $0.arguments } } == expected.map(\.base_goal))
        }
    }

    @Test func thingsThatOccurTwiceAreNotTold() throws {
        let text = BDDLParserTests.small
            .replacingOccurrences(of: "pot_1 pot_2 - pot", with: "pot_1 - pot cup_1 - cup can_1 can_2 - can")
        let found = CounterfactualInstruction.all(of: try BDDLParser().problem(text: text))
        #expect(found.map(\.instruction) == ["put the cup on the stove"])
        #expect(found.map(\.toldGoal) == [[.on("cup_1", "stove_1_cook_region")]])
    }
}

@Suite struct CSVTableTests {
    @Test func quotesCommasAndLineEnds() throws {
        let table = try CSVTable("a,b\r\n\"x, \"\"y\"\"\n\",1\r\n,\"\"\n", file: "t")
        #expect(table.columns == ["a", "b"])
        #expect(table.rows == [["x, \"y\"\n", "1"], ["", ""]])
        #expect(table.lines == [2, 4])
        #expect(try CSVTable("a\n", file: "t").rows.isEmpty)
    }

    @Test(arguments: ["", "a,a\n", "a,b\n1\n", "a\n\"x"])
    func damagedTablesAreRefused(text: String) {
        #expect(throws: VariantListError.self) { try CSVTable(text, file: "t") }
    }
}
