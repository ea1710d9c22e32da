import Foundation
import LiberoTasks
import TensorTestSupport
import Testing

/// BDDL files and initial states of LIBERO-Plus, LIBERO-PRO and LIBERO-Para (`golden/variants/bddl.json`).
@Suite struct VariantProblemGoldenTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let file, suite, stem, problem, language: String
        let goal, `init`: [[String]]
        let obj_of_interest: [String]
        let fixtures, objects: [String: [String]]
        let n_regions: Int
        let prompt_from_file_name: String?
        let init_copy: String?
        let init_shape: [Int]
        let init_row0_head: [Double]
        let init_row0_qpos_sum: Double?
        var testDescription: String { "\(suite)/\(stem)" }
    }

    static let folder = SharedFixtures.root?.appendingPathComponent("golden/variants")
    static let cases: [Case] =
        LiberoPlusGoldenTests.file("bddl.json").flatMap { try? Golden.json($0) } ?? []

    @Test(arguments: cases)
    func problemsAreRead(expected: Case) throws {
        let folder = try #require(Self.folder)
        // names are relative to the folder, or to its folder of BDDL files
        let places = [folder, folder.appendingPathComponent("bddl")].map { $0.appendingPathComponent(expected.file) }
        let file = try #require(places.first { FileManager.default.fileExists(atPath: $0.path) })
        let problem = try BDDLParser().problem(at: file)

        #expect(problem.name == expected.problem)
        #expect(problem.language == expected.language)
        #expect(problem.goal.map { [$0.name] + $0.arguments } == expected.goal)
        #expect(problem.initialState.map { [$0.name] + $0.arguments } == expected.`init`)
        #expect(problem.objectsOfInterest == expected.obj_of_interest)
        #expect(dictionary(problem.fixtures) == expected.fixtures)
        #expect(dictionary(problem.objects) == expected.objects)
        #expect(problem.regions.count == expected.n_regions)
        if let prompt = expected.prompt_from_file_name {
            #expect(LiberoTask(suite: expected.suite, name: expected.stem).instruction == prompt)
        }
    }

    @Test(arguments: cases.filter { $0.init_copy != nil })
    func initialStatesAreRead(expected: Case) throws {
        let file = try #require(Self.folder).appendingPathComponent(#require(expected.init_copy))
        let states = try InitialStates(at: file)
        // a single state is a table of one row
        let shape = expected.init_shape.count == 1 ? [1] + expected.init_shape : expected.init_shape
        #expect([states.count, states.width] == shape)
        #expect(Array(states[0].prefix(expected.init_row0_head.count)) == expected.init_row0_head)
        // the arm's noise is not in these rows
        let ordinary = [0, -0.161037389, 0, -2.44459747, 0, 2.22675220, Double.pi / 4]
        #expect(zip(states.armJointPositions(row: 0), ordinary).allSatisfy { abs($0 - $1) < 1e-12 })
    }

    private func dictionary(_ categories: [BDDLCategory]) -> [String: [String]] {
        Dictionary(uniqueKeysWithValues: categories.map { ($0.category, $0.instances) })
    }
}

/// LIBERO-PRO's lists (`pro_lists.json`) against LIBERO's own problems.
@Suite struct LiberoProGoldenTests {
    static let lists = [LiberoPlusGoldenTests.file("pro_lists.json")].compactMap { $0 }

    @Test(arguments: lists)
    func candidatesFitTheScenes(file: URL) throws {
        let folder = try #require(BDDLGoldenTests.folder)
        let lists = try LiberoProLists(at: file)
        for (suite, tasks) in lists.goals {
            for (task, goals) in tasks {
                let problem = try folder.problem(of: LiberoTask(suite: suite, name: task))
                for (instruction, goal) in goals {
                    #expect(try !goal.atoms(in: problem).isEmpty, "\(suite)/\(task): \(instruction)")
                }
            }
        }
        for (suite, tasks) in lists.swaps {
            for (task, swaps) in tasks {
                let problem = try folder.problem(of: LiberoTask(suite: suite, name: task))
                #expect(Set(swaps.keys).subtracting(problem.declaredNames).isEmpty, "\(suite)/\(task)")
            }
        }
        for tasks in lists.paraphrases.values { #expect(tasks.values.allSatisfy { !$0.isEmpty }) }
    }

    /// Three of the published goals are not well-formed.
    @Test(arguments: ["(Turnoff stove_1))", "And (Turnoff stove_1))", "(And (Turnoff stove_1))"])
    func malformedGoalsAreReadAsMeant(text: String) throws {
        let problem = try BDDLParser().problem(text: BDDLParserTests.small)
        let json = "{\"goal\": \"\(text)\", \"obj_of_interest\": []}"
        let goal = try JSONDecoder().decode(LiberoProLists.Goal.self, from: Data(json.utf8))
        #expect(try goal.atoms(in: problem) == [.turnOff("stove_1")])
        #expect(goal.isMalformed == (text != "(And (Turnoff stove_1))"))
    }

    @Test func foldersNameSuiteAndAxis() throws {
        let (base, axis) = try #require(LiberoProAxis.parse("libero_10_lan"))
        #expect(base.name == "libero_10" && axis == .language)
        #expect(axis.suite(of: base).name == "libero_10_lan")
        #expect(axis.suite(of: base).tasks.map(\.name) == base.tasks.map(\.name))
        #expect(LiberoProAxis.parse("libero_10_language") == nil)
        #expect(LiberoProAxis.parse("other_swap") == nil)
    }
}
