public import Foundation

/// The three bytes that some editors put in front of UTF-8. They are no part of the text.
public enum ByteOrderMark {
    /// U+FEFF in UTF-8.
    public static let bytes: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The data without the mark.
    public static func dropped(from data: Data) -> Data {
        data.starts(with: bytes) ? data.dropFirst(bytes.count) : data
    }

    /// The bytes without the mark.
    public static func dropped(from data: [UInt8]) -> ArraySlice<UInt8> {
        data.starts(with: bytes) ? data.dropFirst(bytes.count) : data[...]
    }
}
