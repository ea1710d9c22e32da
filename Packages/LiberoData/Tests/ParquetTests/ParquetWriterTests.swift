import Foundation
import Parquet
import TensorCore
import Testing

@Suite struct ParquetWriterTests {
    func written(
        _ columns: [ParquetWriter.Column], keyValues: [(String, String)] = [], _ groups: [[ParquetWriter.Values]]
    ) throws -> ParquetFile {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("ParquetWriterTests-\(UUID()).parquet")
        defer { try? FileManager.default.removeItem(at: url) }
        let writer = try ParquetWriter(to: url, columns: columns, keyValues: keyValues)
        for group in groups { try writer.append(group) }
        #expect(!FileManager.default.fileExists(atPath: url.path))
        try writer.close()
        return try ParquetFile(at: url)
    }

    @Test func everyKindOfColumnReadsBack() throws {
        let columns: [ParquetWriter.Column] = [
            .init("index", .int64), .init("timestamp", .float), .init("d", .double), .init("done", .boolean),
            .init("task", .text), .init("action", .listOfFloat), .init("counts", .listOfInt64),
            .init("stats", .listOfDouble), .init("tasks", .listOfText),
            .init("stats/image/mean", .nestedListOfDouble(depth: 3)), .init("image", .image),
        ]
        func group(_ start: Int) -> [ParquetWriter.Values] {
            [
                .int64([Int64(start), Int64(start) + 1]), .float([0.5, -.infinity]), .double([0.1, 1.5e-300]),
                .boolean([true, false]), .text(["", "größe"]), .rowsOfFloat([1, 2, 3, 4, 5, 6], width: 3),
                .rowsOfInt64([7, 8], width: 1), .rowsOfDouble([0.25, 0.5, 0.75, 1], width: 2),
                .listsOfText([["a", "b"], []]), .rowsOfDouble([1, 2, 3, 4, 5, 6], width: 3),
                .images([([UInt8](repeating: 7, count: 1000), "a.png"), ([1, 2], "b.png")]),
            ]
        }
        let file = try written(columns, keyValues: [("huggingface", "{}")], [group(0), group(10)])
        #expect(file.rowCount == 4 && file.rowGroups.count == 2 && file.keyValues == ["huggingface": "{}"])
        func rows(_ name: String) throws -> [ParquetValue] { try file.rows(of: try #require(file.field(name))) }
        #expect(try rows("index").map(\.integer) == [0, 1, 10, 11])
        #expect(try rows("timestamp")[1] == .float(-.infinity))
        #expect(try rows("d")[1] == .double(1.5e-300))
        #expect(try rows("done")[0] == .boolean(true))
        #expect(try rows("task").map(\.text) == ["", "größe", "", "größe"])
        #expect(try rows("action")[1] == .list([.float(4), .float(5), .float(6)]))
        #expect(try rows("counts")[1] == .list([.integer(8)]))
        #expect(try rows("stats")[1] == .list([.double(0.75), .double(1)]))
        #expect(try rows("tasks").prefix(2) == [.list([.text("a"), .text("b")]), .list([])])
        func cell(_ value: Double) -> ParquetValue { .list([.list([.double(value)])]) }
        #expect(try rows("stats/image/mean")[1] == .list([cell(4), cell(5), cell(6)]))
        #expect(try rows("image")[1]["bytes"] == .bytes([1, 2]))
        #expect(try rows("image")[0]["path"] == .text("a.png"))

        let (width, values) = try file.matrix(try #require(file.leaf("action")))
        #expect(width == 3 && values == [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6])
        let pages = ParquetPages(file, leaf: try #require(file.leaf("image.bytes")))
        #expect(try pages.value(row: 3) == [1, 2] && pages.value(row: 0)?.count == 1000)
    }

    /// Every prefix and every flipped byte is an error or other values, never a crash.
    @Test func damagedFilesDoNotCrash() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("ParquetDamage-\(UUID()).parquet")
        defer { try? FileManager.default.removeItem(at: url) }
        let writer = try ParquetWriter(
            to: url, columns: [.init("a", .listOfFloat), .init("t", .listOfText), .init("i", .image)])
        try writer.append([
            .rowsOfFloat([1, 2, 3, 4], width: 2), .listsOfText([["x"], ["y", "z"]]),
            .images([([1], "p"), ([2, 3], "q")]),
        ])
        try writer.close()
        let bytes = [UInt8](try Data(contentsOf: url))
        func read(_ bytes: [UInt8]) {
            guard let file = try? ParquetFile(bytes: bytes, name: "damaged") else { return }
            for field in file.fields { _ = try? file.rows(of: field) }
            for leaf in file.leaves.indices { _ = try? file.matrix(leaf) }
        }
        for count in bytes.indices { read(Array(bytes[..<count])) }
        for index in bytes.indices {
            for bit in [UInt8(1), 0x10, 0x80, 0xFF] {
                var damaged = bytes
                damaged[index] ^= bit
                read(damaged)
            }
        }
    }
}
