import FileSupport
import Foundation
import Testing

@testable import TensorCore

@Suite struct ZipArchiveTests {
    static let content = Array("hello, zip archive; hello, zip archive".utf8)

    @Test(arguments: [false, true])
    func membersComeBack(deflated: Bool) throws {
        let bytes = try SampleFiles.zip([("a", Self.content), ("b/ü", []), ("c", [1])], deflated: deflated)
        let archive = try ZipArchive(bytes: bytes, name: "sample")
        #expect(archive.members.map(\.name) == ["a", "b/ü", "c"])
        #expect(archive.members.allSatisfy { $0.isDeflated == deflated })
        #expect(try archive.members.map { try archive.bytes(of: $0) } == [Self.content, [], [1]])
        #expect(archive.member("c")?.byteCount == 1 && archive.member("d") == nil)
    }

    /// CRC-32 of "123456789" (the check value of the polynomial).
    @Test func checksumIsThatOfZip() {
        #expect(Array("123456789".utf8).withUnsafeBytes { CRC32.checksum($0) } == 0xCBF4_3926)
    }

    @Test func contentThatDoesNotFitItsChecksumIsRefused() throws {
        var bytes = try SampleFiles.zip([("a", Self.content)])
        bytes[31 + 4] ^= 1
        let archive = try ZipArchive(bytes: bytes, name: "sample")
        expectError(.damaged, naming: ["'a'", "byte 31", "checksum"]) { _ = try archive.bytes(of: archive.members[0]) }
        var limits = FileLimits()
        limits.verifiesChecksums = false
        let unchecked = try ZipArchive(bytes: bytes, name: "sample", limits: limits)
        #expect(try unchecked.bytes(of: unchecked.members[0]).count == Self.content.count)
    }

    @Test func directoryAndLocalHeadersMustAgree() throws {
        let good = try SampleFiles.zip([("a", Self.content)])
        for offset in [8, 14, 18, 22, 30] {
            var bytes = good
            bytes[offset] ^= 8
            expectError(.damaged, naming: ["'a'", "disagree"]) { _ = try ZipArchive(bytes: bytes, name: "sample") }
        }
    }

    @Test func overlappingMembersAreRefused() throws {
        // two directory entries with one local header between them
        let good = try SampleFiles.zip([("a", Self.content), ("a", Self.content)])
        expectError(.damaged, naming: ["'a'", "twice"]) { _ = try ZipArchive(bytes: good, name: "sample") }
        // the second member lies in the content of the first
        let inner = Array(try SampleFiles.zip([("b", [7])]).prefix(32))
        var bytes = try SampleFiles.zip([("a", inner), ("b", [7])])
        let header = 31 + inner.count
        let directory = bytes.count - 22 - 47
        #expect(Array(bytes[header..<header + 4]) == [0x50, 0x4B, 3, 4])
        #expect(Array(bytes[directory..<directory + 4]) == [0x50, 0x4B, 1, 2])
        bytes[directory + 42] = 31
        expectError(.damaged, naming: ["'b'", "overlaps 'a'"]) { _ = try ZipArchive(bytes: bytes, name: "sample") }
    }

    @Test func bombsAreRefusedBeforeTheyInflate() throws {
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        let bytes = try SampleFiles.zip([("a", zeros), ("b", zeros)], deflated: true)
        var limits = FileLimits()
        limits.expandedByteCount = 3 << 19
        expectError(.limitExceeded, naming: ["'b'"]) {
            _ = try ZipArchive(bytes: bytes, name: "sample", limits: limits)
        }
        limits = FileLimits()
        limits.expansionRatio = 100
        expectError(.limitExceeded, naming: ["'a'"]) {
            _ = try ZipArchive(bytes: bytes, name: "sample", limits: limits)
        }
        #expect(try ZipArchive(bytes: bytes, name: "sample").members.count == 2)
    }

