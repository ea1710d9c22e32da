/// Reads the central directory of a zip archive.
struct ZipDirectory {
    let place: FilePlace
    let limits: FileLimits

    private static let cutOff = "The file is cut off or damaged; fetch it again."

    /// The members in the directory's order, checked against their local headers and against each other.
    func members(of bytes: UnsafeRawBufferPointer) throws -> [ZipArchive.Member] {
        let (count, range) = try locate(in: bytes)
        guard count <= limits.memberCount else {
            throw place.error(
                .limitExceeded, "\(count) members; at most \(limits.memberCount) are allowed",
                advice: "Raise FileLimits.memberCount if the file is meant so.")
        }

        // the directory's entries
        var reader = ByteReader(
            UnsafeRawBufferPointer(rebasing: bytes[..<range.upperBound]), place: place, position: range.lowerBound)
        var entries: [Entry] = []
        for _ in 0..<count { entries.append(try readEntry(&reader)) }
        guard reader.remaining == 0 else {
            throw place.error(
                .damaged, at: reader.position, "\(reader.remaining) bytes follow the directory's last entry")
        }

        // what they would take, before anything is inflated
        var expanded = 0
        let budget = limits.budget(for: bytes.count)
        for entry in entries where entry.isDeflated {
            let (sum, overflow) = expanded.addingReportingOverflow(entry.byteCount)
            guard !overflow, sum <= budget,
                entry.byteCount / limits.expansionRatio <= entry.compressedByteCount
            else {
                throw place.with(member: entry.name).error(
                    .limitExceeded, at: entry.position,
                    "\(entry.compressedByteCount) bytes that inflate to \(entry.byteCount), \(expanded) in members "
                        + "before; \(budget) are allowed to an archive of \(bytes.count)",
                    advice: "Store the members uncompressed if the file is meant so.")
            }
            expanded = sum
        }

        // each against its local header
        let members = try entries.map { try locate($0, in: bytes, directory: range.lowerBound) }
        try checkApart(members)
        return members
    }

    // MARK: End of the directory

    /// How many members there are, and the bytes of the directory.
    private func locate(in bytes: UnsafeRawBufferPointer) throws -> (count: Int, range: Range<Int>) {
        guard let end = endRecord(in: bytes) else {
            let isZip = bytes.starts(with: [0x50, 0x4B])
            throw place.error(
                isZip ? .truncated : .wrongFormat, at: isZip ? bytes.count : 0,
                isZip ? "the ZIP directory is missing from its end" : "not a ZIP archive: no ZIP directory at its end",
                advice: isZip ? Self.cutOff : nil)
        }
        var reader = ByteReader(bytes, place: place, position: end + 4)
        let disk = try reader.read(UInt16.self, "the disk number")
        let directoryDisk = try reader.read(UInt16.self, "the directory's disk")
        let countHere = try reader.read(UInt16.self, "the member count")
        var count = UInt64(try reader.read(UInt16.self, "the member count"))
        var size = UInt64(try reader.read(UInt32.self, "the directory's size"))
        var offset = UInt64(try reader.read(UInt32.self, "the directory's offset"))
        guard disk == 0, directoryDisk == 0, UInt64(countHere) == count else {
            throw place.error(.unsupported, at: end, "an archive in several parts")
        }

        // a zip64 record repeats the numbers in 64 bits; those that fit must agree
        var limit = end
        if let record = try zip64Record(in: bytes, before: end) {
            guard count == record.count || count == 0xFFFF, size == record.size || size == 0xFFFF_FFFF,
                offset == record.offset || offset == 0xFFFF_FFFF
            else { throw place.error(.damaged, at: end, "the two end records of the directory disagree") }
            (count, size, offset, limit) = (record.count, record.size, record.offset, record.position)
        }
        guard offset <= UInt64(limit), size <= UInt64(limit) - offset, count <= size / 46 else {
            throw place.error(
                .damaged, at: end,
                "a directory of \(count) entries and \(size) bytes at byte \(offset), before \(limit)",
                advice: Self.cutOff)
        }
        return (Int(count), Int(offset)..<Int(offset + size))
    }

