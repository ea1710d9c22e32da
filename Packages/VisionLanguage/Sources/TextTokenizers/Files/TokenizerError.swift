/// A tokenizer file that cannot be used.
public enum TokenizerError: Error, Equatable, CustomStringConvertible {
    /// The file is no `tokenizer.json`.
    case wrongLayout(file: String, reason: String)
    /// The file asks for something this tokenizer does not do.
    case unsupported(file: String, setting: String, found: String)
    /// The file contradicts itself.
    case inconsistent(file: String, reason: String)
    /// The file is larger than allowed.
    case limit(file: String, what: String, found: Int, limit: Int)

    public var description: String {
        switch self {
        case .wrongLayout(let file, let reason): "\(file) is no tokenizer.json: \(reason)."
        case .unsupported(let file, let setting, let found):
            "\(file) has \(setting) \(found); only byte-level BPE is supported, see BPETokenizer.init(at:)."
        case .inconsistent(let file, let reason): "\(file) contradicts itself: \(reason)."
        case .limit(let file, let what, let found, let limit):
            "\(file) has \(what) of \(found); at most \(limit) are read."
        }
    }
}
