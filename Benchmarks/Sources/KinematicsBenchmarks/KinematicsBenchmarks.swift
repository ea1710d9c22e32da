import BenchmarkKit

/// The benchmarks of Kinematics: one file per kind beside this one, listed here. They read robots and targets from the
/// fixtures' folder: `VLA_SHARED`, else `../shared` beside the project.
@main
struct KinematicsBenchmarks {
    static func main() throws {
        let arms = try [Arm("panda", frame: "panda_hand"), Arm("piper", frame: "gripper_base")]
        try BenchmarkWorker(
            arms.map(Recursions.benchmark) + arms.map(InverseKinematicsProtocol.benchmark) + [
                InverseKinematicsProtocol.batch(arms[0]), CollisionDistances.benchmark(arms[0]),
            ]
        ).run()
    }
}
