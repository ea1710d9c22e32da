/// What splitting patterns tell apart.
enum CharacterKind: UInt8 {
    case letter, number, space, other

    /// The Unicode version of the reference: Hugging Face's tokenizers 0.23 compute with Oniguruma's tables.
    private static let unicodeVersion = 16

    /// By Unicode's general category; white space is Unicode's White_Space.
    ///
    /// Characters that a later version of Unicode assigned are no letters to the reference, nor here, whatever version
    /// this program was built with.
    init(_ value: UInt32) {
        guard let scalar = Unicode.Scalar(value),
            scalar.properties.age.map({ $0.major <= Self.unicodeVersion }) ?? true
        else {
            self = .other
            return
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: self = .letter
        case .decimalNumber, .letterNumber, .otherNumber: self = .number
        default: self = scalar.properties.isWhitespace ? .space : .other
        }
    }
}

/// The kinds of all characters below U+10000, looked up once.
///
/// `@unchecked Sendable`: the memory is never written after the initializer.
final class CharacterKinds: @unchecked Sendable {
    static let shared = CharacterKinds()

    let base: UnsafePointer<CharacterKind>

    private init() {
        let table = UnsafeMutablePointer<CharacterKind>.allocate(capacity: 0x1_0000)
        for value in 0..<0x1_0000 { (table + value).initialize(to: CharacterKind(UInt32(value))) }
        base = UnsafePointer(table)
    }
}
