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
    products: ["SuccessStatistics", "Evaluation", "Diagnosis", "LiberoSimulation", "LiberoEvaluation", "PolicyServing"]
        .map {
            .library(name: $0, targets: [$0])
        },
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
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
    ],
    targets: [
        .systemLibrary(name: "CMuJoCo", pkgConfig: "mujoco"),
        .target(name: "CGLContext"),
        .target(name: "CFileHash"),
        .target(name: "SuccessStatistics"),
        .testTarget(
            name: "SuccessStatisticsTests",
            dependencies: ["SuccessStatistics", .product(name: "TensorCore", package: "TensorCore")]),
        .target(
            name: "Evaluation",
            dependencies: [
                .product(name: "Plotting", package: "TensorCore"),
                "SuccessStatistics", .product(name: "FileSupport", package: "TensorCore"),
                .product(name: "Parallel", package: "TensorCore"),
                .product(name: "RobotInterface", package: "ActionTokenizer"),
                .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
            ]),
        .target(
            name: "Diagnosis",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"),
                "SuccessStatistics", .product(name: "Parallel", package: "TensorCore"),
                .product(name: "RobotInterface", package: "ActionTokenizer"),
                "Evaluation", .product(name: "TensorCore", package: "TensorCore"),
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
                .product(name: "FileSupport", package: "TensorCore"),
                .product(name: "XMLSupport", package: "TensorCore"),
                .product(name: "RobotInterface", package: "ActionTokenizer"),
                "Evaluation", "Kinematics", .product(name: "LiberoTasks", package: "LiberoData"), "TensorCore",
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                "CGLContext", "CFileHash",
                .target(name: "CMuJoCo", condition: .when(traits: ["MuJoCo"])),
            ]),
        .target(
            name: "PolicyServing",
            dependencies: [
                "Evaluation",
                .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                .product(name: "FileSupport", package: "TensorCore"),
                .product(name: "RobotInterface", package: "ActionTokenizer"),
                .product(name: "VLAPolicy", package: "ActionTokenizer"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .target(
            name: "LiberoEvaluation",
            dependencies: [
                .product(name: "Plotting", package: "TensorCore"),
                .product(name: "TensorTraining", package: "TensorCore"),
                .product(name: "TensorReporting", package: "TensorCore"),
                .product(name: "VisionLanguage", package: "VisionLanguage"),
                .product(name: "FileSupport", package: "TensorCore"), .product(name: "Parallel", package: "TensorCore"),
                .product(name: "RobotInterface", package: "ActionTokenizer"), "SuccessStatistics", "Evaluation",
                "LiberoSimulation",
                .product(name: "LiberoTasks", package: "LiberoData"),
                .product(name: "LiberoData", package: "LiberoData"),
                .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "ActionTokenizer", package: "ActionTokenizer"),
                .product(name: "VLAPolicy", package: "ActionTokenizer"),
                .product(name: "PeerPolicies", package: "ActionTokenizer"), "PolicyServing",
            ]),
        .testTarget(
            name: "EvaluationTests",
            dependencies: [
                .product(name: "Plotting", package: "TensorCore"),
                "SuccessStatistics", .product(name: "RobotInterface", package: "ActionTokenizer"),
                "Evaluation", .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                .product(name: "ActionTokenizer", package: "ActionTokenizer"),
                .product(name: "VLAPolicy", package: "ActionTokenizer"),
                .product(name: "TensorTestSupport", package: "TensorCore"),
            ]),
        .testTarget(
            name: "DiagnosisTests",
            dependencies: [
                .product(name: "RobotInterface", package: "ActionTokenizer"),
                "Diagnosis", "LiberoSimulation", "Evaluation", .product(name: "LiberoTasks", package: "LiberoData"),
                .product(name: "LiberoData", package: "LiberoData"),
                .product(name: "TensorCore", package: "TensorCore"), .product(name: "TensorNN", package: "TensorCore"),
                .product(name: "TensorTraining", package: "TensorCore"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                .product(name: "ActionTokenizer", package: "ActionTokenizer"),
                .product(name: "VLAPolicy", package: "ActionTokenizer"),
                .product(name: "TensorTestSupport", package: "TensorCore"),
            ]),
        .testTarget(
            name: "LiberoEvaluationTests",
            dependencies: [
                .product(name: "PeerPolicies", package: "ActionTokenizer"),
                .product(name: "RobotInterface", package: "ActionTokenizer"), "LiberoEvaluation", "LiberoSimulation",
                "Evaluation", .product(name: "LiberoTasks", package: "LiberoData"),
                .product(name: "LiberoData", package: "LiberoData"),
                .product(name: "ActionTokenizer", package: "ActionTokenizer"),
                .product(name: "VLAPolicy", package: "ActionTokenizer"),
                .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "TensorTestSupport", package: "TensorCore"),
            ]),
        .testTarget(
            name: "LiberoSimulationTests",
            dependencies: [
                .product(name: "RobotInterface", package: "ActionTokenizer"),
                "LiberoSimulation", "Evaluation", .product(name: "Kinematics", package: "Kinematics"),
                .product(name: "LiberoTasks", package: "LiberoData"),
                .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                .product(name: "ActionTokenizer", package: "ActionTokenizer"),
                .product(name: "VLAPolicy", package: "ActionTokenizer"),
                .product(name: "TensorTestSupport", package: "TensorCore"),
            ]),
        .testTarget(
            name: "PolicyServingTests",
            dependencies: [
                "PolicyServing", "Evaluation",
                .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                .product(name: "FileSupport", package: "TensorCore"),
                .product(name: "RobotInterface", package: "ActionTokenizer"),
                .product(name: "TensorTestSupport", package: "TensorCore"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
