import FileSupport
import Foundation
import TFRecord
import TensorCore
import TensorTestSupport
import Testing

@Suite struct TFRecordTests {
    @Test func checksumOfTheDigits() {
        #expect(Array("123456789".utf8).withUnsafeBytes { CRC32C.checksum($0) } == 0xE306_9283)
        #expect([UInt8]().withUnsafeBytes { CRC32C.checksum($0) } == 0)
        // 32 zeros (RFC 3720, B.4)
        #expect([UInt8](repeating: 0, count: 32).withUnsafeBytes { CRC32C.checksum($0) } == 0x8A91_36AA)
    }

    static let example = TFExample(features: [
        "steps/action": .floats([1, -0.5, .infinity]), "steps/is_first": .integers([1, 0, -3]),
        "steps/image": .bytes([Data([1, 2, 3]), Data()]), "empty": .floats([]),
    ])

    @Test func exampleReadsBackWholeAndInParts() throws {
        let record = Self.example.serialized()
        let file = try TFRecordFile(bytes: TFRecordFile.framed(record) + TFRecordFile.framed([]), name: "test")
        #expect(file.records.count == 2 && file.records[0] == 12..<12 + record.count)
        try file.withRecord(0) { bytes in
            #expect(try TFExample(serialized: bytes, name: "test") == Self.example)
            let index = try TFExampleIndex(bytes, name: "test")
            #expect(Set(index.features.keys) == Set(Self.example.features.keys))
            #expect(try index.feature("steps/action", of: bytes) == Self.example.features["steps/action"])
            #expect(try index.byteStrings("steps/image", of: bytes)?.map(\.count) == [3, 0])
            #expect(try index.byteStrings("steps/action", of: bytes) == nil)
            #expect(try index.feature("absent", of: bytes) == nil)
        }
    }

    /// Lists may also be written one by one, and unknown fields are passed over.
    @Test func unpackedListsAndUnknownFieldsAreRead() throws {
        // Feature { 2: FloatList { 1: 1.0 (fixed32), 1: 2.0 } }, unknown field 9 = varint 5
        let list: [UInt8] = [0x0D, 0, 0, 0x80, 0x3F, 0x0D, 0, 0, 0, 0x40]
        let feature: [UInt8] = [0x48, 5, 0x12, UInt8(list.count)] + list
        let entry: [UInt8] = [0x0A, 1, UInt8(ascii: "a"), 0x12, UInt8(feature.count)] + feature
        let features: [UInt8] = [0x0A, UInt8(entry.count)] + entry
        let record: [UInt8] = [0x0A, UInt8(features.count)] + features
        let (example, part) = try record.withUnsafeBytes { bytes in
            (
                try TFExample(serialized: bytes, name: "test"),
                try TFExampleIndex(bytes, name: "test").feature("a", of: bytes)
            )
        }
        #expect(example.features == ["a": .floats([1, 2])] && part == .floats([1, 2]))
    }

    /// Every prefix, and every flipped byte, is an error or another example, never a crash.
    @Test func damagedFilesDoNotCrash() throws {
        let bytes = TFRecordFile.framed(Self.example.serialized())
        for count in 1..<bytes.count {
            #expect(throws: SerializationError.self) { try TFRecordFile(bytes: Array(bytes[..<count]), name: "cut") }
        }
        for position in bytes.indices {
            var damaged = bytes
            damaged[position] ^= 0x55
            guard let file = try? TFRecordFile(bytes: damaged, name: "damaged") else { continue }
            #expect(throws: SerializationError.self) { try file.withRecord(0) { _ in } }
            try? file.withRecord(0, verifies: false) { record in
                _ = try? TFExample(serialized: record, name: "damaged")
                guard let index = try? TFExampleIndex(record, name: "damaged") else { return }
                for key in index.features.keys {
                    _ = try? index.feature(key, of: record)
                    _ = try? index.byteStrings(key, of: record)
                }
            }
        }
    }

    @Test func wholeRecordsOfACutFileAreFound() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("TFRecordTests-\(UUID())")
        defer { try? FileManager.default.removeItem(at: url) }
        let (first, second) = (TFRecordFile.framed([1, 2, 3]), TFRecordFile.framed([4]))
        for left in 0...second.count {
            try Data(first + second[..<left]).write(to: url)
            let (records, failure) = try TFRecordFile.wholeRecords(at: url)
            #expect(records.count == (left == second.count ? 2 : 1))
            #expect((failure == nil) == (left == 0 || left == second.count))
        }
    }
}

/// Damaged files fail with the words of `expected.json`.
@Suite struct CorruptTFRecordGoldenTests {
    static let cases: [(URL, StrictJSON)] = SharedFixtures.all("data/samples/corrupt/rlds/expected.json").flatMap {
        file -> [(URL, StrictJSON)] in
        guard let data = try? Data(contentsOf: file),
            let entries = try? StrictJSON(parsing: data, file: "expected.json").object
        else { return [] }
        // folders are data sets, which LiberoDataTests read
        return entries.map { (file.deletingLastPathComponent().appendingPathComponent($0.key), $0.value) }
            .filter { (try? FileManager.default.contentsOfDirectory(atPath: $0.0.path)) == nil }
    }

    @Test(arguments: cases)
    func damageIsTold(url: URL, expected: StrictJSON) throws {
        var (failures, good): ([(String, any Error)], Int) = ([], 0)
        do {
            let file = try TFRecordFile(at: url)
            for record in file.records.indices {
                do {
                    try file.withRecord(record) { _ = try TFExample(serialized: $0, name: file.name) }
                    good += 1
                } catch {
                    failures.append(("record", error))
                }
            }
        } catch {
            failures.append(("read", error))
        }
        let failure = try #require(failures.first)
        #expect(expected["error"]?.string?.components(separatedBy: " or ").contains(failure.0) == true)
        for word in expected["message_must_name"]?.array?.compactMap(\.string) ?? [] {
            #expect("\(failure.1)".localizedCaseInsensitiveContains(word), "\(failure.1)")
        }
        if let count = expected["good_records"]?.integer { #expect(good == count) }
    }
}
