import Foundation

/// A normalizer, pre-tokenizer, post-processor or decoder of a `tokenizer.json`: all settings that any of them has.
struct TokenizerPart: Decodable {
    let type: String
    private let add_prefix_space, use_regex, individual_digits, invert, strip_left, strip_right: Bool?
    private let behavior, prepend, content: String?
    private let pattern: Pattern?
    private let normalizers, pretokenizers: [TokenizerPart]?

    /// `{"Regex": "…"}` or `{"String": "…"}`.
    private struct Pattern: Decodable {
        let Regex, String: Swift.String?
    }

    /// Something this tokenizer does not do.
    struct Unsupported: Error {
        let setting, found: String

        init(_ setting: String, _ found: String) {
            self.setting = setting
            self.found = found
        }
    }

    func normalizer() throws(Unsupported) -> TextNormalizer {
        let normalizer = try readNormalizer()
        guard normalizer.growth <= TextNormalizer.growthLimit else {
            throw Unsupported("a normalizer", "which makes a text up to \(normalizer.growth) times as long")
        }
        return normalizer
    }

    private func readNormalizer() throws(Unsupported) -> TextNormalizer {
        switch type {
        case "NFC": return .nfc
        case "NFD": return .nfd
        case "NFKC": return .nfkc
        case "NFKD": return .nfkd
        case "Lowercase": return .lowercase
        case "Strip": return .strip(left: strip_left ?? true, right: strip_right ?? true)
        case "Prepend": return .prepend(prepend ?? "")
        case "Replace":
            let text = pattern?.Regex ?? NSRegularExpression.escapedPattern(for: pattern?.String ?? "")
            guard !text.isEmpty, let expression = try? NSRegularExpression(pattern: text) else {
                throw Unsupported("a normalizer that replaces", pattern?.Regex ?? "nothing")
            }
            if pattern?.Regex != nil, let reason = PatternGuard.refusal(of: text, expression) {
                throw Unsupported("a normalizer that replaces", "\(text.prefix(100)): \(reason)")
            }
            return .replace(.init(expression: expression), with: content ?? "")
        case "Sequence":
            var steps: [TextNormalizer] = []
            for part in normalizers ?? [] { steps.append(try part.normalizer()) }
            return .sequence(steps)
        default: throw Unsupported("the normalizer", type)
        }
    }

    /// The steps of a pre-tokenizer, which has to end in `ByteLevel`.
    func preTokenizer() throws(Unsupported) -> PreTokenizer {
        let parts = type == "Sequence" ? pretokenizers ?? [] : [self]
        guard let last = parts.last, last.type == "ByteLevel" else {
            throw Unsupported("the pre-tokenizer", parts.last?.type ?? type)
        }
        var result = PreTokenizer(steps: [], addsPrefixSpace: last.add_prefix_space ?? true)
        if result.addsPrefixSpace, parts.count > 1 {
            throw Unsupported("a pre-tokenizer with several steps and add_prefix_space", "true")
        }
        for part in parts.dropLast() { result.steps.append(try part.step()) }
        if last.use_regex ?? true { result.steps.append(.gpt2) }
        return result
    }

    private func step() throws(Unsupported) -> PreTokenizer.Step {
        switch type {
        case "Digits": return .digits(individually: individual_digits ?? false)
        case "Split":
            // matches are pieces; the rest too, or it is left out
            let keepsRest: Bool
            switch (behavior ?? "", invert ?? false) {
            case ("Isolated", _): keepsRest = true
            case ("Removed", true): keepsRest = false
            case (let behavior, let invert): throw Unsupported("a split with invert \(invert) and behavior", behavior)
            }
            do {
                if let text = pattern?.String, !text.isEmpty {
                    return .pattern(try SplitPattern(literal: text, keepsRest: keepsRest))
                }
                let split = try SplitPattern(pattern?.Regex ?? "", keepsRest: keepsRest)
                if let reason = split.refusal { throw Unsupported("a split at the pattern", reason) }
                return .pattern(split)
            } catch let error as Unsupported {
                throw error
            } catch {
                throw Unsupported("a split at the pattern", pattern?.Regex ?? "null")
            }
        default: throw Unsupported("the pre-tokenizer", type)
        }
    }
}
