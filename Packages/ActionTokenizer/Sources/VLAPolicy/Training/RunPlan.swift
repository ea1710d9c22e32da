import FileSupport
import Foundation
public import RobotInterface

/// What a run was begun with, kept in its folder: it continues with the same alone.
protocol RunPlan: Codable {
    /// Of the file in the folder.
    static var fileName: String { get }
}

extension RunPlan {
    /// Writes the plan of a new run, or compares it with that of the run that is there.
    ///
    /// - Throws: ``RunPlanError``; what writing the folder throws.
    func begin(in folder: URL) throws {
        let file = folder.appendingPathComponent(Self.fileName)
        if let saved = try? Data(contentsOf: file) {
            let before: Self
            do { before = try JSONDecoder().decode(Self.self, from: saved) } catch {
                throw RunPlanError.damaged(file: file.path, "\(error)")
            }
            let differences = try FieldDifference.between(before, and: self)
            guard differences.isEmpty else { throw RunPlanError.otherRun(folder: folder.path, differences) }
            return
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(encoder.encode(self), to: file)
    }
}

/// A folder with a run that cannot be continued.
public enum RunPlanError: Error, Equatable, CustomStringConvertible {
    case damaged(file: String, String)
    /// Another training is at work in it.
    case inUse(folder: String)
    /// What the run was begun with, and what was asked for now.
    case otherRun(folder: String, [FieldDifference])

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
