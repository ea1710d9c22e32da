// swift-tools-version: 6.2
import PackageDescription

// Benchmarks are a package of their own: nothing here is built by those who use the layers.

/// The executable that measures a layer: `TensorCoreBenchmarks` for TensorCore.
func benchmarks(of layer: String, products: [String]) -> Target {
    .executableTarget(
        name: "\(layer)Benchmarks",
        dependencies: ["BenchmarkKit"] + products.map { .product(name: $0, package: "vla") })
}

let package = Package(
    name: "Benchmarks",
    traits: [
        .trait(name: "MPI", description: "Measures training in two processes, too."),
        .trait(name: "MuJoCo", description: "Measures LIBERO's simulation, too."),
    ],
    dependencies: [
        .package(
            name: "vla", path: "..",
            traits: [
                .trait(name: "MPI", condition: .when(traits: ["MPI"])),
                .trait(name: "MuJoCo", condition: .when(traits: ["MuJoCo"])),
            ]),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    ],
    targets: [
        .target(name: "BenchmarkKit"),
        .executableTarget(
            name: "BenchmarkDriver",
            dependencies: ["BenchmarkKit", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
        benchmarks(of: "TensorCore", products: ["TensorCore", "TensorNN", "TensorTraining"]),
        benchmarks(
            of: "VisionLanguage",
            products: ["TensorCore", "TensorNN", "ImageProcessing", "TextTokenizers", "VisionLanguage"]),
        benchmarks(
            of: "LiberoData",
            products: [
                "TensorCore", "LiberoData", "LiberoTasks", "ImageProcessing", "VLAPolicy", "Parquet", "TFRecord",
            ]),
        .target(name: "CAllocationCounter"),
        .executableTarget(
            name: "KinematicsBenchmarks",
            dependencies: [
                "BenchmarkKit", "CAllocationCounter", .product(name: "Kinematics", package: "vla"),
                .product(name: "TensorCore", package: "vla"),
            ]),
        benchmarks(
            of: "ActionTokenizer",
            products: ["TensorCore", "TensorNN", "TensorTraining", "VisionLanguage", "ActionTokenizer", "VLAPolicy"]),
        benchmarks(of: "Evaluation", products: ["LiberoSimulation", "LiberoTasks", "Evaluation", "VLAPolicy"]),
        .testTarget(name: "BenchmarkKitTests", dependencies: ["BenchmarkKit"]),
    ],
    swiftLanguageModes: [.v6]
)
