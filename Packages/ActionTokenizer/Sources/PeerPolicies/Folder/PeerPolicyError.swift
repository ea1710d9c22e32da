/// A checkpoint folder of another project cannot be used: which file, which key, what was found, what to do.
public struct PeerPolicyError: Error, Hashable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        /// A file of the layout is missing.
        case missingFile
        /// A value contradicts the layout or another file.
        case damaged
        /// The folder asks for something that is not built here.
        case unsupported
        /// Statistics that normalization needs are not there, or not under their names.
        case statistics
        /// Weights do not fit the configuration.
        case weights
        /// Something the folder does not say has to be given as an option.
        case needsOption
        /// The observation lacks what the policy was trained with.
        case observation
    }

    public let kind: Kind
    /// The file's name within the folder, or the folder.
    public let file: String
    /// The key, tensor or option; nil when the whole file is meant.
    public let key: String?
    public let found: String
    public let remedy: String

    public init(_ kind: Kind, file: String, key: String? = nil, _ found: String, remedy: String) {
        self.kind = kind
        self.file = file
        self.key = key
        self.found = found
        self.remedy = remedy
    }

    public var description: String {
        "\(file)\(key.map { ", '\($0)'" } ?? ""): \(found). \(remedy)"
    }
}

/// What was noticed while a folder was read: repairs, and what may surprise.
public struct PeerFinding: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        /// Something was read otherwise than it is written.
        case repaired
        /// Valid, but often not what was meant.
        case suspicious
        /// A key that has no effect here.
        case ignored
    }

    public let kind: Kind
    public let text: String

    public init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    public var description: String { "\(kind.rawValue): \(text)" }
}
