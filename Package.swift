// swift-tools-version: 6.2
import Foundation
import PackageDescription

// Every layer's targets in one package: `swift build`, `swift test` and `swift run vla` cover all of them, and a
// package that depends on this repository can import one layer. Packages/X/Package.swift says the same of each layer
// alone; Tests/ArchitectureTests compares the two.

/// A layer's targets, in the order of their dependencies, placed below `Packages`.
func layer(_ name: String, _ targets: [Target]) -> [Target] {
    for target in targets {
        target.path = "Packages/\(name)/\(target.type == .test ? "Tests" : "Sources")/\(target.name)"
    }
    return targets
}

let tensorCore = layer(
    "TensorCore",
    [
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
        .target(name: "FileSupport", dependencies: ["CZlib"]),
        .target(name: "XMLSupport"),
        .target(name: "Plotting", dependencies: ["FileSupport"]),
        .target(name: "CThreadPool"),
        .target(name: "Parallel", dependencies: ["CThreadPool"]),
        .target(name: "CTensorKernels", linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
        .target(
            name: "TensorCore", dependencies: ["COpenBLAS", "CTensorKernels", "FileSupport", "Parallel"]),
        .target(name: "TensorNN", dependencies: ["TensorCore"]),
        .target(
            name: "TensorTraining",
            dependencies: [
                "FileSupport", "Parallel",
                "CTensorKernels", "TensorCore", "TensorNN",
                .target(name: "CMPI", condition: .when(traits: ["MPI"])),
            ]),
        .target(
            name: "TensorReporting",
            dependencies: [
                "FileSupport", "Plotting", "TensorTraining",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ]),
        .target(name: "TensorTestSupport", dependencies: ["TensorCore"]),
        .testTarget(name: "XMLSupportTests", dependencies: ["XMLSupport"]),
        .testTarget(name: "PlottingTests", dependencies: ["Plotting"]),
        .testTarget(
            name: "TensorCoreTests",
            dependencies: ["FileSupport", "Parallel", "TensorCore", "CTensorKernels", "TensorTestSupport"]),
        .testTarget(name: "TensorNNTests", dependencies: ["TensorCore", "TensorNN", "TensorTestSupport"]),
        .testTarget(
            name: "TensorTrainingTests",
            dependencies: ["Parallel", "TensorCore", "TensorNN", "TensorTraining", "TensorTestSupport"]),
        .testTarget(
            name: "TensorReportingTests",
            dependencies: ["FileSupport", "Plotting", "TensorTraining", "TensorReporting"]),
    ])

let visionLanguage = layer(
    "VisionLanguage",
    [
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        .target(name: "CImageKernels", dependencies: ["CPNG", "CJPEG", "CDeflate"]),
        .target(name: "ImageProcessing", dependencies: ["FileSupport", "Parallel", "CImageKernels", "TensorCore"]),
        .testTarget(
            name: "ImageProcessingTests",
            dependencies: ["FileSupport", "CImageKernels", "ImageProcessing", "TensorCore", "TensorTestSupport"]),
        .target(name: "TextTokenizers", dependencies: ["FileSupport"]),
        .target(
            name: "VisionLanguage",
            dependencies: [
                "FileSupport", "Parallel", "TensorCore", "TensorNN", "TensorTraining", "TextTokenizers",
                "ImageProcessing",
            ]),
        .testTarget(
            name: "TextTokenizersTests",
            dependencies: ["FileSupport", "TextTokenizers", "TensorCore", "TensorTestSupport"]),
        .testTarget(
            name: "VisionLanguageTests",
            dependencies: [
                "FileSupport", "Parallel",
                "TensorCore", "TensorNN", "TensorTraining", "TextTokenizers", "ImageProcessing", "VisionLanguage",
                "TensorTestSupport",
            ]),
    ])

let actionTokenizer = layer(
    "ActionTokenizer",
    [
        .target(name: "RobotInterface", dependencies: ["FileSupport", "ImageProcessing"]),
        .target(name: "ActionTokenizer", dependencies: ["FileSupport", "RobotInterface"]),
        .target(
            name: "VLAPolicy",
            dependencies: [
                "Plotting", "TensorReporting",
                "FileSupport", "Parallel", "RobotInterface",
                "TensorCore", "TensorNN", "TensorTraining", "TextTokenizers", "ImageProcessing", "VisionLanguage",
                "ActionTokenizer",
            ]),
        .target(
            name: "PeerPolicies",
            dependencies: [
                "FileSupport", "Parallel", "RobotInterface", "TensorCore", "TensorNN", "TextTokenizers",
                "ImageProcessing",
            ]),
        .testTarget(
            name: "ActionTokenizerTests", dependencies: ["RobotInterface", "ActionTokenizer", "TensorTestSupport"]),
        .testTarget(
            name: "VLAPolicyTests",
            dependencies: [
                "TensorReporting",
                "FileSupport", "Parallel", "RobotInterface",
                "TensorCore", "TensorNN", "TensorTraining", "TextTokenizers", "ImageProcessing", "VisionLanguage",
                "ActionTokenizer", "VLAPolicy", "TensorTestSupport",
            ]),
        .testTarget(
            name: "PeerPoliciesTests",
            dependencies: [
                "FileSupport", "RobotInterface", "TensorCore", "TensorNN", "TensorTraining", "ImageProcessing",
                "PeerPolicies", "TensorTestSupport",
            ]),
    ])

let liberoData = layer(
    "LiberoData",
    [
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .target(name: "HDF5", dependencies: ["FileSupport", "CHDF5"]),
        .systemLibrary(name: "CSnappy", pkgConfig: "snappy", providers: [.apt(["libsnappy-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "Parquet", dependencies: ["FileSupport", "CSnappy", "CZstd"]),
        .target(
            name: "TFRecord",
            dependencies: ["FileSupport", .product(name: "SwiftProtobuf", package: "swift-protobuf")]),
        .target(name: "LiberoTasks", dependencies: ["FileSupport", "TensorCore"]),
        .systemLibrary(
            name: "CFFmpeg", pkgConfig: "libavformat",
            providers: [.apt(["libavformat-dev", "libavcodec-dev", "libswscale-dev"])]),
        .target(
            name: "LiberoData",
            dependencies: [
                "Plotting",
                "FileSupport", "RobotInterface",
                "HDF5", "Parquet", "TFRecord", "LiberoTasks", "TensorCore", "ImageProcessing", "ActionTokenizer",
                .target(name: "CFFmpeg", condition: .when(traits: ["Video"])),
            ]),
        .target(
            name: "ConversationData",
            dependencies: ["FileSupport", "Parquet", "TensorCore", "ImageProcessing", "VisionLanguage"]),
        .testTarget(
            name: "ConversationDataTests",
            dependencies: [
                "Parquet", "ConversationData", "TensorCore", "TextTokenizers", "ImageProcessing", "VisionLanguage",
                "TensorTestSupport",
            ]),
        .testTarget(name: "HDF5Tests", dependencies: ["FileSupport", "HDF5", "TensorCore", "TensorTestSupport"]),
        .testTarget(name: "ParquetTests", dependencies: ["FileSupport", "Parquet", "TensorCore", "TensorTestSupport"]),
        .testTarget(
            name: "TFRecordTests", dependencies: ["FileSupport", "TFRecord", "TensorCore", "TensorTestSupport"]),
        .testTarget(
            name: "LiberoTasksTests", dependencies: ["FileSupport", "LiberoTasks", "TensorCore", "TensorTestSupport"]),
        .testTarget(
            name: "LiberoDataTests",
            dependencies: [
                "FileSupport", "RobotInterface",
                "HDF5", "Parquet", "TFRecord", "LiberoTasks", "LiberoData", "TensorCore", "TensorTestSupport",
                "ImageProcessing", "ActionTokenizer", "VLAPolicy",
            ]),
    ])

let kinematics = layer(
    "Kinematics",
    [
        .target(
            name: "Kinematics", dependencies: ["XMLSupport", "Parallel", .product(name: "Yams", package: "Yams")],
            linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
        .testTarget(
            name: "KinematicsTests", dependencies: ["Parallel", "Kinematics", "TensorCore", "TensorTestSupport"]),
        .target(name: "PiperDriver", dependencies: ["Kinematics"]),
        .testTarget(name: "PiperDriverTests", dependencies: ["TensorCore", "Kinematics", "PiperDriver"]),
        .target(
            name: "RobotReports",
            dependencies: ["FileSupport", "Plotting", "TensorCore", "ImageProcessing", "Kinematics", "PiperDriver"]),
        .testTarget(
            name: "RobotReportsTests", dependencies: ["FileSupport", "Kinematics", "PiperDriver", "RobotReports"]),
        .target(name: "CGraspKernels", linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
        .target(
            name: "Grasping",
            dependencies: [
                "XMLSupport", "FileSupport", "Parallel", "TensorCore", "ImageProcessing", "CGraspKernels", "Kinematics",
            ]),
        .testTarget(
            name: "GraspingTests",
            dependencies: [
                "FileSupport", "TensorCore", "TensorTestSupport", "ImageProcessing", "Kinematics", "Grasping",
            ]),
        .target(
            name: "GraspNetwork",
            dependencies: [
                "FileSupport", "Parallel", "TensorCore", "TensorNN", "CGraspKernels", "Kinematics", "Grasping",
            ]),
        .testTarget(
            name: "GraspNetworkTests",
            dependencies: [
                "FileSupport", "Parallel", "TensorCore", "TensorNN", "TensorTestSupport", "Kinematics", "Grasping",
                "GraspNetwork",
            ]),
    ])

let evaluation = layer(
    "Evaluation",
    [
        .systemLibrary(name: "CMuJoCo", pkgConfig: "mujoco"),
        .target(name: "CGLContext"),
        .target(name: "CFileHash"),
        .target(name: "SuccessStatistics"),
        .testTarget(name: "SuccessStatisticsTests", dependencies: ["SuccessStatistics", "TensorCore"]),
        .target(
            name: "Evaluation",
            dependencies: [
                "SuccessStatistics", "FileSupport", "Parallel", "Plotting", "RobotInterface", "TensorCore",
                "ImageProcessing",
            ]),
        .target(
            name: "Diagnosis",
            dependencies: [
                "FileSupport",
                "SuccessStatistics", "Parallel", "RobotInterface",
                "Evaluation", "TensorCore", "TensorNN", "TensorTraining", "ImageProcessing", "ActionTokenizer",
                "VLAPolicy", "LiberoData",
            ]),
        .target(
            name: "LiberoSimulation",
            dependencies: [
                "FileSupport", "XMLSupport",
                "RobotInterface",
                "Evaluation", "Kinematics", "LiberoTasks", "TensorCore", "ImageProcessing", "CGLContext", "CFileHash",
                .target(name: "CMuJoCo", condition: .when(traits: ["MuJoCo"])),
            ]),
        .target(
            name: "PolicyServing",
            dependencies: [
                "FileSupport", "RobotInterface", "Evaluation", "TensorCore", "ImageProcessing", "VLAPolicy",
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
                "FileSupport", "Parallel", "Plotting", "RobotInterface", "SuccessStatistics", "Evaluation",
                "LiberoSimulation", "LiberoTasks", "LiberoData", "TensorCore", "TensorTraining", "TensorReporting",
                "VisionLanguage", "ActionTokenizer", "VLAPolicy", "PeerPolicies", "PolicyServing",
            ]),
        .testTarget(
            name: "EvaluationTests",
            dependencies: [
                "Plotting",
                "SuccessStatistics", "RobotInterface",
                "Evaluation", "TensorCore", "ImageProcessing", "ActionTokenizer", "VLAPolicy", "TensorTestSupport",
            ]),
        .testTarget(
            name: "DiagnosisTests",
            dependencies: [
                "RobotInterface",
                "Diagnosis", "LiberoSimulation", "Evaluation", "LiberoTasks", "LiberoData", "TensorCore", "TensorNN",
                "TensorTraining", "ImageProcessing", "ActionTokenizer", "VLAPolicy", "TensorTestSupport",
            ]),
        .testTarget(
            name: "LiberoEvaluationTests",
            dependencies: [
                "RobotInterface", "LiberoEvaluation", "LiberoSimulation", "Evaluation", "LiberoTasks", "LiberoData",
                "ActionTokenizer", "VLAPolicy", "PeerPolicies", "TensorCore", "TensorTestSupport",
            ]),
        .testTarget(
            name: "LiberoSimulationTests",
            dependencies: [
                "RobotInterface",
                "LiberoSimulation", "Evaluation", "Kinematics", "LiberoTasks", "TensorCore", "ImageProcessing",
                "ActionTokenizer", "VLAPolicy", "TensorTestSupport",
            ]),
        .testTarget(
            name: "PolicyServingTests",
            dependencies: [
                "FileSupport", "RobotInterface", "PolicyServing", "Evaluation", "TensorCore", "ImageProcessing",
                "TensorTestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ]),
    ])

/// Snippets that tests run; a package built alone builds its snippets by itself.
let snippets: [Target] = [
    ("Act", "ActionTokenizer", ["ImageProcessing", "RobotInterface", "TensorCore", "VLAPolicy"]),
    ("Evaluate", "Evaluation", ["Evaluation", "LiberoEvaluation"]),
    ("Train", "Evaluation", ["LiberoData", "VLAPolicy"]),
    ("OwnModelFamily", "Evaluation", ["LiberoData", "TensorCore", "TensorNN", "VLAPolicy"]),
    ("OwnPolicy", "Evaluation", ["Evaluation", "LiberoEvaluation", "RobotInterface"]),
    ("OwnEnvironment", "Evaluation", ["Evaluation", "RobotInterface"]),
    ("ServePolicy", "Evaluation", ["PolicyServing", "RobotInterface"]),
].map { (name: String, layer: String, modules: [String]) in
    let folder = "Packages/\(layer)/Snippets"
    let files = try? FileManager.default.contentsOfDirectory(atPath: "\(Context.packageDirectory)/\(folder)")
    return .executableTarget(
        name: name, dependencies: modules.map { .byName(name: $0) }, path: folder,
        exclude: (files ?? []).filter { $0 != "\(name).swift" }.sorted(), sources: ["\(name).swift"])
}

let command: [Target] = [
    .executableTarget(
        name: "vla",
        dependencies: [
            "Plotting", "TensorReporting",
            "FileSupport", "Parallel", "RobotInterface", "SuccessStatistics",
            "TensorCore", "TensorNN", "TensorTraining", "TextTokenizers", "VisionLanguage", "ImageProcessing",
            "ActionTokenizer", "VLAPolicy", "PeerPolicies",
            "LiberoTasks", "LiberoData", "ConversationData", "Kinematics", "RobotReports", "Grasping", "GraspNetwork",
            "Evaluation", "Diagnosis", "LiberoSimulation", "PolicyServing",
            "LiberoEvaluation",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        ]),
    .testTarget(name: "ArchitectureTests"),
    .testTarget(
        name: "EndToEndTests",
        dependencies: ["vla", "Act", "Train", "OwnModelFamily", "Evaluate", "OwnPolicy", "OwnEnvironment"]),
]

let package = Package(
    name: "vla",
    products: [
        "FileSupport", "XMLSupport", "Plotting", "Parallel", "TensorCore", "TensorNN", "TensorTraining",
        "TensorReporting", "TensorTestSupport",
        "TextTokenizers", "ImageProcessing", "VisionLanguage",
        "RobotInterface", "ActionTokenizer", "VLAPolicy", "PeerPolicies",
        "HDF5", "Parquet", "TFRecord", "LiberoTasks", "LiberoData", "ConversationData",
        "Kinematics", "PiperDriver", "RobotReports", "Grasping", "GraspNetwork",
        "SuccessStatistics", "Evaluation", "Diagnosis", "LiberoSimulation", "LiberoEvaluation",
        "PolicyServing",
    ].map { .library(name: $0, targets: [$0]) } + [.executable(name: "vla", targets: ["vla"])],
    traits: [
        .trait(name: "MPI", description: "Builds the MPI collective against an installed Open MPI."),
        .trait(
            name: "Video", description: "Reads LeRobot episodes stored as video, against installed FFmpeg libraries."),
        .trait(name: "MuJoCo", description: "Builds LiberoSimulation against an installed MuJoCo 3."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
    ],
    targets: tensorCore + visionLanguage + actionTokenizer + liberoData + kinematics + evaluation + snippets + command,
    swiftLanguageModes: [.v6]
)
