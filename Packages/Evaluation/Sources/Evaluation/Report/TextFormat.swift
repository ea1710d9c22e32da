import FileSupport
import Foundation

/// Numbers as texts and tables show them.
package enum TextFormat {
    /// `3:05`, `1:02:09`
    package static func clock(_ seconds: TimeInterval) -> String {
        let total = Int(clamping: seconds, to: 0...Int.max)
        let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
    }

    /// `87.5 %`
    package static func percent(_ share: Double) -> String {
        let tenths = Int(clamping: share * 1000, to: 0...1_000_000)
        return "\(tenths / 10).\(tenths % 10) %"
    }

    /// Spaces in front.
    package static func padded(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(width - text.count, 0)) + text
    }
}
