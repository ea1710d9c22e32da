// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "TensorCore",
    products: [
        "FileSupport", "XMLSupport", "Plotting", "Parallel", "TensorCore", "TensorNN", "TensorTraining",
        "TensorReporting", "TensorTestSupport",
    ].map {
        .library(name: $0, targets: [$0])
    },
    traits: [.trait(name: "MPI", description: "Builds the MPI collective against an installed Open MPI.")],
    dependencies: [.package(url: "https://github.com/apple/swift-protobuf", from: "1.28.0")],
    targets: [
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
    ],
    swiftLanguageModes: [.v6]
)
