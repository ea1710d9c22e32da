import Foundation

/// Says LIBERO's instructions in other words.
///
///     sentence := clause ("and" clause)*
///     clause   := take NAME and put PLACE | put NAME PLACE | open NAME | close NAME | turn on/off NAME | push NAME PLACE
///
/// Verbs, the order of a clause and polite openings vary; names of objects and places stay as they are, because they say
/// what is meant.
public struct InstructionGrammar: Sendable {
    /// The verbs that mean the same, by the verb of LIBERO's sentences.
    private static let verbs: [(pattern: String, alternatives: [String])] = [
        ("pick up ", ["pick up ", "take ", "grab ", "grasp ", "lift ", "get "]),
        ("turn on ", ["turn on ", "switch on ", "start "]),
        ("turn off ", ["turn off ", "switch off ", "stop "]),
        ("put both ", ["put both ", "place both ", "set both ", "move both "]),
        ("put ", ["put ", "place ", "set ", "move "]),
        ("place ", ["place ", "put ", "set ", "move "]),
        ("open ", ["open ", "pull open "]),
        ("close ", ["close ", "shut ", "push shut "]),
        ("push ", ["push ", "slide ", "shove "]),
        ("stack ", ["stack ", "pile "]),
    ]
    private static let openings = ["", "", "", "please ", "now ", "robot, ", "can you ", "could you please "]

    public init() {}

    /// A sentence of the same meaning.
    public func paraphrase(
        _ instruction: String, using generator: inout some RandomNumberGenerator
    ) -> String {
        let opening = Self.openings.randomElement(using: &generator) ?? ""
        let clauses = Self.clauses(of: instruction).map { clause -> String in
            guard let verb = Self.verbs.first(where: { clause.hasPrefix($0.pattern) }) else { return clause }
            return (verb.alternatives.randomElement(using: &generator) ?? verb.pattern)
                + clause.dropFirst(verb.pattern.count)
        }
        let link = [" and ", " and then ", ", then "].randomElement(using: &generator) ?? " and "
        let joined = clauses.joined(separator: link)
        return opening + joined + (opening.hasPrefix("can ") || opening.hasPrefix("could ") ? "?" : "")
    }

    /// How many sentences ``paraphrase(_:using:)`` can make of an instruction, openings not counted.
    public func count(of instruction: String) -> Int {
        let clauses = Self.clauses(of: instruction)
        let verbs = clauses.reduce(1) { count, clause in
            count * (Self.verbs.first { clause.hasPrefix($0.pattern) }?.alternatives.count ?? 1)
        }
        return verbs * (clauses.count > 1 ? 3 : 1)
    }

    /// The sentence cut before each verb that follows an "and"; "put both a and b" stays whole.
    private static func clauses(of instruction: String) -> [String] {
        var clauses: [String] = []
        for part in instruction.components(separatedBy: " and ") {
            if clauses.isEmpty || verbs.contains(where: { part.hasPrefix($0.pattern) }) {
                clauses.append(part)
            } else {
                clauses[clauses.count - 1] += " and " + part
            }
        }
        return clauses
    }
}
