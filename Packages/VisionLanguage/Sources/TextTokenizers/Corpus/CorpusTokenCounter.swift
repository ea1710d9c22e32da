import Dispatch
import Foundation
import Synchronization

/// Counts the tokens of a corpus: block by block, on all cores, and from where it was stopped.
///
/// A line is a text of its own, so that neither blocks nor cores change the counts.
///
///     var counter = try CorpusTokenCounter(corpus, tokenizer: tokenizer)
///     if let saved { try counter.resume(from: saved) }
///     while try counter.countBlock() { print(counter.progress.fraction, to: &standardError) }
///     let rare = counter.frequency.leastUsed(256, keeping: tokenizer.indispensableIDs)
public struct CorpusTokenCounter: Sendable {
    /// All there is to save; as JSON a few bytes per token of the vocabulary.
    public struct State: Codable, Equatable, Sendable {
        /// Paths and sizes, in order.
        public fileprivate(set) var files: [String]
        public fileprivate(set) var format: Corpus.Format
        /// ``BPETokenizer/fingerprint``.
        public fileprivate(set) var tokenizer: String
        /// The file that is being read and the byte of its next line.
        public fileprivate(set) var file = 0
        public fileprivate(set) var byte = 0
        public fileprivate(set) var textCount = 0
        public fileprivate(set) var frequency: TokenFrequency
    }

    public struct Progress: Equatable, Sendable {
        public var countedBytes, totalBytes: Int
        public var tokenCount: Int

        /// 0 to 1.
        public var fraction: Double { totalBytes > 0 ? Double(countedBytes) / Double(totalBytes) : 1 }
    }

    public private(set) var state: State
    private let corpus: Corpus
    private let tokenizer: BPETokenizer
    private let sizes: [Int]
    private let blockByteCount: Int

    /// Prepares to count from the beginning.
    ///
    /// - Parameters:
    ///   - corpus: What is counted.
    ///   - tokenizer: In whose tokens.
    ///   - blockByteCount: What is read at once, and more where a line is longer.
    /// - Throws: ``CorpusError`` when a file cannot be read.
    public init(_ corpus: Corpus, tokenizer: BPETokenizer, blockByteCount: Int = 16 << 20) throws {
        precondition(blockByteCount > 0, "CorpusTokenCounter: blocks of \(blockByteCount) bytes")
        self.corpus = corpus
        self.tokenizer = tokenizer
        self.blockByteCount = blockByteCount
        sizes = try corpus.sizes()
        state = State(
            files: zip(corpus.files, sizes).map { "\($0.path) (\($1) bytes)" }, format: corpus.format,
            tokenizer: tokenizer.fingerprint, frequency: TokenFrequency(vocabularySize: tokenizer.vocabularySize))
    }

    /// Goes on where another run was.
    ///
    /// - Throws: ``CorpusError/otherCorpus(what:saved:found:)`` unless it counted the same files with the same tokenizer.
    public mutating func resume(from saved: State) throws(CorpusError) {
        func check(_ what: String, _ saved: String, _ found: String) throws(CorpusError) {
            if saved != found { throw .otherCorpus(what: what, saved: saved, found: found) }
        }
        try check("the files", "\(saved.files)", "\(state.files)")
        try check("the format", "\(saved.format)", "\(state.format)")
        try check("the tokenizer", saved.tokenizer, state.tokenizer)
        let counts = saved.frequency.counts
        guard counts.count == tokenizer.vocabularySize, saved.frequency.isConsistent,
            saved.file < sizes.count ? (0...sizes[max(saved.file, 0)]).contains(saved.byte) : saved.byte == 0,
            (0...sizes.count).contains(saved.file)
        else { throw .otherCorpus(what: "a state", saved: "that contradicts itself", found: "a new one") }
        state = saved
    }

    public var frequency: TokenFrequency { state.frequency }

    public var progress: Progress {
        Progress(
            countedBytes: sizes.prefix(state.file).reduce(0, +) + state.byte, totalBytes: sizes.reduce(0, +),
            tokenCount: state.frequency.tokenCount)
    }

    /// Counts the next block; false when there is none.
    ///
    /// - Throws: ``CorpusError`` with the byte; the state is then the one before the block.
    public mutating func countBlock() throws -> Bool {
        while state.file < sizes.count, state.byte >= sizes[state.file] {
            state.file += 1
            state.byte = 0
        }
        guard state.file < sizes.count else { return false }
        let block = try corpus.block(of: state.file, from: state.byte, byteCount: blockByteCount)
        let (frequency, textCount) = try count(block)
        state.frequency = state.frequency + frequency
        state.textCount += textCount
        state.byte += block.count
        return true
    }

    /// Counts all that is left.
    ///
    /// - Parameter afterBlock: Called between blocks, to show ``progress`` or to save ``state``.
    /// - Throws: ``CorpusError``, also when there was no text at all: nothing may be concluded from that.
    public mutating func countAll(afterBlock: (CorpusTokenCounter) throws -> Void = { _ in }) throws -> TokenFrequency {
        while try countBlock() { try afterBlock(self) }
        if state.textCount == 0 { throw corpus.noText() }
        return frequency
    }

    // MARK: Blocks

    private struct Part: Sendable {
        var frequency: TokenFrequency
        var textCount = 0
        var error: CorpusError?
    }

    private func count(_ block: [UInt8]) throws -> (TokenFrequency, textCount: Int) {
        // parts of whole lines, several for each core
        var parts: [Range<Int>] = []
        var start = 0
        while start < block.count {
            let least = min(start + max(block.count / 64, 1 << 12), block.count)
            let end = block[(least - 1)...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? block.count
            parts.append(start..<end)
            start = end
        }
        let empty = TokenFrequency(vocabularySize: tokenizer.vocabularySize)
        let total = Mutex((Part(frequency: empty), error: (byte: Int, CorpusError)?.none))
        let ranges = parts
        DispatchQueue.concurrentPerform(iterations: ranges.count) { index in
            var part = Part(frequency: empty)
            block.withUnsafeBufferPointer { countLines($0, ranges[index], into: &part) }
            let found = part
            total.withLock { total in
                total.0.frequency = total.0.frequency + found.frequency
                total.0.textCount += found.textCount
                // the first of several errors
                if let error = found.error, ranges[index].lowerBound < total.error?.byte ?? .max {
                    total.error = (ranges[index].lowerBound, error)
                }
            }
        }
        return try total.withLock { total in
            if let (_, error) = total.error { throw error }
            return (total.0.frequency, total.0.textCount)
        }
    }

    private func countLines(_ block: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into part: inout Part) {
        var ids = IDBuffer()
        var frequency = part.frequency
        var textCount = 0
        func count(_ text: UnsafeBufferPointer<UInt8>) {
            // an escape may stand for half of a pair
            var text = String(decoding: text, as: UTF8.self)
            ids.removeAll()
            text.withUTF8 { tokenizer.encode($0, recognizingAddedTokens: true, into: &ids) }
            ids.forEach { frequency.add($0) }
            textCount += 1
        }
        do throws(CorpusError) {
            try corpus.forEachText(of: block, range, file: state.file, at: state.byte, count)
        } catch {
            part.error = error
        }
        part.frequency = frequency
        part.textCount = textCount
    }
}
