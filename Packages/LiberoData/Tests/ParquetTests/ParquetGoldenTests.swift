import FileSupport
import Foundation
import Parquet
import TensorCore
import TensorTestSupport
import Testing

/// Files by pyarrow against the values pyarrow reads.
@Suite struct ParquetGoldenTests {
    static let goldens = SharedFixtures.entries(in: "data/samples/parquet").filter {
        $0.lastPathComponent.hasSuffix(".golden.json")
    }

    /// Python writes NaN and infinities, which JSON does not have; here they become strings.
    static func json(_ url: URL) throws -> StrictJSON {
        let text = try String(contentsOf: url, encoding: .utf8)
            .replacing(/(?<before>[\[:,]\s*)(?<value>-?(NaN|Infinity))(?=\s*[,\]}])/) { "\($0.before)\"\($0.value)\"" }
        return try StrictJSON(parsing: text.utf8, file: url.lastPathComponent)
    }

    @Test(arguments: goldens)
    func valuesAndStructureMatchPyArrow(golden url: URL) throws {
        let golden = try Self.json(url)
        let name = url.lastPathComponent.replacing(".golden.json", with: ".parquet")
        let file = try ParquetFile(at: url.deletingLastPathComponent().appendingPathComponent(name))
        #expect(file.rowCount == golden["rows"]?.integer)
        #expect(file.rowGroups.map(\.rowCount) == golden["row_groups"]?.array?.compactMap(\.integer))
        #expect(file.createdBy == golden["created_by"]?.string)
        let columns = try #require(golden["columns"]?.array)
        #expect(file.leaves.map(\.name) == columns.map { $0["path"]?.string })
        #expect(file.leaves.map(\.type.name) == columns.map { $0["physical"]?.string })
        #expect(file.leaves.map(\.maximumDefinitionLevel) == columns.map { $0["max_definition_level"]?.integer })
        #expect(file.leaves.map(\.maximumRepetitionLevel) == columns.map { $0["max_repetition_level"]?.integer })

        for (name, expected) in try #require(golden["values"]?.object) {
            let field = try #require(file.field(name))
            do {
                let rows = try file.rows(of: field)
                let wanted = try #require(expected.array)
                #expect(rows.count == wanted.count)
                for (row, (found, wanted)) in zip(rows, wanted).enumerated() where !Self.isEqual(found, wanted) {
                    Issue.record("\(name), row \(row): \(found), expected \(wanted.text())")
                    break
                }
            } catch {
                let words = try #require(golden["may_refuse"]?.array, "\(error)").compactMap(\.string)
                for word in words { #expect("\(error)".localizedCaseInsensitiveContains(word), "\(error)") }
            }
        }
    }

    static func isEqual(_ value: ParquetValue, _ expected: StrictJSON) -> Bool {
        switch (value, expected) {
        case (.null, .null): return true
        case (.boolean(let value), .bool(let expected)): return value == expected
        case (.integer(let value), .number(let text)): return "\(value)" == text
        case (.unsigned(let value), .number(let text)): return "\(value)" == text
        case (.float, .number(let text)), (.double, .number(let text)): return value.number == Double(text)
        case (.float, .string(let text)), (.double, .string(let text)):
            guard let number = value.number, let expected = Double(text) else { return false }
            return number == expected || number.isNaN && expected.isNaN
        case (.text(let value), .string(let expected)): return value == expected
        case (.list(let values), .array(let expected)):
            return values.count == expected.count && zip(values, expected).allSatisfy(isEqual)
        case (.bytes(let bytes), .object):
            if let hex = expected["hex"]?.string {
                return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == hex
            }
            return SHA256.hexadecimal(bytes) == expected["sha256"]?.string && bytes.count == expected["length"]?.integer
        case (.group(let members), .object(let expected)):
            return members.map(\.name) == expected.map(\.key)
                && zip(members, expected).allSatisfy { isEqual($0.value, $1.value) }
        case (.group(let members), .array(let expected)):
            // an entry of a map, which pyarrow gives as a pair
            return members.count == expected.count && zip(members, expected).allSatisfy { isEqual($0.value, $1) }
        default: return false
        }
    }

    /// The matrix is the same numbers in one piece, where the rows are all of one length.
    @Test(arguments: goldens)
    func matricesHoldTheSameNumbers(golden url: URL) throws {
        let name = url.lastPathComponent.replacing(".golden.json", with: ".parquet")
        let file = try ParquetFile(at: url.deletingLastPathComponent().appendingPathComponent(name))
        for field in file.fields {
            guard let leaf = file.leaf(field.name), let rows = try? file.rows(of: field),
                let (width, values) = try? file.matrix(leaf)
            else { continue }
            let flat = rows.flatMap { $0.list?.map { $0.number } ?? [$0.number ?? ($0 == .boolean(true) ? 1 : 0)] }
            guard flat.allSatisfy({ $0 != nil }) else { continue }
            #expect(values.count == width * rows.count)
            let isSame = zip(values, flat).allSatisfy { $0 == $1 || $0.isNaN && $1?.isNaN == true }
            #expect(isSame && values.count == flat.count, "\(field.name)")
        }
    }

    @Test(arguments: goldens)
    func pagesGiveEachByteArray(golden url: URL) throws {
        let name = url.lastPathComponent.replacing(".golden.json", with: ".parquet")
        let file = try ParquetFile(at: url.deletingLastPathComponent().appendingPathComponent(name))
        for leaf in file.leaves.indices
        where file.leaves[leaf].type == .byteArray && file.leaves[leaf].maximumRepetitionLevel == 0 {
            guard let all = try? file.rowGroups.flatMap({ try file.byteArrays(leaf, rowGroup: $0.index) }) else {
                continue
            }
            let pages = ParquetPages(file, leaf: leaf, cache: ParquetPageCache(budget: 4096))
            for row in Array(all.indices) + Array(all.indices.reversed()) {
                #expect(try pages.value(row: row) == all[row])
            }
        }
    }
}

/// Damaged files fail with the words of `expected.json`.
@Suite struct CorruptParquetGoldenTests {
    static let folder = "data/samples/corrupt/parquet"
    static let cases: [(URL, [String], String)] = SharedFixtures.all("\(folder)/expected.json").flatMap { file in
        ((try? ParquetGoldenTests.json(file).object) ?? []).map { name, value in
            (
                file.deletingLastPathComponent().appendingPathComponent(name),
                value["message_must_name"]?.array?.compactMap(\.string) ?? [], value["error"]?.string ?? ""
            )
        }
    }

    @Test(arguments: cases)
    func damageIsTold(url: URL, words: [String], level: String) throws {
        var failures: [(level: String, error: any Error)] = []
        do {
            let file = try ParquetFile(at: url)
            for field in file.fields {
                do { _ = try file.rows(of: field) } catch { failures.append(("read", error)) }
            }
        } catch {
            failures.append(("open", error))
        }
        let failure = try #require(failures.first)
        #expect(level.components(separatedBy: " or ").contains(failure.level))
        for word in words { #expect("\(failure.error)".localizedCaseInsensitiveContains(word), "\(failure.error)") }
    }
}
