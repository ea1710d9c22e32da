// swift-tools-version: 6.2
import PackageDescription

/// A layer below: the folder beside this one, or in a release its own repository (Docs/Versioning.md).
func layer(_ name: String, from version: Version, passing traits: [String]) -> Package.Dependency {
    let repositories: String? = Context.environment["VLA_RELEASE_URL"]
    let traits = traits.map { Package.Dependency.Trait.trait(name: $0, condition: .when(traits: [$0])) }
    guard let repositories else { return .package(path: "../\(name)", traits: Set(traits)) }
    return .package(url: "\(repositories)/\(name)", from: version, traits: Set(traits))
}

let package = Package(
    name: "Evaluation",
    products: ["Evaluation", "Diagnosis", "LiberoSimulation"].map { .library(name: $0, targets: [$0]) },
    traits: [
        .trait(name: "MPI", description: "Builds the MPI collective against an installed Open MPI."),
        .trait(
            name: "Video", description: "Reads LeRobot episodes stored as video, against installed FFmpeg libraries."),
        .trait(name: "MuJoCo", description: "Builds LiberoSimulation against an installed MuJoCo 3."),
    ],
    dependencies: [
        layer("TensorCore", from: "0.1.0", passing: ["MPI"]),
        layer("VisionLanguage", from: "0.1.0", passing: ["MPI"]),
        layer("ActionTokenizer", from: "0.1.0", passing: ["MPI"]),
        layer("LiberoData", from: "0.1.0", passing: ["MPI", "Video"]),
        layer("Kinematics", from: "0.1.0", passing: ["MPI"]),
    ],
    targets: [
        .systemLibrary(name: "CMuJoCo", pkgConfig: "mujoco"),
        .target(name: "CGLContext"),
        .target(
            name: "Evaluation",
            dependencies: [
                .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "TensorTraining", package: "TensorCore"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                .product(name: "ActionTokenizer", package: "ActionTokenizer"),
                .product(name: "VLAPolicy", package: "ActionTokenizer"),
            ]),
        .target(
            name: "Diagnosis",
            dependencies: [
                "Evaluation", "TensorCore",
                .product(name: "TensorNN", package: "TensorCore"),
                .product(name: "TensorTraining", package: "TensorCore"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                .product(name: "ActionTokenizer", package: "ActionTokenizer"),
                .product(name: "VLAPolicy", package: "ActionTokenizer"),
                .product(name: "LiberoData", package: "LiberoData"),
            ]),
        .target(
            name: "LiberoSimulation",
            dependencies: [
                "Evaluation", "Kinematics", .product(name: "LiberoTasks", package: "LiberoData"), "TensorCore",
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                .product(name: "ActionTokenizer", package: "ActionTokenizer"),
                .product(name: "VLAPolicy", package: "ActionTokenizer"), "CGLContext",
                .target(name: "CMuJoCo", condition: .when(traits: ["MuJoCo"])),
            ]),
        .testTarget(
            name: "EvaluationTests",
            dependencies: [
                "Evaluation",
                .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                .product(name: "ActionTokenizer", package: "ActionTokenizer"),
                .product(name: "VLAPolicy", package: "ActionTokenizer"),
                .product(name: "TensorTestSupport", package: "TensorCore"),
            ]),
        .testTarget(
            name: "DiagnosisTests",
            dependencies: [
                "Diagnosis", "LiberoSimulation", "Evaluation",
                .product(name: "LiberoTasks", package: "LiberoData"),
                .product(name: "LiberoData", package: "LiberoData"), "TensorCore",
                .product(name: "TensorNN", package: "TensorCore"),
                .product(name: "TensorTraining", package: "TensorCore"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                .product(name: "ActionTokenizer", package: "ActionTokenizer"),
                .product(name: "VLAPolicy", package: "ActionTokenizer"),
                .product(name: "TensorTestSupport", package: "TensorCore"),
            ]),
        .testTarget(
            name: "LiberoSimulationTests",
            dependencies: [
                "LiberoSimulation", "Evaluation", "Kinematics",
                .product(name: "LiberoTasks", package: "LiberoData"), "TensorCore",
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                .product(name: "ActionTokenizer", package: "ActionTokenizer"),
                .product(name: "VLAPolicy", package: "ActionTokenizer"),
                .product(name: "TensorTestSupport", package: "TensorCore"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
