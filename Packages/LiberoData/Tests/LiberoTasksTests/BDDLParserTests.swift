import Foundation
import LiberoTasks
import TensorTestSupport
import Testing

@Suite struct BDDLParserTests {
    /// A problem one can read at a glance; tests change a part of it.
    static let small = """
        (define (problem Kitchen) ; a comment with ) and (
          (:domain robosuite)
          (:language Turn on the stove)
          (:regions
            (spot (:target Table) (:ranges ((-0.1 0.2 0.3 4e-1))) (:yaw_rotation ((0 1.5))) (:rgba (1 0 0 0.5)))
            (cook_region (:target stove_1)))
          (:fixtures table - table stove_1 - flat_stove)
          (:objects pot_1 pot_2 - pot)
          (:obj_of_interest pot_1)
          (:init (On pot_1 table_spot))
          (:goal (And (Turnon stove_1) (On pot_1 stove_1_cook_region))))
        """

    @Test func smallProblemIsReadCompletely() throws {
        let problem = try BDDLParser().problem(text: Self.small)
        #expect(problem.name == "kitchen")
        #expect(problem.domain == "robosuite")
        #expect(problem.language == "turn on the stove")
        #expect(problem.fixtures.map(\.category) == ["table", "flat_stove"])
        #expect(problem.objects.map(\.instances) == [["pot_1", "pot_2"]])
        #expect(problem.objectsOfInterest == ["pot_1"])
        #expect(problem.initialState == [.on("pot_1", "table_spot")])
        #expect(problem.goal == [.turnOn("stove_1"), .on("pot_1", "stove_1_cook_region")])

        let spot = problem.regions[0]
        #expect(spot.key == "table_spot")
        #expect(spot.ranges == [.init(lowerX: -0.1, lowerY: 0.2, upperX: 0.3, upperY: 0.4)])
        #expect(spot.yaw == (0, 1.5))
        #expect(spot.color == [1, 0, 0, 0.5])
        #expect(
            problem.declaredNames == ["table", "stove_1", "pot_1", "pot_2", "table_spot", "stove_1_cook_region"])
        #expect(problem.missingNames(of: problem.goal).isEmpty)
        let other: [GoalPredicate] = [.on("pan_1", "stove_1_cook_region"), .open("door_1")]
        #expect(problem.missingNames(of: other) == ["door_1", "pan_1"])
        // what is absent has LIBERO's defaults
        #expect(problem.regions[1].ranges.isEmpty)
        #expect(problem.regions[1].yaw == (0, 0))
        #expect(problem.regions[1].color == [0, 0, 1, 0])
    }

    @Test func goalMayBeASingleAtom() throws {
        let text = Self.small.replacingOccurrences(
            of: "(And (Turnon stove_1) (On pot_1 stove_1_cook_region))", with: "(TurnOff STOVE_1)")
        #expect(try BDDLParser().problem(text: text).goal == [.turnOff("stove_1")])
    }

    /// What replaces what, then line, column and a word of the message.
    @Test(arguments: [
        ("(:domain robosuite)", "", 1, 1, "':domain' is missing"),
        ("(:domain robosuite)", "(:domain)", 2, 3, "takes 1 word"),
        ("(:domain robosuite)", "(:domain robosuite) (:domain b)", 2, 23, "occurs twice"),
        ("(:domain robosuite)", "(:domein robosuite)", 2, 4, "unknown section ':domein'"),
        ("(:domain robosuite)", "word", 2, 3, "a section is a list"),
        ("(:domain robosuite)", "()", 2, 3, "empty list"),
        ("(:domain robosuite)", "((a) b)", 2, 4, "name of a section is a word"),
        ("Table", "", 5, 11, "one value"),
        ("(:target stove_1)", "", 6, 5, "no ':target'"),
        ("(:target stove_1)", "(:target a) (:target b)", 6, 31, "occurs twice"),
        ("(:target stove_1)", "(:target a) (:aim b)", 6, 31, "unknown property ':aim'"),
        ("4e-1", "x", 5, 51, "'x' is not a finite number"),
        ("4e-1", "nan", 5, 51, "not a finite number"),
        (" 4e-1", "", 5, 37, "4 numbers, found 3"),
        ("(0 1.5)", "(0 1) (0 1)", 5, 74, "one yaw range"),
        ("- flat_stove", "", 7, 3, "no category"),
        ("- flat_stove", "-", 7, 36, "no category after '-'"),
        ("stove_1 - flat_stove", "- flat_stove", 7, 30, "no instances"),
        ("- flat_stove", "- table", 7, 38, "occurs twice"),
        ("pot_1 pot_2", "pot_1 pot_1", 8, 19, "declared twice"),
        ("pot_1 pot_2", "pot_1 (pot_2)", 8, 19, "is a word"),
        ("(On pot_1 table_spot)", "(On pot_1)", 10, 10, "takes 2 arguments, found 1"),
        ("(On pot_1 table_spot)", "(Under pot_1 table_spot)", 10, 11, "unknown predicate 'under'"),
        ("(On pot_1 table_spot)", "(On pan_1 table_spot)", 10, 14, "'pan_1' is neither"),
        ("(Turnon stove_1) (On pot_1 stove_1_cook_region)", "", 11, 3, "goal is empty"),
        ("(cook_region (:target stove_1))", "(spot (:target table))", 6, 5, "'table_spot' occurs twice"),
        ("(define", "(undefine", 1, 1, "does not begin"),
        ("(define", "x (define", 1, 1, "expected '('"),
        ("cook_region))))", "cook_region)))) x", 11, 66, "after the last"),
        ("cook_region))))", "cook_region)))))", 11, 65, "after the last"),
        ("cook_region))))", "cook_region)))", 1, 1, "never closed"),
    ])
    func errorsSayWhereAndWhat(part: String, replacement: String, line: Int, column: Int, words: String) throws {
        #expect(Self.small.contains(part))
        let text = Self.small.replacingOccurrences(of: part, with: replacement)
        let error = #expect(throws: BDDLError.self) { try BDDLParser().problem(text: text) }
        let found = try #require(error)
        #expect(found.position == .init(line: line, column: column), "\(found)")
        #expect(found.message.contains(words), "\(found)")
    }

    @Test func columnsCountCodePoints() {
        // é and 茶 are two and three bytes of UTF-8
        let error = #expect(throws: BDDLError.self) { try BDDLParser().problem(text: "(define (é茶 x))") }
        #expect(error?.position == .init(line: 1, column: 10))
    }

    @Test(arguments: ["", "   \n ; nothing\n", ")", "()", "word", "(define"])
    func textsWithoutAProblemAreRefused(text: String) {
        #expect(throws: BDDLError.self) { try BDDLParser().problem(text: text) }
    }

    @Test func depthAndSizeAreLimited() {
        let deep = String(repeating: "(", count: 1_000_000)
        let tooDeep = #expect(throws: BDDLError.self) { try BDDLParser().problem(text: deep) }
        #expect(tooDeep?.message.contains("64 deep") == true)
        #expect(tooDeep?.position.column == 65)

        let long = Self.small + String(repeating: " ", count: 1 << 20)
        let tooLong = #expect(throws: BDDLError.self) { try BDDLParser().problem(text: long) }
        #expect(tooLong?.message.contains("limit of 1048576 bytes") == true)
    }

    @Test func errorsInAFileNameIt() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).bddl")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("(define\n  x)".utf8).write(to: file)
        let error = #expect(throws: BDDLError.self) { try BDDLParser().problem(at: file) }
        #expect(error?.description == "\(file.path) 2:3: a section is a list, found 'x'")
    }

    /// Changed, cut and doubled texts are read or refused; nothing else happens.
    @Test func damagedTextsAreReadOrRefused() throws {
        var generator = SplitMix64(state: 11)
        let alphabet = Array("(); -:\n\tandinon_1.9e\u{e9}\u{0}".utf8) + [0xFF, 0x80]
        let original = Array(Self.small.utf8)
        var refused = 0
        for _ in 0..<2_000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[place] = alphabet.randomElement(using: &generator) ?? 0
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(alphabet.randomElement(using: &generator) ?? 0, at: place)
                default:
                    let end = min(place + Int.random(in: 1...40, using: &generator), bytes.count)
                    bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &generator))
                }
            }
            do throws(BDDLError) {
                _ = try BDDLParser().problem(utf8: bytes)
            } catch {
                refused += 1
                #expect(error.position.line >= 1 && error.position.column >= 1)
            }
        }
        #expect(refused > 1_000)
    }
}

/// SplitMix64; the same numbers on every run.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
