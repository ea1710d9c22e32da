/// The printable characters that byte-level vocabularies write for bytes.
///
/// 33…126, 161…172 and 174…255 stand for themselves as code points; the other 68 bytes, in ascending order, are U+0100,
/// U+0101, …: a space is `Ġ` (U+0120), a line feed `Ċ`. Source: GPT-2, `encoder.py`, `bytes_to_unicode`.
enum ByteSymbols {
    /// The symbol of each byte.
    static let scalars: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (UInt8.min...UInt8.max).map { byte in
            switch byte {
            case 33...126, 161...172, 174...255: return Unicode.Scalar(byte)
            default:
                defer { next += 1 }
                return Unicode.Scalar(next) ?? "\u{FFFD}"
            }
        }
    }()

    private static let bytes = Dictionary(uniqueKeysWithValues: zip(scalars, UInt8.min...UInt8.max))

    /// The bytes of a vocabulary entry; nil when one of its characters is no symbol.
    static func bytes(of symbols: some Sequence<Unicode.Scalar>) -> [UInt8]? {
        var result: [UInt8] = []
        for scalar in symbols {
            guard let byte = bytes[scalar] else { return nil }
            result.append(byte)
        }
        return result
    }
}
