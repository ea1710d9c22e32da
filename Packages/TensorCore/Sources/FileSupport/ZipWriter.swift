/// Writes a zip archive without zip64: less than 4 GiB and 65 535 members.
package struct ZipWriter {
    package let place: FilePlace
    private var directory: [UInt8] = []
    private var count = 0
    private var offset = 0

    package init(place: FilePlace) { self.place = place }

    /// Adds a member whose content is passed in pieces, stored or deflated.
    package mutating func add(_ name: String, _ pieces: [UnsafeRawBufferPointer], deflated: Bool, to sink: ByteSink)
        throws
    {
        let size = pieces.reduce(0) { $0 + $1.count }
        let crc = pieces.reduce(0) { CRC32.checksum($1, after: $0) }
        guard deflated else {
            try addHeader(name, stored: size, size: size, crc: crc, deflated: false, to: sink)
            for piece in pieces { try sink(piece) }
            return
        }
        let content = Deflate.deflate(pieces)
        try addHeader(name, stored: content.count, size: size, crc: crc, deflated: true, to: sink)
        try content.withUnsafeBytes(sink)
    }

    private mutating func addHeader(
        _ name: String, stored: Int, size: Int, crc: UInt32, deflated: Bool, to sink: ByteSink
    ) throws {
        let end = offset + 30 + name.utf8.count + stored
        guard size < 0xFFFF_FFFF, end < 0xFFFF_FFFF, count < 0xFFFE, name.utf8.count <= 0xFFFF else {
            throw place.with(member: name).error(
                .unsupported, "an archive of more than 4 GiB or 65 535 members", advice: "Write safetensors files.")
        }

        // fields that the local header and the directory share: version 2.0, UTF-8 names, 1 January 1980
        var shared: [UInt8] = []
        shared.append(littleEndian: UInt16(20))
        shared.append(littleEndian: UInt16(0x0800))
        shared.append(littleEndian: UInt16(deflated ? 8 : 0))
        shared.append(littleEndian: UInt16(0))
        shared.append(littleEndian: UInt16(1 << 5 | 1))
        shared.append(littleEndian: crc)
        shared.append(littleEndian: UInt32(stored))
        shared.append(littleEndian: UInt32(size))
        shared.append(littleEndian: UInt16(name.utf8.count))
        shared.append(littleEndian: UInt16(0))

        var header: [UInt8] = []
        header.append(littleEndian: UInt32(0x0403_4B50))
        header += shared + Array(name.utf8)
        try header.withUnsafeBytes(sink)

        directory.append(littleEndian: UInt32(0x0201_4B50))
        directory.append(littleEndian: UInt16(20))
        directory += shared
        directory += [UInt8](repeating: 0, count: 10)
        directory.append(littleEndian: UInt32(offset))
        directory += Array(name.utf8)
        offset = end
        count += 1
    }

    /// Writes the directory.
    package func finish(to sink: ByteSink) throws {
        var end = directory
        end.append(littleEndian: UInt32(0x0605_4B50))
        end.append(littleEndian: UInt32(0))
        end.append(littleEndian: UInt16(count))
        end.append(littleEndian: UInt16(count))
        end.append(littleEndian: UInt32(directory.count))
        end.append(littleEndian: UInt32(offset))
        end.append(littleEndian: UInt16(0))
        try end.withUnsafeBytes(sink)
    }
}

extension [UInt8] {
    package mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
