/// Cuts text into pieces within which tokens are merged: one step after the other, each on the pieces of the one before.
struct PreTokenizer: Sendable {
    enum Step: Sendable {
        /// GPT-2's pattern.
        case gpt2
        /// Each match of a pattern is a piece; what lies between is one, or is left out.
        case pattern(SplitPattern)
        /// Runs of digits apart from the rest, or each digit for itself.
        case digits(individually: Bool)
    }

    var steps: [Step] = [.gpt2]
    /// Whether a space is put before text that does not start with one.
    var addsPrefixSpace = false

    /// The same for equal steps.
    var description: String {
        steps.map { step in
            switch step {
            case .gpt2: "gpt2"
            case .pattern(let pattern): pattern.description
            case .digits(let individually): "digits \(individually)"
            }
        }.joined(separator: ", ") + " \(addsPrefixSpace)"
    }

    /// Calls `body` with the byte range of each piece, in order. The text is valid UTF-8.
    @inline(__always)
    func forEachPiece(
        of text: UnsafeBufferPointer<UInt8>, in range: Range<Int>, _ body: (_ start: Int, _ end: Int) -> Void
    ) {
        if steps.count == 1, case .gpt2 = steps[0] {
            TextSplitter.forEachPiece(of: text, in: range, body)
            return
        }
        var pieces = range.isEmpty ? [] : [range]
        for step in steps {
            var next: [Range<Int>] = []
            for piece in pieces { step.split(text, piece) { if $0 < $1 { next.append($0..<$1) } } }
            pieces = next
        }
        for piece in pieces { body(piece.lowerBound, piece.upperBound) }
    }
}

extension PreTokenizer.Step {
    fileprivate func split(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ body: (Int, Int) -> Void) {
        switch self {
        case .gpt2: TextSplitter.forEachPiece(of: text, in: range, body)
        case .pattern(let pattern): pattern.split(text, range, body)
        case .digits(let individually):
            // by Unicode's Numeric_Type, as Rust's `is_numeric`
            var start = range.lowerBound
            var wasDigit = false
            var place = range.lowerBound
            for scalar in String(decoding: text[range], as: UTF8.self).unicodeScalars {
                let isDigit = CharacterKind(scalar.value) == .number
                if place > start, isDigit != wasDigit || isDigit && individually {
                    body(start, place)
                    start = place
                }
                wasDigit = isDigit
                place += scalar.utf8.count
            }
            body(start, place)
        }
    }
}
