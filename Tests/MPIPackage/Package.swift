// swift-tools-version: 6.2
import PackageDescription

// A program for Scripts/test-mpi: it trains over MPI and prints what must not depend on the number of processes.

let package = Package(
    name: "MPIPackage",
    dependencies: [.package(path: "../../Packages/TensorCore", traits: ["MPI"])],
    targets: [
        .executableTarget(
            name: "MPICheck",
            dependencies: ["TensorCore", "TensorNN", "TensorTraining"].map { .product(name: $0, package: "TensorCore") }
        )
    ],
    swiftLanguageModes: [.v6]
)
