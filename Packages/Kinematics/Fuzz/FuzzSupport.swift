// Shared by the fuzz targets of this folder: limits, errors, seeds that are text. Built by Scripts/fuzz.
import Kinematics

/// Limits under which any input is handled in little time and memory.
let fuzzLimits: RobotFileLimits = {
    var limits = RobotFileLimits()
    limits.elementCount = 5000
    limits.meshElementCount = 5000
    return limits
}()

/// Keeps the optimizer from leaving a result out.
@inline(never) func blackHole(_ value: Any?) {}

/// Runs a reader; what it throws must be a described ``RobotFileError``.
func readOrThrow(_ body: () throws -> Void) {
    do {
        try body()
    } catch let error as RobotFileError {
        precondition(!error.description.isEmpty)
    } catch {
        fatalError("not a RobotFileError: \(error)")
    }
}

/// Writes valid inputs to start from.
func writeSeeds(_ seeds: [(name: String, text: String)]) {
    writeSeeds { seeds.map { ($0.name, Array($0.text.utf8)) } }
}
