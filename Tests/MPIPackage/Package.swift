// swift-tools-version: 6.2
import PackageDescription

// Programs for Scripts/test-mpi: they train over MPI and print what must not depend on the number of processes.

let package = Package(
    name: "MPIPackage",
    dependencies: ["TensorCore", "VisionLanguage", "ActionTokenizer"].map {
        .package(path: "../../Packages/\($0)", traits: ["MPI"])
    },
    targets: [
        .executableTarget(
            name: "MPICheck",
            dependencies: ["TensorCore", "TensorNN", "TensorTraining"].map { .product(name: $0, package: "TensorCore") }
        ),
        .executableTarget(
            name: "PolicyMPICheck",
            dependencies: ["TensorCore", "TensorNN", "TensorTraining"].map { .product(name: $0, package: "TensorCore") }
                + [.product(name: "ImageProcessing", package: "VisionLanguage")]
                + ["ActionTokenizer", "VLAPolicy"].map { .product(name: $0, package: "ActionTokenizer") }
        ),
    ],
    swiftLanguageModes: [.v6]
)
