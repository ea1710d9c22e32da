/// Learns a byte-level byte-pair vocabulary from text.
///
/// The pair that occurs most often becomes a token, again and again; of pairs that occur equally often the one with the
/// smaller ids, the left one first. Source: Sennrich et al. 2016, arXiv:1508.07909; order, counting and ties as in
/// Hugging Face's `tokenizers` (`BpeTrainer` with a `ByteLevel` pre-tokenizer), whose merges it reproduces.
public struct BPETrainer: Sendable {
    /// Tokens to stop at; fewer when no pair is frequent enough.
    public var vocabularySize: Int
    /// Occurrences a pair needs.
    public var minimumFrequency: Int
    /// Tokens that are recognized as they stand; they get the first ids.
    public var specialTokens: [String]
    /// Characters that have a token whether they occur or not, besides all that occur.
    public var alphabet: Alphabet
    /// Bytes that merged tokens have fewer than; nil for any number.
    public var maximumTokenLength: Int?

    public enum Alphabet: Hashable, Sendable {
        /// The symbols of all 256 bytes, so that nothing is unknown.
        case everyByte
        /// These characters as they are.
        case scalars([Unicode.Scalar])
        /// The symbols of the bytes of these characters, so that none of them is unknown.
        case bytes(of: [Unicode.Scalar])
    }

    /// Occurrences of each piece of text.
    private var counts: [[UInt8]: Int] = [:]

    public init(
        vocabularySize: Int, minimumFrequency: Int = 2, specialTokens: [String] = [],
        alphabet: Alphabet = .everyByte, maximumTokenLength: Int? = nil
    ) {
        self.vocabularySize = vocabularySize
        self.minimumFrequency = minimumFrequency
        self.specialTokens = specialTokens
        self.alphabet = alphabet
        self.maximumTokenLength = maximumTokenLength
    }

    /// Counts a text's pieces; a text stands alone, as a document or an example does.
    public mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            TextSplitter.forEachPiece(of: bytes, in: 0..<bytes.count) { counts[Array(bytes[$0..<$1]), default: 0] += 1 }
        }
    }

    /// Learns the merges of all text so far.
    ///
    /// - Throws: ``TokenizerError`` when two special tokens, or a special token and a character, are the same.
    public func train() throws(TokenizerError) -> TrainedBPE {
        // special tokens, then characters by code point
        var vocabulary = specialTokens.map { Array($0.unicodeScalars) }
        var scalars: Set<Unicode.Scalar>
        switch alphabet {
        case .everyByte: scalars = Set(ByteSymbols.scalars)
        case .scalars(let given): scalars = Set(given)
        case .bytes(let given):
            scalars = Set(given.flatMap { String($0).utf8 }.map { ByteSymbols.scalars[Int($0)] })
        }
        for piece in counts.keys { for byte in piece { scalars.insert(ByteSymbols.scalars[Int(byte)]) } }
        vocabulary += scalars.sorted().map { [$0] }
        var ids: [[Unicode.Scalar]: Int] = [:]
        for (id, token) in vocabulary.enumerated() {
            guard !token.isEmpty, ids.updateValue(id, forKey: token) == nil else {
                throw .inconsistent(
                    file: "training", reason: "the token '\(String(String.UnicodeScalarView(token)))' is there twice")
            }
        }

        var words = PairCounter(maximumTokenLength: maximumTokenLength ?? .max)
        let byteIDs = ByteSymbols.scalars.map { ids[[$0]] ?? 0 }
        for (piece, count) in counts { words.add(piece.map { UInt32(byteIDs[Int($0)]) }, count: count) }
        words.start()

        var merges: [TrainedBPE.Merge] = []
        while vocabulary.count < vocabularySize, let pair = words.nextPair(minimum: max(1, minimumFrequency)) {
            let (left, right) = (Int(pair >> 32), Int(pair & 0xFFFF_FFFF))
            let token = vocabulary[left] + vocabulary[right]
            // two ways of merging may end in the same token
            let id = ids[token] ?? vocabulary.count
            if id == vocabulary.count {
                vocabulary.append(token)
                ids[token] = id
            }
            merges.append(TrainedBPE.Merge(left: left, right: right))
            words.merge(pair, into: UInt32(id))
        }
        return TrainedBPE(
            vocabulary: vocabulary.map { String(String.UnicodeScalarView($0)) }, merges: merges,
            specialTokenCount: specialTokens.count, hasEveryByte: alphabet == .everyByte)
    }
}

