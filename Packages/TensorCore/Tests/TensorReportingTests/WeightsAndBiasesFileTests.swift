import FileSupport
import Foundation
import TensorTraining
import Testing

@testable import TensorReporting

@Suite struct WeightsAndBiasesFileTests {
    /// The records' bytes, joined over blocks, each piece's checksum compared.
    private static func records(_ bytes: [UInt8]) -> [[UInt8]] {
        var (records, current): ([[UInt8]], [UInt8]) = ([], [])
        var place = 7
        while place < bytes.count {
            let room = 32_768 - place % 32_768
            if room < 7 {
                place += room
                continue
            }
            let length = Int(bytes[place + 4]) | Int(bytes[place + 5]) << 8
            let kind = bytes[place + 6]
            let data = Array(bytes[place + 7..<place + 7 + length])
            let checksum = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place + $1]) << (8 * UInt32($1)) }
            #expect(checksum == CRC32.checksum([kind] + data))
            current += data
            if kind == 1 || kind == 4 {
                records.append(current)
                current = []
            }
            place += 7 + length
        }
        #expect(current.isEmpty)
        return records
    }

    @Test func recordsComeBackOverBlocks() {
        let file = WeightsAndBiasesFile(project: "vla", name: "run", time: Date(timeIntervalSince1970: 0))
        #expect(file.id.count == 8 && file.folderName == "offline-run-19700101_000000-\(file.id)")
        let history = (0..<2000).map { ["step": LogValue($0), "loss": LogValue(Double($0) / 7), "name": "ümlaut"] }
        let bytes = file.content(configuration: ["batch": 32], history: history)
        #expect(bytes.starts(with: Array(":W&B".utf8) + [0xe1, 0xbe, 0]) && bytes.count > 3 * 32_768)
        let records = Self.records(bytes)
        // header, run, history, summary, exit
        #expect(records.count == 2 + 2000 + 2)
        // Record.num of the first is 1, its header is field 21
        #expect(records[0].starts(with: [8, 1, 21 << 3 | 2, 1]))
        #expect(records[1].contains(subsequence: Array("batch".utf8)))
        #expect(records[2].contains(subsequence: Array("\"ümlaut\"".utf8)))
    }
}

extension Array where Element: Equatable {
    fileprivate func contains(subsequence other: [Element]) -> Bool {
        count >= other.count && (0...count - other.count).contains { self[$0..<$0 + other.count].elementsEqual(other) }
    }
}
