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
    name: "VisionLanguage",
    products: ["TextTokenizers", "ImageProcessing", "VisionLanguage"].map { .library(name: $0, targets: [$0]) },
    traits: [
        .trait(name: "MPI", description: "Builds the MPI collective against an installed Open MPI.")
    ],
    dependencies: [
        layer("TensorCore", from: "0.1.0", passing: ["MPI"])
    ],
    targets: [
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        .target(name: "CImageKernels", dependencies: ["CPNG", "CJPEG", "CDeflate"]),
        .target(
            name: "ImageProcessing",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"), .product(name: "Parallel", package: "TensorCore"),
                "CImageKernels", .product(name: "TensorCore", package: "TensorCore"),
            ]),
        .testTarget(
            name: "ImageProcessingTests",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"),
                "CImageKernels", "ImageProcessing", .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "TensorTestSupport", package: "TensorCore"),
            ]),
        .target(name: "TextTokenizers", dependencies: [.product(name: "FileSupport", package: "TensorCore")]),
        .target(
            name: "VisionLanguage",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"), .product(name: "Parallel", package: "TensorCore"),
                .product(name: "TensorCore", package: "TensorCore"), .product(name: "TensorNN", package: "TensorCore"),
                .product(name: "TensorTraining", package: "TensorCore"), "TextTokenizers", "ImageProcessing",
            ]),
        .testTarget(
            name: "TextTokenizersTests",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"),
                "TextTokenizers", .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "TensorTestSupport", package: "TensorCore"),
            ]),
        .testTarget(
            name: "VisionLanguageTests",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"), .product(name: "Parallel", package: "TensorCore"),
                .product(name: "TensorCore", package: "TensorCore"), .product(name: "TensorNN", package: "TensorCore"),
                .product(name: "TensorTraining", package: "TensorCore"), "TextTokenizers", "ImageProcessing",
                "VisionLanguage", .product(name: "TensorTestSupport", package: "TensorCore"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
