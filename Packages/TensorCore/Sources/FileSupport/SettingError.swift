/// A setting that has no meaning: where it stands, what it is, and what is allowed.
public struct SettingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file, or what was given instead of one, such as `options`.
    public let file: String
    /// Keys from the outermost value, joined by dots; the name of an option.
    public let field: String
    public let found: String
    public let allowed: String

    public init(file: String, field: String, found: String, allowed: String) {
        (self.file, self.field, self.found, self.allowed) = (file, field, found, allowed)
    }

    public var description: String {
        let place = [file, field].filter { !$0.isEmpty }.joined(separator: ", ")
        return "\(place): \(found); allowed is \(allowed).".printable()
    }
}
