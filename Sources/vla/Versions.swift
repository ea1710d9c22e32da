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
}
