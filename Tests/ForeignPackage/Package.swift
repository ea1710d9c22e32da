// swift-tools-version: 6.2
import PackageDescription

// A package as a user of one layer writes it; Scripts/check-foreign builds it outside of the repository.

let repository: Package.Dependency =
    if let url = Context.environment["VLA_URL"] {
        .package(url: url, from: "0.1.0")
    } else {
        .package(name: "vla", path: Context.environment["VLA_PATH"] ?? "../..")
    }

/// A program that uses one layer, or some products of it.
func example(of layer: String, _ products: [String]) -> Target {
    .executableTarget(name: "Use\(layer)", dependencies: products.map { .product(name: $0, package: "vla") })
}

let package = Package(
    name: "Foreign",
    dependencies: [repository],
    targets: [
        example(of: "TensorCore", ["TensorCore", "TensorNN", "TensorTraining"]),
        example(of: "VisionLanguage", ["TextTokenizers", "ImageProcessing"]),
        example(of: "ActionTokenizer", ["ActionTokenizer"]),
        example(of: "LiberoData", ["LiberoData", "LiberoTasks"]),
        example(of: "Kinematics", ["Kinematics"]),
        example(of: "Evaluation", ["Evaluation", "SuccessStatistics"]),
        example(
            of: "OwnFamily",
            [
                "Evaluation", "LiberoEvaluation", "RobotInterface", "TensorCore", "TensorNN",
                "VLAPolicy",
            ]),
        example(of: "FileFormats", ["HDF5", "Parquet", "TFRecord"]),
        example(of: "SuccessStatistics", ["SuccessStatistics"]),
    ],
    swiftLanguageModes: [.v6]
)
