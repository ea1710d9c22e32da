/// Walks over bytes and throws, with the place, where they end too early.
///
/// The bytes must outlive the reader: use it inside ``MappedFile/withBytes(_:)``.
package struct ByteReader {
    package let bytes: UnsafeRawBufferPointer
    package let place: FilePlace
    package var position = 0

    package init(_ bytes: UnsafeRawBufferPointer, place: FilePlace, position: Int = 0) {
        self.bytes = bytes
        self.place = place
        self.position = position
    }

    package var remaining: Int { bytes.count - position }

    /// The next little-endian integer.
    package mutating func read<Integer: FixedWidthInteger & BitwiseCopyable>(
        _: Integer.Type, _ what: @autoclosure () -> String
    ) throws -> Integer {
        let size = MemoryLayout<Integer>.size
        try require(size, what())
        defer { position += size }
        return Integer(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Integer.self))
    }

    /// The next `count` bytes.
    package mutating func take(_ count: Int, _ what: @autoclosure () -> String) throws -> UnsafeRawBufferPointer {
        try require(count, what())
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    private func require(_ count: Int, _ what: @autoclosure () -> String) throws {
        guard count >= 0, count <= remaining else {
            throw place.error(
                .truncated, at: position, "\(what()) needs \(count) bytes, \(remaining) are left",
                advice: "The file is cut off or damaged; fetch it again.")
        }
    }
}
