/// Which token represents which action bin: bin 0, the lowest values, first.
///
/// A language model has no words for actions; 256 of its ids are taken over. Text and actions must not share an id, so
/// the same map is used for writing and reading and is stored with the policy.
public struct ActionTokenMap: Equatable, Sendable {
    /// The id of each bin.
    public let tokenIDs: [Int]
    /// The bin of each id.
    private let bins: [Int: Int]

    public var binCount: Int { tokenIDs.count }

    /// Takes one id per bin.
    ///
    /// - Throws: ``ActionTokenMapError`` when an id occurs twice, is negative or not below `vocabularySize`.
    public init(tokenIDs: [Int], vocabularySize: Int? = nil) throws(ActionTokenMapError) {
        guard !tokenIDs.isEmpty else { throw .empty }
        var bins: [Int: Int] = [:]
        for (bin, id) in tokenIDs.enumerated() {
            guard id >= 0, id < vocabularySize ?? .max else {
                throw .outsideVocabulary(id: id, bin: bin, vocabularySize: vocabularySize)
            }
            if let other = bins.updateValue(bin, forKey: id) { throw .repeatedID(id, bins: [other, bin]) }
        }
        self.tokenIDs = tokenIDs
        self.bins = bins
    }

    /// The last ids of a vocabulary, as OpenVLA takes them: the lowest bin has the highest id, `vocabularySize − 1`.
    ///
    /// `vocabularySize` is the tokenizer's, without rows added to the model to fill up a multiple. These ids are seldom
    /// used words only where the vocabulary is sorted by use; MiniMind's is not.
    public init(lastIDsOf vocabularySize: Int, binCount: Int = 256) {
        precondition(
            binCount > 0 && binCount <= vocabularySize, "ActionTokenMap: \(binCount) bins in \(vocabularySize) tokens")
        tokenIDs = (0..<binCount).map { vocabularySize - 1 - $0 }
        bins = Dictionary(uniqueKeysWithValues: tokenIDs.enumerated().map { ($1, $0) })
    }

    /// The id of a bin, 0..<binCount.
    public func tokenID(ofBin bin: Int) -> Int {
        precondition(tokenIDs.indices.contains(bin), "tokenID: bin \(bin) of \(binCount)")
        return tokenIDs[bin]
    }

    /// The bin of an id; nil for ids of text tokens.
    public func bin(of tokenID: Int) -> Int? { bins[tokenID] }

    /// Whether an id is an action token.
    ///
    /// It tells nothing about a place in a sequence: text may hold such an id as well.
    public func contains(_ tokenID: Int) -> Bool { bins[tokenID] != nil }
}

/// A list of ids that cannot represent action bins.
public enum ActionTokenMapError: Error, Equatable, CustomStringConvertible {
    case empty
    case repeatedID(Int, bins: [Int])
    case outsideVocabulary(id: Int, bin: Int, vocabularySize: Int?)
    case wrongLayout(file: String, reason: String)

    public var description: String {
        switch self {
        case .empty: "The action token map has no bins."
        case .repeatedID(let id, let bins): "Bins \(bins) of the action token map have the same id \(id)."
        case .outsideVocabulary(let id, let bin, let size):
            "Bin \(bin) of the action token map has the id \(id), "
                + (size.map { "outside the vocabulary of \($0)." } ?? "which is negative.")
        case .wrongLayout(let file, let reason): "\(file) is no action token map: \(reason)."
        }
    }
}
