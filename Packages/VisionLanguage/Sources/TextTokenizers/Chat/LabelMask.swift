/// Which tokens of a conversation a language model is trained to say: the assistant's.
public struct LabelMask: Equatable, Sendable {
    /// What a position has as label when it is not supervised.
    public static let ignoredLabel = -100

    /// The ids before an answer.
    private let header: [Int]
    /// The ids after it.
    private let end: [Int]
    /// Ids after the header that are still not the answer.
    private let skippedCount: Int
    /// Ids after the end that are still learned.
    private let extraCount: Int

    /// The mask that belongs to a chat template, in the ids of the tokenizer.
    ///
    /// 2025: from the token after the header's line feed up to `<|im_end|>` and one token more (its line feed).
    /// 2026: from the header's line feed on up to `<|im_end|>` and its line feed.
    public init(_ template: ChatTemplate, tokenizer: BPETokenizer) {
        switch template {
        case .miniMind2025:
            header = tokenizer.encode("<|im_start|>assistant")
            end = tokenizer.encode("<|im_end|>")
            (skippedCount, extraCount) = (1, 1)
        case .miniMind2026:
            header = tokenizer.encode("<|im_start|>assistant\n")
            end = tokenizer.encode("<|im_end|>\n")
            (skippedCount, extraCount) = (0, 0)
        }
    }

    /// For each id, whether it is to be learned.
    ///
    /// An answer without end reaches to the end of the ids, padding included, as in the references.
    public func supervised(_ ids: [Int]) -> [Bool] {
        var mask = Array(repeating: false, count: ids.count)
        var i = 0
        while i < ids.count {
            guard ids[i...].starts(with: header) else {
                i += 1
                continue
            }
            let start = i + header.count
            let stop = (start..<ids.count).first { ids[$0...].starts(with: end) } ?? ids.count
            let first = start + skippedCount
            let last = min(stop + end.count + extraCount, ids.count)
            if first < last { for j in first..<last { mask[j] = true } }
            i = stop + end.count
        }
        return mask
    }

    /// The ids where they are to be learned, ``ignoredLabel`` elsewhere; not shifted.
    public func labels(for ids: [Int]) -> [Int] {
        zip(ids, supervised(ids)).map { $1 ? $0 : Self.ignoredLabel }
    }
}
