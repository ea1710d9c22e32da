import FileSupport
import Foundation
import LiberoData
import TensorCore
import TensorTestSupport
import Testing

/// The sample data sets and what they have to decode to.
enum Samples {
    static let path = "data/samples"

    /// Files `<name>.golden.json` in a folder of the samples.
    static func goldens(in folder: String) -> [URL] {
        SharedFixtures.entries(in: "\(path)/\(folder)").filter { $0.lastPathComponent.hasSuffix(".golden.json") }
    }

    /// A JSON file; numbers are exact, which `JSONSerialization`'s are not.
    static func json(_ url: URL) throws -> StrictJSON {
        // Python writes NaN and infinities, which JSON does not have
        let text = try String(contentsOf: url, encoding: .utf8)
            .replacing(/(?<before>[\[:,]\s*)(?<value>-?(NaN|Infinity))(?=\s*[,\]}])/) { "\($0.before)\"\($0.value)\"" }
        return try StrictJSON(parsing: text.utf8, file: url.lastPathComponent)
    }

    /// The arrays of a `*.values.json`: shape and numbers.
    static func values(_ url: URL) throws -> [String: (shape: [Int], values: [Double])] {
        var result: [String: (shape: [Int], values: [Double])] = [:]
        for (name, entry) in try #require(try json(url).object) {
            result[name] = (try #require(entry["shape"]?.integers), try #require(entry["values"]?.doubles))
        }
        return result
    }

    /// The twin of a golden, such as `x.values.json` of `x.golden.json`.
    static func twin(_ golden: URL, _ suffix: String) -> URL {
        golden.deletingLastPathComponent().appendingPathComponent(name(golden) + suffix)
    }

    static func name(_ golden: URL) -> String { String(golden.lastPathComponent.dropLast(".golden.json".count)) }
}

/// A folder that is removed with the last reference.
final class TemporaryFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("LiberoDataTests-\(UUID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}

extension URL: @retroactive CustomTestStringConvertible {
    public var testDescription: String { lastPathComponent }
}

extension StrictJSON {
    /// A list of numbers; nil when one is none.
    var doubles: [Double]? {
        let found = array?.compactMap { $0.double ?? $0.string.flatMap(Double.init) }
        return found?.count == array?.count ? found : nil
    }
    var integers: [Int]? { array?.compactMap(\.integer) }
    var strings: [String]? { array?.compactMap(\.string) }
}
