extension String {
    /// The text for a terminal or a log line: control characters, among them the escapes that move its cursor or colour
    /// its text, become `\u{…}`; what reorders a line becomes so too. Line ends are kept when `keepsLines` is true.
    public func printable(keepsLines: Bool = false) -> String {
        func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.value {
            case 0x0A: !keepsLines
            case 0x09: false
            case ..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
            default: false
            }
        }
        guard unicodeScalars.contains(where: isUnsafe) else { return self }
        var result = ""
        for scalar in unicodeScalars {
            if isUnsafe(scalar) {
                result += scalar == "\n" ? "\\n" : "\\u{\(Swift.String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
