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
    name: "ActionTokenizer",
    products: ["RobotInterface", "ActionTokenizer", "VLAPolicy", "PeerPolicies"].map {
        .library(name: $0, targets: [$0])
    },
    traits: [
        .trait(name: "MPI", description: "Builds the MPI collective against an installed Open MPI.")
    ],
    dependencies: [
        layer("TensorCore", from: "0.1.0", passing: ["MPI"]),
        layer("VisionLanguage", from: "0.1.0", passing: ["MPI"]),
    ],
    targets: [
        .target(
            name: "RobotInterface",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
            ]),
        .target(
            name: "ActionTokenizer",
            dependencies: [.product(name: "FileSupport", package: "TensorCore"), "RobotInterface"]),
        .target(
            name: "VLAPolicy",
            dependencies: [
                .product(name: "Plotting", package: "TensorCore"),
                .product(name: "TensorReporting", package: "TensorCore"),
                .product(name: "FileSupport", package: "TensorCore"), .product(name: "Parallel", package: "TensorCore"),
                "RobotInterface",
                .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "TensorNN", package: "TensorCore"),
                .product(name: "TensorTraining", package: "TensorCore"),
                .product(name: "TextTokenizers", package: "VisionLanguage"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                .product(name: "VisionLanguage", package: "VisionLanguage"),
                "ActionTokenizer",
            ]),
        .target(
            name: "PeerPolicies",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"), .product(name: "Parallel", package: "TensorCore"),
                "RobotInterface",
                .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "TensorNN", package: "TensorCore"),
                .product(name: "TextTokenizers", package: "VisionLanguage"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
            ]),
        .testTarget(
            name: "ActionTokenizerTests",
            dependencies: [
                "RobotInterface", "ActionTokenizer", .product(name: "TensorTestSupport", package: "TensorCore"),
            ]),
        .testTarget(
            name: "VLAPolicyTests",
            dependencies: [
                .product(name: "TensorReporting", package: "TensorCore"),
                .product(name: "FileSupport", package: "TensorCore"), .product(name: "Parallel", package: "TensorCore"),
                "RobotInterface",
                .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "TensorNN", package: "TensorCore"),
                .product(name: "TensorTraining", package: "TensorCore"),
                .product(name: "TextTokenizers", package: "VisionLanguage"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                .product(name: "VisionLanguage", package: "VisionLanguage"),
                "ActionTokenizer", "VLAPolicy",
                .product(name: "TensorTestSupport", package: "TensorCore"),
            ]),
        .testTarget(
            name: "PeerPoliciesTests",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"), "RobotInterface",
                .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "TensorNN", package: "TensorCore"),
                .product(name: "TensorTraining", package: "TensorCore"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                "PeerPolicies",
                .product(name: "TensorTestSupport", package: "TensorCore"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
