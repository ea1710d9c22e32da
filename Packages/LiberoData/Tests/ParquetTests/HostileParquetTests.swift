import FileSupport
import Foundation
import Testing

@testable import Parquet

/// Files that announce more than their size can stand for are refused before anything is expanded.
@Suite struct HostileParquetTests {
    /// A file with one page and a footer that says what it likes of it.
    func file(
        _ column: ParquetWriter.Column, page: [UInt8], valueCount: Int, rowCount: Int, uncompressed: Int? = nil,
        codec: Int = 0, groups: Int = 1, path: [String]? = nil, type: ParquetType = .int64
    ) -> [UInt8] {
        let header = ParquetMetadataWriter.pageHeader(
            valueCount: valueCount, uncompressed: uncompressed ?? page.count, compressed: page.count)
        let body = Array("PAR1".utf8) + header + page
        let chunk = ParquetMetadataWriter.Chunk(
            path: path ?? [column.name], type: type, codec: codec, valueCount: valueCount, offset: 4,
            uncompressed: header.count + (uncompressed ?? page.count), compressed: header.count + page.count)
        let footer = ParquetMetadataWriter.footer(
            columns: [column],
            rowGroups: Array(repeating: .init(rowCount: rowCount, chunks: [chunk]), count: groups),
            rowCount: rowCount * groups, keyValues: [])
        let length = (0..<4).map { UInt8(truncatingIfNeeded: footer.count >> (8 * $0)) }
        return body + footer + length + Array("PAR1".utf8)
    }

    func expectRefused(_ bytes: [UInt8], _ kind: SerializationError.Kind, _ comment: Comment? = nil) throws {
        let error = try #require(throws: SerializationError.self, comment) {
            let file = try ParquetFile(bytes: bytes, name: "hostile.parquet")
            for leaf in file.leaves.indices { _ = try file.matrix(leaf) }
            for field in file.fields { _ = try file.rows(of: field) }
        }
        #expect(error.kind == kind, "\(comment ?? ""): \(error)")
    }

    /// The whole column may be null: levels in one run stand for any number of rows.
    @Test(arguments: [1 << 30, 1 << 40, Int.max / 2])
    func runsDoNotMakeRows(count: Int) throws {
        // one run of nulls
        let levels: [UInt8] = [0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0]
        let page = [UInt8(levels.count), 0, 0, 0] + levels
        let bytes = file(.init("a", .int64), page: page, valueCount: count, rowCount: count)
        try expectRefused(bytes, .limitExceeded)
    }

    @Test func rowsNeedValues() throws {
        let list = ParquetWriter.Column("a", .listOfInt64)
        let bytes = file(
            list, page: [0, 0, 0, 0, 0, 0, 0, 0], valueCount: 0, rowCount: 4,
            path: ParquetMetadataWriter.listPath(list))
        try expectRefused(bytes, .damaged, "a list column of no values")
        try expectRefused(
            file(.init("a", .int64), page: [], valueCount: 0, rowCount: 1 << 40), .damaged, "a column of no values")
    }

    @Test func pagesAreNotCountedTwice() throws {
        let levels: [UInt8] = [2, 0, 0, 0, 4, 1] + [UInt8](repeating: 0, count: 16)
        let one = file(.init("a", .int64), page: levels, valueCount: 2, rowCount: 2)
        #expect(try ParquetFile(bytes: one, name: "one").rowCount == 2)
        try expectRefused(
            file(.init("a", .int64), page: levels, valueCount: 2, rowCount: 2, groups: 3), .damaged, "shared pages")
    }

    @Test func expandedPagesHaveABudget() throws {
        let bytes = file(
            .init("a", .int64), page: [1, 2, 3, 4], valueCount: 2, rowCount: 2, uncompressed: 1 << 30, codec: 1)
        try expectRefused(bytes, .limitExceeded)
    }
}
