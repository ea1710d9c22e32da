import Testing

/// Something that goes wrong between training and acting, and what stops it here.
struct Mutation: Sendable, CustomTestStringConvertible {
    enum Guard: String, Sendable {
        /// Cannot be written down, or has no effect.
        case impossible
        /// An error that names the field.
        case refused
        /// Found by a number that is watched.
        case detected
    }

    var name: String
    var guarded: Guard
    /// What stops it, for the table.
    var by: String
    /// Passes when the guard holds: expectations inside.
    var check: @Sendable () throws -> Void

    init(_ name: String, _ guarded: Guard, by: String, _ check: @escaping @Sendable () throws -> Void) {
        (self.name, self.guarded, self.by, self.check) = (name, guarded, by, check)
    }

    /// Refused with an error whose text holds all of the words.
    static func refused(
        _ name: String, by: String, naming words: String..., attempt: @escaping @Sendable () throws -> Void
    ) -> Mutation {
        Mutation(name, .refused, by: by) {
            do {
                try attempt()
                Issue.record("\(name): nothing was thrown")
            } catch {
                let text = "\(error)"
                for word in words { #expect(text.contains(word), "\(name): '\(word)' is not in: \(text)") }
            }
        }
    }

    var testDescription: String { name }

    static let all = ofObservations + ofStates + ofActions + ofWords + ofModels
}
