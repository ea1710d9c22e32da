// Compiled into every fuzz target by Scripts/fuzz.
import Foundation

/// Writes inputs to start from into the folder that `FUZZ_SEEDS` names, if it does.
func writeSeeds(_ seeds: () throws -> [(name: String, bytes: [UInt8])]) {
    guard let folder = ProcessInfo.processInfo.environment["FUZZ_SEEDS"] else { return }
    do {
        for (name, bytes) in try seeds() {
            try Data(bytes).write(to: URL(fileURLWithPath: folder).appendingPathComponent("seed-\(name)"))
        }
    } catch {
        fatalError("the seeds could not be written: \(error)")
    }
}
