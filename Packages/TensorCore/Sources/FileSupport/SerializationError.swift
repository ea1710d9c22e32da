/// A file could not be read or written: which one, where in it, what was found and what to do.
public struct SerializationError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        /// The system refused to open or read the file.
        case cannotRead
        /// The system refused to write the file.
        case cannotWrite
        /// The first bytes are not those of the format.
        case wrongFormat
        /// The file ends before what it announces.
        case truncated
        /// The file contradicts itself or its format's specification.
        case damaged
        /// A valid file uses something this reader or writer has no place for.
        case unsupported
        /// The file asks for more than ``FileLimits`` allows.
        case limitExceeded
        /// A name that was asked for is not in the file.
        case notFound
        /// The file asks for code to be run.
        case refused
    }

    public let kind: Kind
    /// The file's path, or the name given to bytes in memory.
    public let file: String
    /// Member of an archive, or tensor.
    public let member: String?
    /// Byte offset: in the member if one is named and `kind` arose inside it, else in the file.
    public let offset: Int?
    public let found: String
    public let advice: String?

    public init(
        _ kind: Kind, file: String, member: String? = nil, offset: Int? = nil, _ found: String, advice: String? = nil
    ) {
        self.kind = kind
        self.file = file
        self.member = member
        self.offset = offset
        self.found = found
        self.advice = advice
    }

    public var description: String {
        var place = file
        if let member { place += ", '\(member)'" }
        if let offset { place += ", byte \(offset)" }
        return ("\(place): \(found)." + (advice.map { " \($0)" } ?? "")).printable(keepsLines: true)
    }
}

/// A file, or a member of an archive: where an error arose.
package struct FilePlace: Sendable {
    package let file: String
    package var member: String?

    package init(file: String, member: String? = nil) {
        self.file = file
        self.member = member
    }

    package func error(
        _ kind: SerializationError.Kind, at offset: Int? = nil, _ found: String, advice: String? = nil
    ) -> SerializationError {
        SerializationError(kind, file: file, member: member, offset: offset, found, advice: advice)
    }

    package func with(member: String) -> FilePlace { FilePlace(file: file, member: member) }
}
