import FileSupport
import TensorCore

/// A data set, an episode or a frame that cannot be used: where, why and what to do.
public struct LiberoDataError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        /// A file or folder is not there or cannot be read.
        case cannotRead
        /// The system refused to write.
        case cannotWrite
        /// No known data set, or another version of one.
        case unknownFormat
        /// A file ends early, or contradicts itself or its format.
        case damaged
        /// Two places say different things: lengths, widths, totals.
        case mismatch
        /// A column, camera or file that has to be there is not.
        case missing
        /// A number of an action or state is NaN or infinite.
        case notFinite
        /// An image cannot be decoded.
        case undecodable
        /// Valid, but nothing here reads it.
        case unsupported
        /// The data do not tell what their numbers mean, or not what was expected.
        case meaning
    }

    /// How much is lost.
    public enum Level: String, Comparable, Sendable {
        case frame, episode, open

        public static func < (a: Level, b: Level) -> Bool { a.rank < b.rank }
        private var rank: Int { self == .frame ? 0 : self == .episode ? 1 : 2 }
    }

    public var kind: Kind
    public var level: Level
    /// The path, relative to the data set where it is known.
    public var file: String
    /// The episode's number in the data set.
    public var episode: Int?
    /// What the file calls it, such as `demo_3`.
    public var episodeName: String?
    public var frame: Int?
    /// A column, feature or camera.
    public var column: String?
    /// The byte in the file.
    public var offset: Int?
    public var reason: String
    public var advice: String?

    public init(
        _ kind: Kind, level: Level, file: String, episode: Int? = nil, episodeName: String? = nil, frame: Int? = nil,
        column: String? = nil, offset: Int? = nil, _ reason: String, advice: String? = nil
    ) {
        (self.kind, self.level, self.file, self.episode, self.episodeName) = (kind, level, file, episode, episodeName)
        (self.frame, self.column, self.offset, self.reason, self.advice) = (frame, column, offset, reason, advice)
    }

    public var description: String {
        var place = file
        if let episode { place += ", episode \(episode)" }
        if let episodeName { place += episode == nil ? ", \(episodeName)" : " (\(episodeName))" }
        if let frame { place += ", frame \(frame)" }
        if let column { place += ", '\(column)'" }
        if let offset { place += ", byte \(offset)" }
        return "\(place): \(reason)." + (advice.map { " \($0)" } ?? "")
    }

    /// An error of a file reader, seen from the data set.
    init(
        _ error: any Error, level: Level, file: String, episode: Int? = nil, episodeName: String? = nil,
        frame: Int? = nil, column: String? = nil
    ) {
        if let known = error as? LiberoDataError {
            self = known
            return
        }
        let serialization = error as? SerializationError
        let kind: Kind =
            switch serialization?.kind {
            case .cannotRead: .cannotRead
            case .cannotWrite: .cannotWrite
            case .unsupported, .refused: .unsupported
            case .notFound: .missing
            case .wrongFormat: .unknownFormat
            default: .damaged
            }
        var reason = serialization?.found ?? "\(error)"
        if let member = serialization?.member, member != column { reason = "'\(member)': \(reason)" }
        self.init(
            kind, level: level, file: file, episode: episode, episodeName: episodeName, frame: frame, column: column,
            offset: serialization?.offset, reason, advice: serialization?.advice)
    }
}

/// Something that does not stand in the way and that somebody should know.
public struct DatasetWarning: Hashable, Sendable, CustomStringConvertible {
    public var file: String
    public var text: String

    public init(file: String, _ text: String) { (self.file, self.text) = (file, text) }

    public var description: String { "\(file): \(text)." }
}
