import FileSupport

/// A byte-level byte-pair tokenizer, as in GPT-2 and MiniMind.
///
/// Text is cut at added tokens, then into pieces (words with the space before them, numbers, signs, white space); each
/// piece's UTF-8 bytes are merged by the ranked pairs. Nothing is added around the text and nothing is unknown: every
/// byte has a token (``hasEveryByte``). Unless a normalizer changes it, decoding an encoded text gives it back.
/// Source: Sennrich et al. 2016, arXiv:1508.07909; Radford et al. 2019 (GPT-2) for bytes and pattern.
public struct BPETokenizer: Sendable {
    /// One more than the highest id.
    public var vocabularySize: Int { tokens.count }
    /// Tokens recognized as they stand, by id.
    public let addedTokens: [AddedToken]

    /// The bytes of each id; nil for unused ids.
    private let tokens: [[UInt8]?]
    /// The ids of the single bytes; `noID` for those without.
    private let byteIDs: [UInt32]
    private let merges: MergeTable
    private let splitting: Splitting
    private let matcher: AddedTokenMatcher
    private let normalizedMatcher: AddedTokenMatcher
    private let specialIDs: Set<Int>
    /// Ids of whole pieces that are tokens, when these are taken before anything is merged.
    private let wholePieces: [[UInt8]: UInt32]
    private let pool = EncoderPool()

    private static let noID = UInt32.max

    /// What happens to text before it is merged.
    struct Splitting: Sendable {
        var normalizer: TextNormalizer?
        var preTokenizer = PreTokenizer()
        /// Whether a piece that is a token is not merged.
        var takesWholePieces = false

        /// The same for equal settings.
        var description: String {
            "\(normalizer?.description ?? "") \(preTokenizer.description) \(takesWholePieces)"
        }
    }

    init(
        tokens: [[UInt8]?], byteIDs: [Int?], merges: MergeTable, addedTokens: [AddedToken],
        splitting: Splitting = Splitting(), wholePieces: [[UInt8]: Int] = [:]
    ) {
        self.tokens = tokens
        self.byteIDs = byteIDs.map { $0.map { UInt32($0) } ?? Self.noID }
        self.merges = merges
        self.splitting = splitting
        self.addedTokens = addedTokens.sorted { $0.id < $1.id }
        let normalizer = splitting.normalizer
        matcher = AddedTokenMatcher(addedTokens.filter { normalizer == nil || !$0.isNormalized })
        normalizedMatcher = AddedTokenMatcher(
            addedTokens.filter { normalizer != nil && $0.isNormalized }, normalizer: normalizer)
        specialIDs = Set(addedTokens.filter(\.isSpecial).map(\.id))
        self.wholePieces = splitting.takesWholePieces ? wholePieces.mapValues { UInt32($0) } : [:]
    }

    /// Whether each of the 256 bytes has a token. Where not, text with such a byte loses it, as in the reference.
    public var hasEveryByte: Bool { !byteIDs.contains(Self.noID) }

    // MARK: Encoding

    /// The ids of a text.
    ///
    /// - Parameters:
    ///   - text: Any text.
    ///   - recognizingAddedTokens: When false, `<|im_end|>` and the like are text as any other; for words of
    ///     people who must not be able to end their own turn.
    public func encode(_ text: String, recognizingAddedTokens: Bool = true) -> [Int] {
        var text = text
        var ids = IDBuffer()
        text.withUTF8 { encode($0, recognizingAddedTokens: recognizingAddedTokens, into: &ids) }
        return ids.array
    }

    /// Appends the ids of UTF-8 bytes, which must be valid.
    func encode(_ text: UnsafeBufferPointer<UInt8>, recognizingAddedTokens: Bool, into ids: inout IDBuffer) {
        pool.withWorkspace { workspace in
            guard recognizingAddedTokens, !matcher.isEmpty else {
                encode(
                    text, 0..<text.count, recognizingAddedTokens: recognizingAddedTokens, into: &ids, &workspace)
                return
            }
            matcher.split(text) { range, id in
                if let id {
                    ids.append([UInt32(id)])
                } else {
                    encode(text, range, recognizingAddedTokens: true, into: &ids, &workspace)
                }
            }
        }
    }

