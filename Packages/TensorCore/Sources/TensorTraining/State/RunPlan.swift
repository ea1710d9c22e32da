import FileSupport
public import Foundation

/// What a run was begun with, kept in its folder: it continues with the same alone.
public protocol RunPlan: Codable {
    /// Of the file in the folder.
    static var fileName: String { get }
}

extension RunPlan {
    /// Writes the plan of a new run, or compares it with that of the run that is there.
    ///
    /// - Throws: ``RunPlanError`` with every field that differs; what writing the folder throws.
    public func begin(in folder: URL) throws {
        let file = folder.appendingPathComponent(Self.fileName)
        if let saved = try? FileContent.data(at: file) {
            do { _ = try JSONDecoder().decode(Self.self, from: saved) } catch {
                throw RunPlanError.damaged(file: file.path, "\(JSONReading.explanation(of: error, in: saved))")
            }
            let differences = try Self.differences(from: saved, to: JSONEncoder().encode(self))
            guard differences.isEmpty else { throw RunPlanError.otherRun(folder: folder.path, differences) }
            return
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(encoder.encode(self), to: file)
    }

    /// `recipe.training.stepCount: found 12, expected 9` for each leaf that differs, by its path.
    private static func differences(from found: Data, to expected: Data) throws -> [String] {
        // through the type once more, so that what an older version left out counts as its default
        let found = try JSONEncoder().encode(JSONDecoder().decode(Self.self, from: found))
        let (a, b) = (
            leaves(of: try JSONSerialization.jsonObject(with: found)),
            leaves(of: try JSONSerialization.jsonObject(with: expected))
        )
        return Set(a.keys).union(b.keys).sorted().filter { a[$0] != b[$0] }.map {
            "\($0): found \(a[$0] ?? "nothing"), expected \(b[$0] ?? "nothing")"
        }
    }

    private static func leaves(of value: Any, at path: String = "") -> [String: String] {
        func joined(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
        switch value {
        case let object as [String: Any] where !object.isEmpty:
            return object.reduce(into: [:]) { $0.merge(leaves(of: $1.value, at: joined($1.key))) { first, _ in first } }
        case let list as [Any] where !list.isEmpty:
            return list.enumerated().reduce(into: [:]) {
                $0.merge(leaves(of: $1.element, at: joined("\($1.offset)"))) { first, _ in first }
            }
        default:
            let options: JSONSerialization.WritingOptions = [.fragmentsAllowed, .sortedKeys, .withoutEscapingSlashes]
            let data = try? JSONSerialization.data(withJSONObject: value, options: options)
            return [path: data.map { String(decoding: $0, as: UTF8.self) } ?? "\(value)"]
        }
    }
}

/// A run's folder, held by one training at a time; the system lets go when the process ends, however it does.
public final class RunFolderLock {
    private let lock: FolderLock
    private let folder: URL

    /// Creates the folder where it is missing.
    ///
    /// - Throws: ``RunPlanError/inUse(folder:)`` when another training holds it; what the system says of the folder.
    public init(_ folder: URL) throws {
        self.folder = folder
        do { lock = try FolderLock(of: folder) } catch let error as SerializationError where error.isFolderInUse {
            throw RunPlanError.inUse(folder: folder.path)
        }
    }

    /// Removes what an earlier run left.
    public func clear() throws { try FolderLock.clear(folder) }
}

/// A run's folder that a training cannot use.
public enum RunPlanError: Error, Equatable, CustomStringConvertible {
    case damaged(file: String, String)
    /// Another training is at work in it.
    case inUse(folder: String)
    /// What the run was begun with, and what was asked for now.
    case otherRun(folder: String, [String])

    public var description: String {
        switch self {
        case .damaged(let file, let reason): "\(file) is damaged: \(reason). Give --restart to begin anew."
        case .inUse(let folder): "\(folder) is used by another training. Wait for it, or choose another --output."
        case .otherRun(let folder, let differences):
            """
            \(folder) is of another run (found: what that was begun with; expected: what was asked for now):
            \(differences.map { "  \($0)" }.joined(separator: "\n"))
            Continue that one with its own settings, choose another --output, or give --restart to forget it.
            """
        }
    }
}
