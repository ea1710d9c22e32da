import FileSupport
import Foundation
import LiberoSimulation

/// The version canary of an evaluation's world: run once, kept as `canary.json` beside the results.
struct EvaluationCanary: Codable, Hashable {
    /// `nil` where the checks could not be run.
    var canary: VersionCanary?
    /// Such as `physics as expected (35.06 mm, 15.95°), light as expected (117.5)`, or why there is no result.
    var description: String

    private static func file(in folder: URL) -> URL { folder.appendingPathComponent("canary.json") }

    /// What was found when the evaluation began; `nil` before, and in the built-in world.
    init?(in folder: URL) {
        guard let data = try? Data(contentsOf: Self.file(in: folder)),
            let stored = try? JSONDecoder().decode(Self.self, from: data)
        else { return nil }
        self = stored
    }

    /// Runs the checks, unless that has been done in this folder; without effect for the built-in world.
    ///
    /// A folder of LIBERO without the scenes that the checks need is no error; the results say so.
    static func run(in world: WorldSetting, folder: URL) throws {
        guard let libero = world.folder, EvaluationCanary(in: folder) == nil else { return }
        let draws = SimulationSupport.openGL?.hasPrefix("none") == false
        let found: EvaluationCanary
        do {
            let canary = try VersionCanary.run(at: URL(fileURLWithPath: libero), draws: draws)
            found = EvaluationCanary(canary: canary, description: canary.description)
        } catch {
            found = EvaluationCanary(canary: nil, description: "not checked: \(error)")
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try AtomicFile.write(encoder.encode(found), to: file(in: folder))
    }

    private init(canary: VersionCanary?, description: String) {
        (self.canary, self.description) = (canary, description)
    }
}