/// Words as ids, how often pairs of neighbours occur in them, and which words to look at for a pair.
private struct PairCounter {
    typealias Pair = UInt64

    /// A pair that may be next, and the words it was found in since it was last put here.
    private struct Candidate {
        var count: Int
        let pair: Pair
        let words: [Int32]

        /// More often first; of equals the smaller ids.
        func isBefore(_ other: Candidate) -> Bool {
            count != other.count ? count > other.count : pair < other.pair
        }
    }

    private struct Symbol {
        var id: UInt32
        /// Its bytes.
        var length: UInt32
    }

    private let maximumTokenLength: Int
    private var words: [[Symbol]] = []
    private var wordCounts: [Int] = []
    private var pairCounts: [Pair: Int] = [:]
    private var heap: [Candidate] = []
    /// Of the merge that was popped last.
    private var currentWords: [Int32] = []

    init(maximumTokenLength: Int) { self.maximumTokenLength = maximumTokenLength }

    mutating func add(_ ids: [UInt32], count: Int) {
        words.append(ids.map { Symbol(id: $0, length: 1) })
        wordCounts.append(count)
    }

    private static func pair(_ left: UInt32, _ right: UInt32) -> Pair { UInt64(left) << 32 | UInt64(right) }

    /// Counts all pairs.
    mutating func start() {
        var found: [Pair: [Int32]] = [:]
        for (index, word) in words.enumerated() {
            for i in word.indices.dropLast() {
                let pair = Self.pair(word[i].id, word[i + 1].id)
                pairCounts[pair, default: 0] += wordCounts[index]
                Self.note(index, in: &found[pair, default: []])
            }
        }
        push(found)
    }

    private static func note(_ word: Int, in list: inout [Int32]) {
        if list.last != Int32(word) { list.append(Int32(word)) }
    }

    private mutating func push(_ found: [Pair: [Int32]]) {
        for (pair, words) in found {
            guard let count = pairCounts[pair], count > 0 else { continue }
            insert(Candidate(count: count, pair: pair, words: words))
        }
    }

    /// The most frequent pair; nil when it occurs less often than `minimum`.
    mutating func nextPair(minimum: Int) -> Pair? {
        while var top = removeFirst() {
            // counts that have changed since are put back in order
            let count = pairCounts[top.pair] ?? 0
            if top.count != count {
                top.count = count
                insert(top)
                continue
            }
            guard count >= minimum else { return nil }
            currentWords = top.words
            return top.pair
        }
        return nil
    }

    /// Replaces a pair in the words it was found in, and counts what comes about.
    mutating func merge(_ pair: Pair, into id: UInt32) {
        let (left, right) = (UInt32(pair >> 32), UInt32(pair & 0xFFFF_FFFF))
        var found: [Pair: [Int32]] = [:]
        for index in currentWords {
            let index = Int(index)
            let count = wordCounts[index]
            var word: [Symbol] = []
            swap(&word, &words[index])
            var i = 0
            while i + 1 < word.count {
                guard word[i].id == left, word[i + 1].id == right else {
                    i += 1
                    continue
                }
                let merged = Symbol(id: id, length: word[i].length + word[i + 1].length)
                if i > 0 {
                    pairCounts[Self.pair(word[i - 1].id, left), default: 0] -= count
                    if Int(word[i - 1].length + merged.length) < maximumTokenLength {
                        let new = Self.pair(word[i - 1].id, id)
                        pairCounts[new, default: 0] += count
                        Self.note(index, in: &found[new, default: []])
                    }
                }
                word[i] = merged
                word.remove(at: i + 1)
                if i + 1 < word.count {
                    pairCounts[Self.pair(right, word[i + 1].id), default: 0] -= count
                    if Int(word[i + 1].length + merged.length) < maximumTokenLength {
                        let new = Self.pair(id, word[i + 1].id)
                        pairCounts[new, default: 0] += count
                        Self.note(index, in: &found[new, default: []])
                    }
                }
                i += 1
            }
            swap(&word, &words[index])
        }
        push(found)
    }

    // MARK: Heap

    private mutating func insert(_ candidate: Candidate) {
        heap.append(candidate)
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func removeFirst() -> Candidate? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            var best = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].isBefore(heap[best]) {
                best = child
            }
            guard best != parent else { return first }
            heap.swapAt(parent, best)
            parent = best
        }
    }
}
