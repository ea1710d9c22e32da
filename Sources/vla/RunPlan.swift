import RobotInterface
import FileSupport
import ActionTokenizer
import Foundation
import TensorCore

/// What a training was begun with, kept in its run's folder: it goes on with the same alone.
protocol RunPlan: Codable {
    /// Of the file in the folder.
    static var fileName: String { get }
}

extension RunPlan {
    /// Writes the plan of a new run, or compares it with that of the run that is there.
    ///
    /// - Throws: `CommandError` with the fields that differ.
    func begin(in folder: URL) throws {
        let file = folder.appendingPathComponent(Self.fileName)
        if let saved = try? Data(contentsOf: file) {
            let before: Self
            do { before = try JSONDecoder().decode(Self.self, from: saved) } catch {
                throw CommandError("\(file.path) is damaged: \(error). Give --restart to begin anew.")
            }
            let differences = try FieldDifference.between(before, and: self)
            guard differences.isEmpty else {
                throw CommandError(
                    """
                    \(folder.path) is of another run (found: what that was begun with; expected: what was asked for now):
                    \(differences.map { "  \($0)" }.joined(separator: "\n"))
                    Continue that one with its own settings, choose another --output, or give --restart to forget it.
                    """)
            }
            return
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(encoder.encode(self), to: file)
    }
}
