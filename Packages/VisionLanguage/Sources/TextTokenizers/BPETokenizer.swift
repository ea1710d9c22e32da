/// A byte-level byte-pair tokenizer, as in GPT-2 and MiniMind.
///
/// Text is cut at added tokens, then into pieces (words with the space before them, numbers, signs, white space); each
/// piece's UTF-8 bytes are merged by the ranked pairs. Nothing is added around the text and nothing is unknown: every
/// byte has a token. Decoding an encoded text gives it back.
/// Source: Sennrich et al. 2016, arXiv:1508.07909; Radford et al. 2019 (GPT-2) for bytes and pattern.
public struct BPETokenizer: Sendable {
    /// One more than the highest id.
    public var vocabularySize: Int { tokens.count }
    /// Tokens recognized as they stand, by id.
    public let addedTokens: [AddedToken]

    /// The bytes of each id; nil for ids that stand for nothing.
    private let tokens: [[UInt8]?]
    /// The ids of the single bytes.
    private let byteIDs: [Int]
    private let merges: MergeTable
    private let matcher: AddedTokenMatcher
    private let specialIDs: Set<Int>

    init(tokens: [[UInt8]?], byteIDs: [Int], merges: MergeTable, addedTokens: [AddedToken]) {
        self.tokens = tokens
        self.byteIDs = byteIDs
        self.merges = merges
        self.addedTokens = addedTokens.sorted { $0.id < $1.id }
        matcher = AddedTokenMatcher(addedTokens)
        specialIDs = Set(addedTokens.filter(\.isSpecial).map(\.id))
    }

    // MARK: Encoding

    /// The ids of a text.
    ///
    /// - Parameter recognizingAddedTokens: When false, `<|im_end|>` and the like are text as any other; for words of
    ///   people who must not be able to end their own turn.
    public func encode(_ text: String, recognizingAddedTokens: Bool = true) -> [Int] {
        let bytes = Array(text.utf8)
        var ids: [Int] = []
        var start = 0
        while recognizingAddedTokens, let match = matcher.firstMatch(in: bytes, from: start) {
            encode(bytes, in: start..<match.range.lowerBound, into: &ids)
            ids.append(match.id)
            start = match.range.upperBound
        }
        encode(bytes, in: start..<bytes.count, into: &ids)
        return ids
    }

    private func encode(_ bytes: [UInt8], in range: Range<Int>, into ids: inout [Int]) {
        TextSplitter.forEachPiece(of: bytes, in: range) { piece in
            ids += merges.merged(bytes[piece].map { byteIDs[Int($0)] })
        }
    }

    // MARK: Decoding

    /// The text of ids, every maximal invalid part of its UTF-8 replaced by U+FFFD.
    ///
    /// Ids that stand for nothing, such as rows a model has beyond its vocabulary, are left out.
    public func decode(_ ids: some Sequence<Int>, skippingSpecialTokens: Bool = false) -> String {
        var bytes: [UInt8] = []
        for id in ids where !(skippingSpecialTokens && specialIDs.contains(id)) { bytes += self.bytes(of: id) ?? [] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes an id stands for, which need not be whole characters; nil for ids that stand for nothing.
    public func bytes(of id: Int) -> [UInt8]? { tokens.indices.contains(id) ? tokens[id] : nil }

    /// Whether an id is a special token.
    public func isSpecial(_ id: Int) -> Bool { specialIDs.contains(id) }

    /// The id of an added token such as `<|im_end|>`; nil when there is none with this content.
    public func id(ofAddedToken content: String) -> Int? {
        addedTokens.first { $0.content.utf8.elementsEqual(content.utf8) }?.id
    }
}
