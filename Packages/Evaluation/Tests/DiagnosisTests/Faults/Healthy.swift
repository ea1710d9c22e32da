import ActionTokenizer
import Foundation
import VLAPolicy

/// Where the healthy policies and their data lie, for faults that mix two of them.
struct Healthy: Sendable {
    /// Holds `data`, healthy policies `regression-…` and `token-…`, and ones with a training that went wrong, `sick-…`.
    let folder: URL

    /// From `VLA_DOCTOR_POLICIES`; nil where it is not set. `Scripts/doctor-table` makes such a folder.
    static var fromEnvironment: Healthy? {
        ProcessInfo.processInfo.environment["VLA_DOCTOR_POLICIES"].map {
            Healthy(folder: URL(fileURLWithPath: $0).standardizedFileURL)
        }
    }

    var data: URL { folder.appendingPathComponent("data") }

    func policies(_ prefix: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { name in
            name.hasPrefix(prefix)
                && FileManager.default.fileExists(
                    atPath: folder.appendingPathComponent(name).appendingPathComponent("checkpoint.json").path)
        }.sorted()
    }

    func url(_ name: String) -> URL { folder.appendingPathComponent(name) }

    /// The policy of a family that faults are injected into.
    func policy(_ family: PolicyFamily) -> URL { url(policies("\(family.rawValue)-")[0]) }

    /// Another training of the same recipe.
    func another(_ family: PolicyFamily) throws -> PolicyCheckpoint {
        try PolicyCheckpoint(at: url(policies("\(family.rawValue)-")[1]))
    }

    /// Statistics of another data set: libero_object's, of the shipped policy.
    func otherStatistics() throws -> (actions: ActionStatistics, state: ActionStatistics) {
        struct File: Decodable { var actions, state: ActionStatistics }
        var root = URL(fileURLWithPath: #filePath)
        while root.path != "/" {
            let file = root.appendingPathComponent("Checkpoints/libero-object/statistics.json")
            if let data = try? Data(contentsOf: file) {
                let found = try JSONDecoder().decode(File.self, from: data)
                return (found.actions, found.state)
            }
            root.deleteLastPathComponent()
        }
        throw CocoaError(.fileNoSuchFile)
    }
}