    /// Text without added tokens: normalized, then searched for those that are looked for in normalized text.
    private func encode(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, recognizingAddedTokens: Bool,
        into ids: inout IDBuffer, _ workspace: inout EncoderPool.Workspace
    ) {
        guard let normalizer = splitting.normalizer else {
            encodePart(text, range, into: &ids, &workspace)
            return
        }
        var normalized = normalizer(String(decoding: text[range], as: UTF8.self))
        normalized.withUTF8 { text in
            guard recognizingAddedTokens, !normalizedMatcher.isEmpty else {
                encodePart(text, 0..<text.count, into: &ids, &workspace)
                return
            }
            normalizedMatcher.split(text) { range, id in
                if let id { ids.append([UInt32(id)]) } else { encodePart(text, range, into: &ids, &workspace) }
            }
        }
    }

    private func encodePart(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into ids: inout IDBuffer,
        _ workspace: inout EncoderPool.Workspace
    ) {
        if splitting.preTokenizer.addsPrefixSpace, let first = range.first, text[first] != UInt8(ascii: " ") {
            let spaced = [UInt8(ascii: " ")] + text[range]
            spaced.withUnsafeBufferPointer { encodePieces($0, 0..<$0.count, into: &ids, &workspace) }
        } else {
            encodePieces(text, range, into: &ids, &workspace)
        }
    }

    private func encodePieces(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into ids: inout IDBuffer,
        _ workspace: inout EncoderPool.Workspace
    ) {
        merges.withLookup { lookup in
            byteIDs.withUnsafeBufferPointer { byteIDs in
                splitting.preTokenizer.forEachPiece(of: text, in: range) { start, end in
                    let key = PieceCache.key(text, start, end)
                    if let key, workspace.cache.append(key, to: &ids) { return }
                    if !wholePieces.isEmpty, let id = wholePieces[Array(text[start..<end])] {
                        ids.append([id])
                        return
                    }
                    workspace.merger.symbols.removeAll(keepingCapacity: true)
                    for i in start..<end where byteIDs[Int(text[i])] != Self.noID {
                        workspace.merger.symbols.append(byteIDs[Int(text[i])])
                    }
                    workspace.merger.merge(lookup)
                    ids.append(workspace.merger.symbols)
                    if let key { workspace.cache.insert(key, workspace.merger.symbols) }
                }
            }
        }
    }

    // MARK: Decoding

    /// The text of ids, every maximal invalid part of its UTF-8 replaced by U+FFFD.
    ///
    /// Unused ids, such as rows a model has beyond its vocabulary, are skipped.
    public func decode(_ ids: some Sequence<Int>, skippingSpecialTokens: Bool = false) -> String {
        var bytes: [UInt8] = []
        for id in ids where !(skippingSpecialTokens && specialIDs.contains(id)) { bytes += self.bytes(of: id) ?? [] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes of an id, which need not be whole characters; nil for unused ids.
    public func bytes(of id: Int) -> [UInt8]? { tokens.indices.contains(id) ? tokens[id] : nil }

    /// Whether an id is a special token.
    public func isSpecial(_ id: Int) -> Bool { specialIDs.contains(id) }

    /// The id of an added token such as `<|im_end|>`; nil when there is none with this content.
    public func id(ofAddedToken content: String) -> Int? {
        addedTokens.first { $0.content.utf8.elementsEqual(content.utf8) }?.id
    }
}

extension BPETokenizer {
    /// 16 hexadecimal digits that differ for tokenizers with other tokens, merges or added tokens: to notice that a file
    /// was made with another one. No protection against intent.
    public var fingerprint: String {
        // FNV-1a over the tokens in order; merges are added up, each hashed by itself
        var hash = FNVHash()
        for (id, token) in tokens.enumerated() {
            guard let token else { continue }
            hash.add(UInt64(id))
            hash.add(UInt64(token.count))
            for byte in token { hash.add(byte) }
        }
        for token in addedTokens {
            hash.add(UInt64(token.id))
            let flags = [token.isSpecial, token.isWord, token.takesLeft, token.takesRight, token.isNormalized]
            hash.add(flags.reduce(UInt8(0)) { 2 * $0 + ($1 ? 1 : 0) })
        }
        hash.add(merges.digest)
        for byte in splitting.description.utf8 { hash.add(byte) }
        return hash.hexadecimal
    }
}
