import Foundation
import LiberoTasks
import TensorTestSupport
import Testing

@Suite struct LiberoPlusNameTests {
    private static let base = "pick_up_the_black_bowl_from_table_center_and_place_it_on_the_plate"

    @Test func theLongestBaseWins() throws {
        // the base name contains `_table_`
        let name = try #require(LiberoPlusName("\(Self.base)_table_7", suite: .spatial))
        #expect(name.base.name == Self.base)
        #expect(name.scene == .table(7))
        #expect(name.axis == .background)
    }

    @Test func whatTheViewSaysDecidesTheAxis() throws {
        func axis(_ ending: String) -> LiberoPlusName.Axis? {
            LiberoPlusName("\(Self.base)_\(ending)", suite: .spatial)?.axis
        }
        #expect(axis("view_5_0_100_0_0_initstate_0") == .camera)
        #expect(axis("view_0_0_100_0_0_initstate_3") == .robot)
        #expect(axis("language_2_view_0_0_100_0_0_initstate_0") == .language)
        #expect(axis("language_2_view_0_0_100_0_0_initstate_3_noise_50") == .noise)
    }

    @Test(arguments: [
        "", "_", "_view_0_0_100_0_initstate_0", "_view_0_0_0_0_0_initstate_0", "_view_0_0_100_0_0_initstate_501",
        "_view_0_0_100_0_0_initstate_0_noise_51", "_view_0_0_100_0_0_initstate_0_noise_1_x", "_language_1",
        "_level6_sample1", "_level1_sample5", "_level1", "_add_", "_add_99999999999999999999", "_light_-1", "_add_１",
        "_table_1_", "_moved",
    ])
    func otherNamesAreNone(ending: String) {
        #expect(LiberoPlusName(Self.base + ending, suite: .spatial) == nil)
    }

    @Test func listsAreReadWithoutRunningThem() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).py")
        defer { try? FileManager.default.removeItem(at: file) }
        let text = """
            # "libero_10": ["comment"]
            task_map = {
                "libero_goal": [
                    "turn_on_the_stove_add_3",  # the first
                    'turn_on_the_stove_moved_level1_sample2',
                ],
                "libero_mix": ["anything"],
            }
            """
        try Data(text.utf8).write(to: file)
        let tasks = try LiberoPlusTasks(taskMap: file).tasks
        #expect(tasks.keys.sorted() == ["libero_goal"])
        #expect(tasks["libero_goal"]?.map(\.number) == [1, 2])
        #expect(tasks["libero_goal"]?.map(\.name.axis) == [.layout, .layout])

        try Data(text.replacingOccurrences(of: "_add_3", with: "_add_x").utf8).write(to: file)
        let error = #expect(throws: VariantListError.self) { try LiberoPlusTasks(taskMap: file) }
        #expect(error?.line == 4)
        try Data("x = [\"turn".utf8).write(to: file)
        #expect(throws: VariantListError.self) { try LiberoPlusTasks(taskMap: file) }
    }
}

/// `golden/variants/names.json`, `tasks.tsv` and `polluted.json`.
@Suite struct LiberoPlusGoldenTests {
    struct Names: Decodable {
        struct Name: Decodable, Sendable, CustomTestStringConvertible {
            let name, suite, axis, base, bddl, init_file: String
            let language, initstate, noise, add, level, sample: Int?
            let view: [Int]?
            let init_rows: Int
            let scene: Scene?
            let prompt_as_published: String?
            let prompt_from_base_name: String
            var testDescription: String { name }
        }
        struct Scene: Decodable, Sendable {
            let kind: String
            let number: Int
            init(from decoder: any Decoder) throws {
                var values = try decoder.unkeyedContainer()
                (kind, number) = (try values.decode(String.self), try values.decode(Int.self))
            }
        }
        let counts: [String: [String: Int]]
        let difficulty_counts: [String: [String: Int]]
        let names: [Name]
    }

    static let names: Names? = file("names.json").flatMap { try? Golden.json($0) }

    static func file(_ name: String) -> URL? {
        SharedFixtures.entries(in: "golden/variants").first { $0.lastPathComponent == name }
    }

    @Test(arguments: names?.names ?? [])
    func partsAreThoseOfTheReference(expected: Names.Name) throws {
        let name = try #require(LiberoPlusName(expected.name, suite: .named(expected.suite)))
        #expect(name.axis.rawValue == expected.axis)
        #expect(name.base.name == expected.base)
        #expect(name.problemName == expected.bddl)
        #expect(name.language == expected.language)
        #expect(
            name.view.map { [$0.horizontal, $0.vertical, $0.scale, $0.turn, $0.tilt] } == expected.view)
        #expect(name.posture == expected.initstate)
        #expect(name.noise == expected.noise)
        #expect(name.addition == expected.add)
        #expect(name.level == expected.level)
        #expect(name.sample == expected.sample)
        let scene: (String, Int)? =
            switch name.scene {
            case .light(let number): ("light", number)
            case .table(let number): ("table", number)
            case .surroundings(let number): ("tb", number)
            case nil: nil
            }
        #expect(scene?.0 == expected.scene?.kind && scene?.1 == expected.scene?.number)
        #expect(name.initialStatesFile == expected.init_file)
        #expect((name.axis == .layout) == (expected.init_rows == 1))
        #expect(name.publishedInstruction == expected.prompt_as_published)
        #expect(name.base.instruction == expected.prompt_from_base_name)
    }

    @Test(arguments: [file("tasks.tsv")].compactMap { $0 })
    func everyTaskIsEnumerated(table: URL) throws {
        let list = try LiberoPlusTasks(table: table)
        let golden = try #require(Self.names)
        #expect(
            list.counts.mapValues { Dictionary(uniqueKeysWithValues: $0.map { ($0.rawValue, $1) }) } == golden.counts)
        var levels: [String: [String: Int]] = [:]
        for task in list.tasks.values.joined() {
            levels[task.name.axis.rawValue, default: [:]][task.level.map(String.init) ?? "None", default: 0] += 1
        }
        #expect(levels == golden.difficulty_counts)
        for tasks in list.tasks.values { #expect(tasks.map(\.number) == Array(1...tasks.count)) }
        // exactly one thing is perturbed
        for task in list.tasks.values.joined() where task.name.view != nil {
            let name = task.name
            let perturbed = [name.view != .unchanged, name.posture != 0, name.noise != nil, name.language != nil]
            #expect(perturbed.count { $0 } == 1, "\(name.name)")
        }
    }

    @Test(arguments: [file("polluted.json")].compactMap { $0 })
    func generatorTextIsTold(list: URL) throws {
        struct Polluted: Decodable {
            struct File: Decodable { let instruction, copy: String }
            let files: [File]
        }
        for file in try Golden.json(list, as: Polluted.self).files {
            let problem = try BDDLParser().problem(
                at: list.deletingLastPathComponent().appendingPathComponent(file.copy))
            #expect(problem.language == file.instruction)
            #expect(InstructionDefect.isGeneratorText(problem.language))
        }
        for name in Self.names?.names ?? [] {
            #expect(!InstructionDefect.isGeneratorText(name.prompt_from_base_name))
        }
    }
}
