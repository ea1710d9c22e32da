import Foundation
import TextTokenizers

/// A vocabulary one can check by hand: the 256 bytes have the ids 0…255, then come the merged tokens.
enum SmallTokenizer {
    /// The printable character of each byte, written out apart from the code under test.
    static let symbols: [String] = {
        let plain = Array(33...126) + Array(161...172) + Array(174...255)
        let rest = (0...255).filter { !plain.contains($0) }
        return (0...255).map { byte in
            let value = plain.contains(byte) ? byte : 256 + (rest.firstIndex(of: byte) ?? 0)
            return Unicode.Scalar(UInt32(value)).map { String(Character($0)) } ?? ""
        }
    }()

    static func symbols(_ text: String) -> String { text.utf8.map { symbols[Int($0)] }.joined() }

    /// The JSON of a tokenizer with these merges, in order of rank; result i has the id 256 + i.
    static func object(merges: [(String, String)], added: [(id: Int, content: String, special: Bool)] = []) -> [String:
        Any]
    {
        var vocabulary = Dictionary(uniqueKeysWithValues: symbols.enumerated().map { ($1, $0) })
        for (i, merge) in merges.enumerated() { vocabulary[symbols(merge.0 + merge.1)] = 256 + i }
        return [
            "added_tokens": added.map { ["id": $0.id, "content": $0.content, "special": $0.special] as [String: Any] },
            "pre_tokenizer": ["type": "ByteLevel", "add_prefix_space": false] as [String: Any],
            "decoder": ["type": "ByteLevel"],
            "model": [
                "type": "BPE", "vocab": vocabulary, "merges": merges.map { [symbols($0.0), symbols($0.1)] },
            ] as [String: Any],
        ]
    }

    static func tokenizer(_ object: [String: Any]) throws -> BPETokenizer {
        try BPETokenizer(json: JSONSerialization.data(withJSONObject: object), name: "small")
    }

    static func make(
        merges: [(String, String)], added: [(id: Int, content: String, special: Bool)] = []
    ) throws -> BPETokenizer {
        try tokenizer(object(merges: merges, added: added))
    }
}

/// SplitMix64; the same numbers on every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A text of code points from all planes, with more white space, apostrophes and letters than chance would give.
    mutating func text(maximumLength: Int) -> String {
        let frequent = Array("'s'll're nt\n\t  \r\u{A0}\u{3000}a1é你🙂!<|im_end|>\u{301}".unicodeScalars)
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...maximumLength, using: &self) {
            let limit: UInt32 = [0x80, 0x800, 0x1_0000, 0x11_0000].randomElement(using: &self) ?? 0x80
            if Bool.random(using: &self), let scalar = frequent.randomElement(using: &self) {
                scalars.append(scalar)
            } else if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &self)) {
                scalars.append(scalar)
            }
        }
        return String(scalars)
    }
}
