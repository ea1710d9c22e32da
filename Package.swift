// swift-tools-version: 6.2
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
        .target(name: "CTensorKernels", linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
        .target(name: "TensorCore", dependencies: ["COpenBLAS", "CTensorKernels", "CZlib"]),
        .target(name: "TensorNN", dependencies: ["TensorCore"]),
        .target(
            name: "TensorTraining",
            dependencies: [
                "CTensorKernels", "TensorCore", "TensorNN",
                .target(name: "CMPI", condition: .when(traits: ["MPI"])),
            ]),
        .target(name: "TensorTestSupport", dependencies: ["TensorCore"]),
        .testTarget(name: "TensorCoreTests", dependencies: ["TensorCore", "CTensorKernels", "TensorTestSupport"]),
        .testTarget(name: "TensorNNTests", dependencies: ["TensorCore", "TensorNN", "TensorTestSupport"]),
        .testTarget(
            name: "TensorTrainingTests",
            dependencies: ["TensorCore", "TensorNN", "TensorTraining", "TensorTestSupport"]),
    ])

let visionLanguage = layer(
    "VisionLanguage",
    [
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        .target(name: "CImageKernels", dependencies: ["CPNG", "CJPEG", "CDeflate"]),
        .target(name: "ImageProcessing", dependencies: ["CImageKernels", "TensorCore"]),
        .testTarget(
            name: "ImageProcessingTests",
            dependencies: ["CImageKernels", "ImageProcessing", "TensorCore", "TensorTestSupport"]),
        .target(name: "TextTokenizers"),
        .target(
            name: "VisionLanguage",
            dependencies: ["TensorCore", "TensorNN", "TensorTraining", "TextTokenizers", "ImageProcessing"]),
        .testTarget(
            name: "TextTokenizersTests", dependencies: ["TextTokenizers", "TensorCore", "TensorTestSupport"]),
        .testTarget(
            name: "VisionLanguageTests",
            dependencies: [
                "TensorCore", "TensorNN", "TensorTraining", "TextTokenizers", "ImageProcessing", "VisionLanguage",
                "TensorTestSupport",
            ]),
    ])

let actionTokenizer = layer(
    "ActionTokenizer",
    [
        .target(name: "ActionTokenizer"),
        .target(
            name: "VLAPolicy",
            dependencies: [
                "TensorCore", "TensorNN", "TensorTraining", "TextTokenizers", "ImageProcessing", "VisionLanguage",
                "ActionTokenizer",
            ]),
        .testTarget(name: "ActionTokenizerTests", dependencies: ["ActionTokenizer", "TensorTestSupport"]),
        .testTarget(
            name: "VLAPolicyTests",
            dependencies: [
                "TensorCore", "TensorNN", "TensorTraining", "TextTokenizers", "ImageProcessing", "VisionLanguage",
                "ActionTokenizer", "VLAPolicy", "TensorTestSupport",
            ]),
    ])

