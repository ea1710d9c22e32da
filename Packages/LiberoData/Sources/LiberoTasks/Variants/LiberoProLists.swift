import FileSupport
public import Foundation

/// The candidates from which LIBERO-PRO's tasks were chosen, by suite and task name.
public struct LiberoProLists: Decodable, Sendable {
    /// A goal and a sentence for the same scene.
    public struct Goal: Decodable, Hashable, Sendable {
        /// A BDDL expression, `(And (…) …)`.
        public var goal: String
        public var objectsOfInterest: [String]

        private enum CodingKeys: String, CodingKey {
            case goal
            case objectsOfInterest = "obj_of_interest"
        }

        /// Whether the expression closes more lists than it opens, as three of the published ones do.
        public var isMalformed: Bool { surplus > 0 }

        /// How many more `)` than `(` there are.
        private var surplus: Int { goal.count { $0 == ")" } - goal.count { $0 == "(" } }

        /// The atoms of the goal in a scene; of a malformed expression those that were meant: the list it begins with
        /// without an opening parenthesis, or what stands before the surplus ones.
        ///
        /// - Throws: ``BDDLError`` for an expression that is none, or speaks of what the scene does not have.
        public func atoms(in problem: BDDLProblem) throws(BDDLError) -> [GoalPredicate] {
            var text = goal
            if surplus > 0, !goal.drop(while: \.isWhitespace).hasPrefix("(") {
                text = String(repeating: "(", count: surplus) + goal
            } else {
                for _ in 0..<max(surplus, 0) {
                    guard let last = text.lastIndex(of: ")") else { break }
                    text.remove(at: last)
                }
            }
            return try BDDLParser().goal(text: text, about: problem.declaredNames)
        }
    }

    /// By instance, what it may change places with.
    public var swaps: [String: [String: [String: [String]]]]
    /// By category, what may replace it.
    public var replacements: [String: [String: [String: [String]]]]
    /// Paraphrases; the shipped files use the first.
    public var paraphrases: [String: [String: [String]]]
    /// By sentence, other goals in the same scene.
    public var goals: [String: [String: [String: Goal]]]
    /// Names of workspaces the scene may be moved to.
    public var workspaces: [String: [String: [String]]]

    private enum CodingKeys: String, CodingKey {
        case swaps = "spatial_relation"
        case replacements = "object"
        case paraphrases = "language"
        case goals = "task"
        case workspaces = "environment"
    }

    /// Reads a JSON file with the five lists.
    public init(at file: URL) throws {
        let text = try VariantListError.text(of: file, sizeLimit: ParaphraseTable.sizeLimit)
        do { self = try JSONDecoder().decode(LiberoProLists.self, from: Data(text.utf8)) } catch {
            throw VariantListError(
                file: file.path, line: nil,
                reason: "it is not LIBERO-PRO's lists: \(JSONReading.explanation(of: error, in: Data(text.utf8)))")
        }
    }
}
