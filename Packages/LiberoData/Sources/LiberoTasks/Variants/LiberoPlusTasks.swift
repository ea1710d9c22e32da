import FileSupport
public import Foundation

/// One task of LIBERO-Plus.
public struct LiberoPlusTask: Hashable, Sendable {
    /// The number in its suite, from 1, in the order of the released list.
    public var number: Int
    public var name: LiberoPlusName
    /// The difficulty 1…5; nil for the 121 light tasks without one, and where the list holds no levels.
    ///
    /// Levels were measured by others and cannot be computed from the task.
    public var level: Int?

    public init(number: Int, name: LiberoPlusName, level: Int?) {
        (self.number, self.name, self.level) = (number, name, level)
    }
}

/// The tasks of LIBERO-Plus by suite: 10,030 in four suites.
public struct LiberoPlusTasks: Sendable {
    /// By name of the suite, in the order of the list.
    public let tasks: [String: [LiberoPlusTask]]

    /// Longer lists are refused; the released ones have 1 and 3 MB.
    public static let sizeLimit = 64 << 20

    /// Reads lines of five columns, separated by tabs: suite, number, axis, level or `-`, name.
    ///
    /// - Throws: ``VariantListError`` with the line.
    public init(table file: URL) throws {
        let text = try VariantListError.text(of: file, sizeLimit: Self.sizeLimit)
        var tasks: [String: [LiberoPlusTask]] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            func fail(_ reason: String) -> VariantListError {
                VariantListError(file: file.path, line: index + 1, reason: reason)
            }
            let line = line.last == "\r" ? line.dropLast() : line
            guard !line.isEmpty else { continue }
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard columns.count == 5 else { throw fail("\(columns.count) columns instead of 5") }
            guard let number = Int(columns[1]), number > 0 else { throw fail("'\(columns[1])' is no number") }
            let name = try Self.name(columns[4], suite: columns[0], fail)
            guard name.axis.rawValue == columns[2] else {
                throw fail("the name is of the axis \(name.axis.rawValue), the table says \(columns[2])")
            }
            let level = Int(columns[3])
            guard columns[3] == "-" || 1...5 ~= level ?? 0 else { throw fail("'\(columns[3])' is no level") }
            tasks[columns[0], default: []].append(LiberoPlusTask(number: number, name: name, level: level))
        }
        self.tasks = tasks
    }

    /// Reads the list of the released package, `benchmark/libero_suite_task_map.py`: a dictionary of lists of names.
    ///
    /// Nothing is run; other suites in it, such as `libero_90` and `libero_mix`, are left out. It holds no levels.
    /// - Throws: ``VariantListError`` for a list without LIBERO-Plus tasks, or with a name that is none.
    public init(taskMap file: URL) throws {
        let text = try VariantListError.text(of: file, sizeLimit: Self.sizeLimit)
        var tasks: [String: [LiberoPlusTask]] = [:]
        for (suite, names) in try PythonLists.read(text, file: file.path) where Self.suites.contains(suite) {
            tasks[suite] = try names.enumerated().map { index, name in
                let parsed = try Self.name(name.text, suite: suite) {
                    VariantListError(file: file.path, line: name.line, reason: $0)
                }
                return LiberoPlusTask(number: index + 1, name: parsed, level: nil)
            }
        }
        guard !tasks.isEmpty else {
            throw VariantListError(
                file: file.path, line: nil, reason: "none of the suites \(Self.suites.joined(separator: ", "))")
        }
        self.tasks = tasks
    }

    /// The suites that LIBERO-Plus perturbs.
    public static let suites = ["libero_spatial", "libero_object", "libero_goal", "libero_10"]

    /// How many tasks there are, by suite and axis.
    public var counts: [String: [LiberoPlusName.Axis: Int]] {
        tasks.mapValues { Dictionary($0.map { ($0.name.axis, 1) }, uniquingKeysWith: +) }
    }

    private static func name(
        _ text: String, suite name: String, _ fail: (String) -> VariantListError
    ) throws -> LiberoPlusName {
        guard suites.contains(name), let suite = LiberoSuite.builtIn.first(where: { $0.name == name }) else {
            throw fail("there is no suite '\(name)' in LIBERO-Plus; there are \(suites.joined(separator: ", "))")
        }
        guard let parsed = LiberoPlusName(text, suite: suite) else {
            throw fail("'\(text)' is no task of LIBERO-Plus in \(name)")
        }
        return parsed
    }
}

/// A list of variants that is not what it has to be.
public struct VariantListError: Error, Equatable, CustomStringConvertible {
    public let file: String
    /// Counted from 1; nil for the file as a whole.
    public let line: Int?
    public let reason: String

    public init(file: String, line: Int?, reason: String) { (self.file, self.line, self.reason) = (file, line, reason) }

    public var description: String { "\(file)\(line.map { ", line \($0)" } ?? ""): \(reason)." }

    /// The text of a file of UTF-8, with or without a byte order mark.
    static func text(of file: URL, sizeLimit: Int) throws -> String {
        let handle = try FileContent.handle(at: file)
        defer { try? handle.close() }
        var data = try handle.read(upToCount: sizeLimit + 1) ?? Data()
        guard data.count <= sizeLimit else {
            throw VariantListError(file: file.path, line: nil, reason: "it is longer than \(sizeLimit) bytes")
        }
        if data.starts(with: [0xEF, 0xBB, 0xBF]) { data = data.dropFirst(3) }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw VariantListError(file: file.path, line: nil, reason: "it is not UTF-8")
        }
        return text
    }
}
