/// The versions this command was built from. ArchitectureTests compares `layers` with each `Packages/X/VERSION`.
enum Versions {
    static let workspace = "0.1.0"

    static let layers = [
        "TensorCore": "0.1.0",
        "VisionLanguage": "0.1.0",
        "ActionTokenizer": "0.1.0",
        "LiberoData": "0.1.0",
        "Kinematics": "0.1.0",
        "Evaluation": "0.1.0",
    ]

    /// Package traits by name, and whether this build has them.
    static let traits = ["MPI": hasMPI, "MuJoCo": hasMuJoCo, "Video": hasVideo]

    #if MPI
        private static let hasMPI = true
    #else
        private static let hasMPI = false
    #endif
    #if MuJoCo
        private static let hasMuJoCo = true
    #else
        private static let hasMuJoCo = false
    #endif
    #if Video
        private static let hasVideo = true
    #else
        private static let hasVideo = false
    #endif
}