let liberoData = layer(
    "LiberoData",
    [
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .target(name: "HDF5", dependencies: ["CHDF5", "TensorCore"]),
        .systemLibrary(name: "CSnappy", pkgConfig: "snappy", providers: [.apt(["libsnappy-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "Parquet", dependencies: ["CSnappy", "CZstd", "TensorCore"]),
        .target(
            name: "TFRecord",
            dependencies: ["TensorCore", .product(name: "SwiftProtobuf", package: "swift-protobuf")]),
        .target(name: "LiberoTasks", dependencies: ["TensorCore"]),
        .systemLibrary(
            name: "CFFmpeg", pkgConfig: "libavformat",
            providers: [.apt(["libavformat-dev", "libavcodec-dev", "libswscale-dev"])]),
        .target(
            name: "LiberoData",
            dependencies: [
                "HDF5", "Parquet", "TFRecord", "LiberoTasks", "TensorCore", "ImageProcessing", "ActionTokenizer",
                "VLAPolicy",
                .target(name: "CFFmpeg", condition: .when(traits: ["Video"])),
            ]),
        .testTarget(name: "HDF5Tests", dependencies: ["HDF5", "TensorCore", "TensorTestSupport"]),
        .testTarget(name: "ParquetTests", dependencies: ["Parquet", "TensorCore", "TensorTestSupport"]),
        .testTarget(name: "TFRecordTests", dependencies: ["TFRecord", "TensorCore", "TensorTestSupport"]),
        .testTarget(
            name: "LiberoTasksTests", dependencies: ["LiberoTasks", "TensorCore", "TensorTestSupport"]),
        .testTarget(
            name: "LiberoDataTests",
            dependencies: [
                "HDF5", "Parquet", "TFRecord", "LiberoTasks", "LiberoData", "TensorCore", "TensorTestSupport",
                "ImageProcessing", "ActionTokenizer", "VLAPolicy",
            ]),
    ])

let kinematics = layer(
    "Kinematics",
    [
        .target(
            name: "Kinematics", dependencies: ["TensorCore", .product(name: "Yams", package: "Yams")],
            linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
        .testTarget(name: "KinematicsTests", dependencies: ["Kinematics", "TensorCore", "TensorTestSupport"]),
    ])

let evaluation = layer(
    "Evaluation",
    [
        .systemLibrary(name: "CMuJoCo", pkgConfig: "mujoco"),
        .target(name: "CGLContext"),
        .target(
            name: "Evaluation",
            dependencies: ["TensorCore", "TensorTraining", "ImageProcessing", "ActionTokenizer", "VLAPolicy"]),
        .target(
            name: "Diagnosis",
            dependencies: [
                "Evaluation", "TensorCore", "TensorNN", "TensorTraining", "ImageProcessing", "ActionTokenizer",
                "VLAPolicy", "LiberoData",
            ]),
        .target(
            name: "LiberoSimulation",
            dependencies: [
                "Evaluation", "Kinematics", "LiberoTasks", "TensorCore", "ImageProcessing", "ActionTokenizer",
                "VLAPolicy", "CGLContext",
                .target(name: "CMuJoCo", condition: .when(traits: ["MuJoCo"])),
            ]),
        .testTarget(
            name: "EvaluationTests",
            dependencies: [
                "Evaluation", "TensorCore", "ImageProcessing", "ActionTokenizer", "VLAPolicy", "TensorTestSupport",
            ]),
        .testTarget(
            name: "DiagnosisTests",
            dependencies: [
                "Diagnosis", "LiberoSimulation", "Evaluation", "LiberoTasks", "LiberoData", "TensorCore", "TensorNN",
                "TensorTraining", "ImageProcessing", "ActionTokenizer", "VLAPolicy", "TensorTestSupport",
            ]),
        .testTarget(
            name: "LiberoSimulationTests",
            dependencies: [
                "LiberoSimulation", "Evaluation", "Kinematics", "LiberoTasks", "TensorCore", "ImageProcessing",
                "ActionTokenizer", "VLAPolicy", "TensorTestSupport",
            ]),
    ])

let command: [Target] = [
    .executableTarget(
        name: "vla",
        dependencies: [
            "TensorCore", "TensorNN", "TensorTraining", "TextTokenizers", "VisionLanguage", "ImageProcessing",
            "ActionTokenizer", "VLAPolicy",
            "Parquet", "LiberoTasks", "LiberoData", "Kinematics", "Evaluation", "Diagnosis", "LiberoSimulation",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "Logging", package: "swift-log"),
        ]),
    .testTarget(
        name: "CommandTests",
        dependencies: [
            "vla", "Parquet", "TensorCore", "TextTokenizers", "ImageProcessing", "VisionLanguage", "TensorTestSupport",
        ]),
    .testTarget(name: "ArchitectureTests"),
    .testTarget(name: "EndToEndTests", dependencies: ["vla"]),
]

let package = Package(
    name: "vla",
    products: [
        "TensorCore", "TensorNN", "TensorTraining", "TensorTestSupport",
        "TextTokenizers", "ImageProcessing", "VisionLanguage",
        "ActionTokenizer", "VLAPolicy",
        "HDF5", "Parquet", "TFRecord", "LiberoTasks", "LiberoData",
        "Kinematics",
        "Evaluation", "Diagnosis", "LiberoSimulation",
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
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    ],
    targets: tensorCore + visionLanguage + actionTokenizer + liberoData + kinematics + evaluation + command,
    swiftLanguageModes: [.v6]
)
