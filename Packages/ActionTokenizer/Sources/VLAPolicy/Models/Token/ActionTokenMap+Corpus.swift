public import ActionTokenizer
import FileSupport
public import Foundation
public import TextTokenizers

extension ActionTokenMap {
    /// The least used tokens of a counted corpus as action bins, with what they were chosen by.
    ///
    /// - Parameters:
    ///   - count: The corpus.
    ///   - binCount: Bins, at least 2.
    ///   - tokenizer: The tokenizer's file.
    ///   - file: Where the map is written.
    /// - Throws: `RequestError` for more bins than tokens that text can do without.
    public static func writeLeastUsed(
        of count: TokenCountReport, binCount: Int, tokenizer: URL, to file: URL
    ) throws {
        guard binCount <= count.freeCount else {
            throw RequestError(
                "--bins is \(binCount); \(count.freeCount) tokens can be taken from this vocabulary.")
        }
        let kept = count.tokenizer.indispensableIDs
        try ActionTokenMap(tokenIDs: count.frequency.leastUsed(binCount, keeping: kept)).write(
            to: file,
            provenance: Provenance(
                corpus: count.corpus.files.map(\.lastPathComponent).joined(separator: ", "),
                tokenCount: count.frequency.tokenCount,
                tokenizerHash: SHA256.hexadecimal([UInt8](try FileContent.data(at: tokenizer)))))
    }
}

extension ActionTokenEvidence {
    /// What survives, and what the lost ids become.
    public func text(_ map: ActionTokenMap, tokenizer: BPETokenizer) -> String {
        var lines = ["\(map.binCount) ids, \(survivingCount) survive being text"]
        for (id, again) in lost.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(id) '\(tokenizer.decode([id]))' becomes \(again)")
        }
        if !special.isEmpty { lines.append("special, not to be used: \(special)") }
        return lines.joined(separator: "\n")
    }
}
