/// Whether bytes are UTF-8 (Unicode, table 3-7).
enum UTF8Check {
    /// The place of the first sequence that is none; `nil` when all are.
    static func firstInvalid(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var place = 0
        while place < bytes.count {
            let lead = bytes[place]
            if lead < 0x80 {
                place += 1
                continue
            }
            let second: ClosedRange<UInt8>
            let length: Int
            switch lead {
            case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
            case 0xE0: (length, second) = (3, 0xA0...0xBF)
            case 0xED: (length, second) = (3, 0x80...0x9F)
            case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
            case 0xF0: (length, second) = (4, 0x90...0xBF)
            case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
            case 0xF4: (length, second) = (4, 0x80...0x8F)
            default: return place
            }
            guard place + length <= bytes.count, second ~= bytes[place + 1],
                bytes[place + 2..<place + length].allSatisfy({ $0 & 0xC0 == 0x80 })
            else { return place }
            place += length
        }
        return nil
    }
}
