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
    name: "LiberoData",
    products: ["HDF5", "Parquet", "TFRecord", "LiberoTasks", "LiberoData", "ConversationData"].map {
        .library(name: $0, targets: [$0])
    },
    traits: [
        .trait(name: "MPI", description: "Builds the MPI collective against an installed Open MPI."),
        .trait(
            name: "Video", description: "Reads LeRobot episodes stored as video, against installed FFmpeg libraries."),
    ],
    dependencies: [
        layer("TensorCore", from: "0.1.0", passing: ["MPI"]),
        layer("VisionLanguage", from: "0.1.0", passing: ["MPI"]),
        layer("ActionTokenizer", from: "0.1.0", passing: ["MPI"]),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.28.0"),
    ],
    targets: [
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .target(name: "HDF5", dependencies: [.product(name: "FileSupport", package: "TensorCore"), "CHDF5"]),
        .systemLibrary(name: "CSnappy", pkgConfig: "snappy", providers: [.apt(["libsnappy-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(
            name: "Parquet", dependencies: [.product(name: "FileSupport", package: "TensorCore"), "CSnappy", "CZstd"]),
        .target(
            name: "TFRecord",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ]),
        .target(
            name: "LiberoTasks",
            dependencies: [.product(name: "FileSupport", package: "TensorCore"), "TensorCore"]),
        .systemLibrary(
            name: "CFFmpeg", pkgConfig: "libavformat",
            providers: [.apt(["libavformat-dev", "libavcodec-dev", "libswscale-dev"])]),
        .target(
            name: "LiberoData",
            dependencies: [
                .product(name: "Plotting", package: "TensorCore"),
                .product(name: "FileSupport", package: "TensorCore"),
                .product(name: "RobotInterface", package: "ActionTokenizer"),
                "HDF5", "Parquet", "TFRecord", "LiberoTasks",
                .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                .product(name: "ActionTokenizer", package: "ActionTokenizer"),
                .target(name: "CFFmpeg", condition: .when(traits: ["Video"])),
            ]),
        .target(
            name: "ConversationData",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"), "Parquet",
                .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                .product(name: "VisionLanguage", package: "VisionLanguage"),
            ]),
        .testTarget(
            name: "ConversationDataTests",
            dependencies: [
                "Parquet", "ConversationData", .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "TextTokenizers", package: "VisionLanguage"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                .product(name: "VisionLanguage", package: "VisionLanguage"),
                .product(name: "TensorTestSupport", package: "TensorCore"),
            ]),
        .testTarget(
            name: "HDF5Tests",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"), "HDF5", "TensorCore",
                .product(name: "TensorTestSupport", package: "TensorCore"),
            ]),
        .testTarget(
            name: "ParquetTests",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"), "Parquet", "TensorCore",
                .product(name: "TensorTestSupport", package: "TensorCore"),
            ]),
        .testTarget(
            name: "TFRecordTests",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"), "TFRecord", "TensorCore",
                .product(name: "TensorTestSupport", package: "TensorCore"),
            ]),
        .testTarget(
            name: "LiberoTasksTests",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"), "LiberoTasks", "TensorCore",
                .product(name: "TensorTestSupport", package: "TensorCore"),
            ]),
        .testTarget(
            name: "LiberoDataTests",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"),
                .product(name: "RobotInterface", package: "ActionTokenizer"),
                "HDF5", "Parquet", "TFRecord", "LiberoTasks", "LiberoData",
                .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "TensorTestSupport", package: "TensorCore"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                .product(name: "ActionTokenizer", package: "ActionTokenizer"),
                .product(name: "VLAPolicy", package: "ActionTokenizer"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
