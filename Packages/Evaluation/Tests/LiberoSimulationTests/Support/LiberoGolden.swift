import Foundation
import LiberoTasks
import TensorCore
import TensorTestSupport
import Testing

@testable import LiberoSimulation

/// One folder of the LIBERO references, `<suite>__<task>`.
struct LiberoGolden: CustomTestStringConvertible, Sendable {
    let folder: URL
    let task: LiberoTask

    var testDescription: String { folder.lastPathComponent }

    /// All that are there; none when the fixtures are absent.
    static let all: [LiberoGolden] = SharedFixtures.folders(in: "golden/libero").compactMap { folder in
        let name = folder.lastPathComponent
        // those whose assets are there
        guard let cut = name.firstRange(of: "__"), liberoFolder != nil,
            SharedFixtures.root(of: folder) == SharedFixtures.root
        else { return nil }
        let task = LiberoTask(suite: String(name[..<cut.lowerBound]), name: String(name[cut.upperBound...]))
        return LiberoGolden(folder: folder, task: task)
    }

    /// The folder of assets; nil when it is absent.
    static let liberoFolder: URL? = {
        let folder = SharedFixtures.root?.appendingPathComponent("libero")
        return folder.flatMap { FileManager.default.fileExists(atPath: $0.path) ? $0 : nil }
    }()

    /// All tasks of the suites; none when the assets are absent.
    static let tasks: [LiberoTask] = liberoFolder == nil ? [] : LiberoSuite.builtIn.flatMap(\.tasks)

    static func assets() throws -> LiberoAssets { try LiberoAssets(at: #require(liberoFolder)) }

    static func problem(of task: LiberoTask) throws -> BDDLProblem {
        try LiberoFolder(at: #require(liberoFolder)).problem(of: task)
    }

    func meta() throws -> JSON { try JSON(at: folder.appendingPathComponent("meta.json")) }

    /// The arrays of a file beside `meta.json`, as doubles.
    func arrays(_ name: String = "arrays.npz") throws -> NumPyArchive {
        try NumPyArchive(at: folder.appendingPathComponent(name))
    }

    func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }
}

extension NumPyArchive {
    /// An array's elements as doubles, in row-major order.
    func doubles(_ name: String) throws -> [Double] {
        try tensor(name).converted(to: .float64).elements(of: Double.self)
    }
}

/// A JSON value, for reading fixtures.
///
/// Through `JSONDecoder`: `JSONSerialization` reads some numbers one unit in the last place off.
enum JSON: Decodable {
    case null, bool(Bool), number(Double), string(String), array([JSON]), object([String: JSON])

    init(at url: URL) throws { self = try JSONDecoder().decode(JSON.self, from: Data(contentsOf: url)) }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .array(value)
        } else if let value = try? container.decode([String: JSON].self) {
            self = .object(value)
        } else {
            self = .null
        }
    }

    subscript(key: String) -> JSON { if case .object(let members) = self { members[key] ?? .null } else { .null } }
    subscript(index: Int) -> JSON { array[index] }

    var array: [JSON] { if case .array(let elements) = self { elements } else { [] } }
    var object: [String: JSON] { if case .object(let members) = self { members } else { [:] } }
    var string: String? { if case .string(let value) = self { value } else { nil } }
    var double: Double? { if case .number(let value) = self { value } else { nil } }
    var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    var doubles: [Double] { array.compactMap(\.double) }
    var strings: [String] { array.compactMap(\.string) }
}
