/// The name of a LIBERO-Plus task, which says what is perturbed.
///
///     BASE[_language_N]_view_H_V_S_R_E_initstate_I[_noise_K]
///     BASE_add_N    BASE[_moved]_levelL_sampleS    BASE_light_N    BASE_table_N    BASE_tb_N
///
/// `BASE` is the longest task name of the suite that fits; some base names contain `_table_` themselves.
/// Source: LIBERO-plus, commit 4976dc3.
public struct LiberoPlusName: Hashable, Sendable {
    /// What is perturbed: exactly one thing in each of the 10,030 tasks.
    public enum Axis: String, CaseIterable, Hashable, Codable, Sendable {
        case camera, robot, noise, language, layout, light, background
    }

    /// The five numbers of `_view_`, as ``CameraView`` of LiberoSimulation applies them.
    public struct View: Hashable, Codable, Sendable {
        /// The turn about the vertical axis, in degrees.
        public var horizontal: Int
        /// The turn upwards, in degrees.
        public var vertical: Int
        /// The distance from the pivot, in percent.
        public var scale: Int
        /// The turn of the camera alone about the vertical axis, in degrees.
        public var turn: Int
        /// The tilt of the camera alone, in degrees.
        public var tilt: Int

        public init(horizontal: Int, vertical: Int, scale: Int, turn: Int, tilt: Int) {
            (self.horizontal, self.vertical, self.scale, self.turn, self.tilt) =
                (horizontal, vertical, scale, turn, tilt)
        }

        /// The view of every task whose camera is not perturbed.
        public static let unchanged = View(horizontal: 0, vertical: 0, scale: 100, turn: 0, tilt: 0)
    }

    /// The scene files that light and background tasks name.
    public enum Scene: Hashable, Sendable {
        case light(Int)
        /// A texture of the table.
        case table(Int)
        /// Textures of floor and walls.
        case surroundings(Int)
    }

    /// The whole name.
    public let name: String
    /// The task of LIBERO that is perturbed.
    public let base: LiberoTask
    /// The rewritten instruction's number; nil for the task's own.
    public private(set) var language: Int?
    /// Nil in layout, light and background tasks, whose camera is ``View/unchanged``.
    public private(set) var view: View?
    /// The number of the arm's posture, 1…500; 0 for the ordinary one, nil where the name does not say.
    public private(set) var posture: Int?
    /// The kind and level of noise, 1…50.
    public private(set) var noise: Int?
    /// The number of an arrangement with added objects.
    public private(set) var addition: Int?
    /// How far objects are moved, 1…5.
    public private(set) var level: Int?
    /// Which arrangement of the level, 1…4.
    public private(set) var sample: Int?
    public private(set) var scene: Scene?

    /// Reads a name of a suite's tasks; nil when it is not one.
    public init?(_ name: String, suite: LiberoSuite) {
        let bases = suite.tasks.filter { name.hasPrefix("\($0.name)_") }
        guard let base = bases.max(by: { $0.name.utf8.count < $1.name.utf8.count }) else { return nil }
        self.name = name
        self.base = base
        var words = Words(name.dropFirst(base.name.count + 1))

        language = words.numbers(after: "language", count: 1)?[0]
        if let five = words.numbers(after: "view", count: 5) {
            guard let posture = words.numbers(after: "initstate", count: 1)?[0] else { return nil }
            view = View(horizontal: five[0], vertical: five[1], scale: five[2], turn: five[3], tilt: five[4])
            self.posture = posture
            noise = words.numbers(after: "noise", count: 1)?[0]
            guard five[2] > 0, 0...500 ~= posture, 1...50 ~= noise ?? 1 else { return nil }
        } else if language != nil {
            return nil
        } else if let number = words.numbers(after: "add", count: 1)?[0] {
            addition = number
        } else if let number = words.numbers(after: "light", count: 1)?[0] {
            scene = .light(number)
        } else if let number = words.numbers(after: "table", count: 1)?[0] {
            scene = .table(number)
        } else if let number = words.numbers(after: "tb", count: 1)?[0] {
            scene = .surroundings(number)
        } else {
            _ = words.take("moved")
            level = words.number(joinedTo: "level", in: 1...5)
            sample = words.number(joinedTo: "sample", in: 1...4)
            guard level != nil, sample != nil else { return nil }
        }
        guard words.isEmpty else { return nil }
    }

    /// What is perturbed.
    public var axis: Axis {
        switch scene {
        case .light: return .light
        case .table, .surroundings: return .background
        case nil: break
        }
        if view == nil { return .layout }
        if noise != nil { return .noise }
        if posture ?? 0 > 0 { return .robot }
        return language != nil ? .language : .camera
    }

    // MARK: - Files and instructions

    /// The name of the BDDL file without suffix, in the folder of the suite.
    public var problemName: String {
        guard view != nil else { return name }
        return language.map { "\(base.name)_language_\($0)" } ?? base.name
    }

    /// The file of initial states below `init_files`; layout tasks have one state of their own, others use row 0.
    public var initialStatesFile: String {
        axis == .layout
            ? "libero_newobj/\(base.suite)/\(name).pruned_init" : "\(base.suite)/\(base.name).pruned_init"
    }

    /// What the released code tells the policy: the whole name with spaces; nil for language tasks, which have their
    /// instruction in the BDDL file.
    public var publishedInstruction: String? {
        axis == .language ? nil : LiberoTask(suite: base.suite, name: name).instruction
    }

    /// The words of a name between underscores.
    private struct Words {
        private var rest: ArraySlice<Substring>

        init(_ text: Substring) { rest = text.split(separator: "_", omittingEmptySubsequences: false)[...] }

        var isEmpty: Bool { rest.isEmpty }

        mutating func take(_ word: String) -> Bool {
            guard rest.first == word[...] else { return false }
            rest.removeFirst()
            return true
        }

        /// Takes `word_1_2`; nil when it does not come next.
        mutating func numbers(after word: String, count: Int) -> [Int]? {
            guard rest.first == word[...] else { return nil }
            let found = rest.dropFirst().prefix(count).compactMap(Self.number)
            guard found.count == count else { return nil }
            rest = rest.dropFirst(1 + count)
            return found
        }

        /// Takes `word1`; nil when it does not come next.
        mutating func number(joinedTo word: String, in range: ClosedRange<Int>) -> Int? {
            guard let first = rest.first, first.hasPrefix(word),
                let found = Self.number(first.dropFirst(word.count)), range ~= found
            else { return nil }
            rest.removeFirst()
            return found
        }

        /// Up to nine ASCII digits.
        private static func number(_ text: Substring) -> Int? {
            let isNumber = 1...9 ~= text.utf8.count && text.utf8.allSatisfy { 0x30...0x39 ~= $0 }
            return isNumber ? Int(text) : nil
        }
    }
}