    @Test func sizesThatLieAreRefused() throws {
        let good = try SampleFiles.zip([("a", Self.content)], deflated: true)
        let directory = good.count - 22 - 47
        for size in [Self.content.count - 1, Self.content.count + 1] {
            var bytes = good
            bytes[22] = UInt8(size)
            bytes[directory + 24] = UInt8(size)
            let archive = try ZipArchive(bytes: bytes, name: "sample")
            expectError(.damaged, naming: ["'a'", "inflate to \(size)"]) {
                _ = try archive.bytes(of: archive.members[0])
            }
        }
    }

    @Test func everyTruncationIsRefused() throws {
        let good = try SampleFiles.zip([("a", Self.content), ("b", [1])])
        for count in good.indices.dropFirst(2) {
            expectError(.truncated, naming: ["ZIP directory is missing"]) {
                _ = try ZipArchive(bytes: good[..<count], name: "sample")
            }
        }
        expectError(.wrongFormat) { _ = try ZipArchive(bytes: [], name: "sample") }
    }

    @Test func limitsOnNamesAndMembersHold() throws {
        let bytes = try SampleFiles.zip([("abcdef", []), ("b", [])])
        var limits = FileLimits()
        limits.memberCount = 1
        expectError(.limitExceeded, naming: ["2 members"]) {
            _ = try ZipArchive(bytes: bytes, name: "sample", limits: limits)
        }
        limits = FileLimits()
        limits.nameByteCount = 5
        expectError(.limitExceeded, naming: ["6 bytes"]) {
            _ = try ZipArchive(bytes: bytes, name: "sample", limits: limits)
        }
    }

    /// An archive whose sizes and offsets all stand in zip64 records.
    @Test func zip64RecordsAreRead() throws {
        var bytes = zip64(size: UInt64(Self.content.count))
        let archive = try ZipArchive(bytes: bytes, name: "sample")
        #expect(try archive.bytes(of: archive.members[0]) == Self.content)
        bytes = zip64(size: 1 << 63)
        expectError(.damaged, naming: ["'a'"]) { _ = try ZipArchive(bytes: bytes, name: "sample") }
        bytes = zip64(size: 1 << 62)
        expectError(.truncated, naming: ["'a'", "the content needs 4611686018427387904 bytes"]) {
            _ = try ZipArchive(bytes: bytes, name: "sample")
        }
    }

    private func zip64(size: UInt64) -> [UInt8] {
        let crc = Self.content.withUnsafeBytes { CRC32.checksum($0) }
        var bytes: [UInt8] = []
        func shared(_ extraCount: UInt16) {
            for field in [UInt16(45), 0, 0, 0, 33] { bytes.append(littleEndian: field) }
            for field in [crc, .max, .max] { bytes.append(littleEndian: field) }
            for field in [UInt16(1), extraCount] { bytes.append(littleEndian: field) }
        }
        bytes.append(littleEndian: UInt32(0x0403_4B50))
        shared(20)
        bytes.append(UInt8(ascii: "a"))
        for field in [UInt16(1), 16] { bytes.append(littleEndian: field) }
        for field in [size, size] { bytes.append(littleEndian: field) }
        bytes += Self.content
        let directory = bytes.count
        bytes.append(littleEndian: UInt32(0x0201_4B50))
        bytes.append(littleEndian: UInt16(45))
        shared(28)
        bytes += [UInt8](repeating: 0, count: 10)
        bytes.append(littleEndian: UInt32.max)
        bytes.append(UInt8(ascii: "a"))
        for field in [UInt16(1), 24] { bytes.append(littleEndian: field) }
        for field in [size, size, 0] { bytes.append(littleEndian: field) }
        let end = bytes.count
        bytes.append(littleEndian: UInt32(0x0606_4B50))
        bytes.append(littleEndian: UInt64(44))
        for field in [UInt16(45), 45] { bytes.append(littleEndian: field) }
        for field in [UInt32(0), 0] { bytes.append(littleEndian: field) }
        for field in [UInt64(1), 1, UInt64(end - directory), UInt64(directory)] { bytes.append(littleEndian: field) }
        bytes.append(littleEndian: UInt32(0x0706_4B50))
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: UInt64(end))
        bytes.append(littleEndian: UInt32(1))
        bytes.append(littleEndian: UInt32(0x0605_4B50))
        bytes += [0, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 12) + [0, 0]
        return bytes
    }
}