    /// The last record whose comment ends with the file.
    private func endRecord(in bytes: UnsafeRawBufferPointer) -> Int? {
        let size = 22
        guard bytes.count >= size else { return nil }
        for position in stride(from: bytes.count - size, through: max(0, bytes.count - size - 0xFFFF), by: -1)
        where bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self).littleEndian == 0x0605_4B50 {
            let comment = bytes.loadUnaligned(fromByteOffset: position + 20, as: UInt16.self).littleEndian
            if position + size + Int(comment) == bytes.count { return position }
        }
        return nil
    }

    private func zip64Record(
        in bytes: UnsafeRawBufferPointer, before end: Int
    ) throws -> (position: Int, count: UInt64, size: UInt64, offset: UInt64)? {
        let locator = end - 20
        guard locator >= 0,
            bytes.loadUnaligned(fromByteOffset: locator, as: UInt32.self).littleEndian == 0x0706_4B50
        else { return nil }
        var reader = ByteReader(bytes, place: place, position: locator + 8)
        let position = try reader.read(UInt64.self, "the position of the zip64 record")
        guard position <= UInt64(max(0, locator - 56)),
            bytes.loadUnaligned(fromByteOffset: Int(position), as: UInt32.self).littleEndian == 0x0606_4B50
        else { throw place.error(.damaged, at: locator, "no zip64 record at byte \(position)") }
        reader.position = Int(position) + 32
        let count = try reader.read(UInt64.self, "the member count")
        let size = try reader.read(UInt64.self, "the directory's size")
        let offset = try reader.read(UInt64.self, "the directory's offset")
        return (Int(position), count, size, offset)
    }

    // MARK: Entries

    private struct Entry {
        var name: String
        var position: Int
        var isDeflated: Bool
        var crc32: UInt32
        var compressedByteCount: Int
        var byteCount: Int
        var headerOffset: Int
    }

    private func readEntry(_ reader: inout ByteReader) throws -> Entry {
        let position = reader.position
        guard try reader.read(UInt32.self, "a directory entry") == 0x0201_4B50 else {
            throw place.error(.damaged, at: position, "no directory entry where one is announced", advice: Self.cutOff)
        }
        _ = try reader.take(4, "versions")
        let flags = try reader.read(UInt16.self, "flags")
        let method = try reader.read(UInt16.self, "the method")
        _ = try reader.take(4, "the time")
        let crc = try reader.read(UInt32.self, "the checksum")
        var compressed = UInt64(try reader.read(UInt32.self, "the compressed size"))
        var size = UInt64(try reader.read(UInt32.self, "the size"))
        let nameCount = Int(try reader.read(UInt16.self, "the name's length"))
        let extraCount = Int(try reader.read(UInt16.self, "the extra length"))
        let commentCount = Int(try reader.read(UInt16.self, "the comment's length"))
        _ = try reader.take(8, "disk and attributes")
        var header = UInt64(try reader.read(UInt32.self, "the local header's offset"))
        let name = try name(try reader.take(nameCount, "a name"), at: position)
        let place = place.with(member: name)

        // saturated numbers stand in the zip64 field, in this order
        let extra = try reader.take(extraCount, "extra fields")
        _ = try reader.take(commentCount, "a comment")
        if compressed == 0xFFFF_FFFF || size == 0xFFFF_FFFF || header == 0xFFFF_FFFF {
            guard var field = zip64Field(extra, place) else {
                throw place.error(.damaged, at: position, "sizes of 64 bits are announced and missing")
            }
            if size == 0xFFFF_FFFF { size = try field.read(UInt64.self, "the size") }
            if compressed == 0xFFFF_FFFF { compressed = try field.read(UInt64.self, "the compressed size") }
            if header == 0xFFFF_FFFF { header = try field.read(UInt64.self, "the local header's offset") }
        }

        guard flags & 0x2041 == 0 else { throw place.error(.unsupported, at: position, "an encrypted member") }
        guard method == 0 || method == 8 else {
            throw place.error(
                .unsupported, at: position, "compression method \(method)", advice: "Supported are stored and deflated."
            )
        }
        guard let compressedByteCount = Int(exactly: compressed), let byteCount = Int(exactly: size),
            let headerOffset = Int(exactly: header), method == 8 || compressedByteCount == byteCount
        else {
            throw place.error(
                .damaged, at: position, "\(compressed) bytes stored for \(size), header at byte \(header)")
        }
        return Entry(
            name: name, position: position, isDeflated: method == 8, crc32: crc,
            compressedByteCount: compressedByteCount, byteCount: byteCount, headerOffset: headerOffset)
    }

    private func name(_ bytes: UnsafeRawBufferPointer, at position: Int) throws -> String {
        guard bytes.count <= limits.nameByteCount else {
            throw place.error(
                .limitExceeded, at: position,
                "a name of \(bytes.count) bytes; at most \(limits.nameByteCount) are allowed")
        }
        guard let name = String(validating: bytes, as: UTF8.self) else {
            throw place.error(.unsupported, at: position, "a member's name is not UTF-8")
        }
        return name
    }

    private func zip64Field(_ extra: UnsafeRawBufferPointer, _ place: FilePlace) -> ByteReader? {
        var reader = ByteReader(extra, place: place)
        while let kind = try? reader.read(UInt16.self, "an extra field"),
            let count = try? reader.read(UInt16.self, "its length"),
            let field = try? reader.take(Int(count), "its content")
        {
            if kind == 1 { return ByteReader(field, place: place) }
        }
        return nil
    }

    // MARK: Local headers

    /// Finds a member's content behind its local header, which must say the same as the directory.
    private func locate(_ entry: Entry, in bytes: UnsafeRawBufferPointer, directory: Int) throws -> ZipArchive.Member {
        let place = place.with(member: entry.name)
        guard entry.headerOffset <= directory else {
            throw place.error(.damaged, at: entry.headerOffset, "its local header would lie behind the directory")
        }
        var reader = ByteReader(
            UnsafeRawBufferPointer(rebasing: bytes[..<directory]), place: place, position: entry.headerOffset)
        guard try reader.read(UInt32.self, "the local header") == 0x0403_4B50 else {
            throw place.error(.damaged, at: entry.headerOffset, "no local header where the directory expects one")
        }
        _ = try reader.take(2, "the version")
        let flags = try reader.read(UInt16.self, "flags")
        let method = try reader.read(UInt16.self, "the method")
        _ = try reader.take(4, "the time")
        let crc = try reader.read(UInt32.self, "the checksum")
        var compressed = UInt64(try reader.read(UInt32.self, "the compressed size"))
        var size = UInt64(try reader.read(UInt32.self, "the size"))
        let nameCount = Int(try reader.read(UInt16.self, "the name's length"))
        let extraCount = Int(try reader.read(UInt16.self, "the extra length"))
        let name = try reader.take(nameCount, "the name")
        let extra = try reader.take(extraCount, "extra fields")
        if size == 0xFFFF_FFFF || compressed == 0xFFFF_FFFF, var field = zip64Field(extra, place) {
            size = try field.read(UInt64.self, "the size")
            compressed = try field.read(UInt64.self, "the compressed size")
        }

        // written as a stream (flag 3), the numbers follow the content and are zero here
        let isStream = flags & 8 != 0
        func agrees(_ local: UInt64, _ expected: UInt64) -> Bool { local == expected || (isStream && local == 0) }
        guard name.elementsEqual(entry.name.utf8), (method == 8) == entry.isDeflated, method == 0 || method == 8,
            agrees(UInt64(crc), UInt64(entry.crc32)), agrees(size, UInt64(entry.byteCount)),
            agrees(compressed, UInt64(entry.compressedByteCount))
        else {
            throw place.error(.damaged, at: entry.headerOffset, "local header and directory disagree")
        }
        let start = reader.position
        _ = try reader.take(entry.compressedByteCount, "the content")
        return ZipArchive.Member(
            name: entry.name, byteCount: entry.byteCount, isDeflated: entry.isDeflated, crc32: entry.crc32,
            headerOffset: entry.headerOffset, content: start..<reader.position)
    }

    /// No name twice and no byte in two members: archives that expand far beyond their size use the same bytes again.
    private func checkApart(_ members: [ZipArchive.Member]) throws {
        var names: Set<String> = []
        for member in members where !names.insert(member.name).inserted {
            throw place.with(member: member.name).error(.damaged, at: member.headerOffset, "the name occurs twice")
        }
        let sorted = members.sorted { $0.headerOffset < $1.headerOffset }
        for (member, next) in zip(sorted, sorted.dropFirst()) where next.headerOffset < member.content.upperBound {
            throw place.with(member: next.name).error(
                .damaged, at: next.headerOffset,
                "overlaps '\(member.name)', which ends at byte \(member.content.upperBound)")
        }
    }
}
