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
    name: "Kinematics",
    products: ["Kinematics", "PiperDriver", "RobotReports", "Grasping", "GraspNetwork"].map {
        .library(name: $0, targets: [$0])
    },
    traits: [
        .trait(name: "MPI", description: "Builds the MPI collective against an installed Open MPI.")
    ],
    dependencies: [
        layer("TensorCore", from: "0.1.0", passing: ["MPI"]),
        layer("VisionLanguage", from: "0.1.0", passing: ["MPI"]),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    ],
    targets: [
        .target(
            name: "Kinematics",
            dependencies: [
                .product(name: "XMLSupport", package: "TensorCore"),
                .product(name: "Parallel", package: "TensorCore"),
                .product(name: "Yams", package: "Yams"),
            ],
            linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
        .testTarget(
            name: "KinematicsTests",
            dependencies: [
                .product(name: "Parallel", package: "TensorCore"),
                "Kinematics", .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "TensorTestSupport", package: "TensorCore"),
            ]),
        .target(name: "PiperDriver", dependencies: ["Kinematics"]),
        .testTarget(
            name: "PiperDriverTests",
            dependencies: [.product(name: "TensorCore", package: "TensorCore"), "Kinematics", "PiperDriver"]),
        .target(
            name: "RobotReports",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"),
                .product(name: "Plotting", package: "TensorCore"),
                .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                "Kinematics", "PiperDriver",
            ]),
        .testTarget(
            name: "RobotReportsTests",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"), "Kinematics", "PiperDriver", "RobotReports",
            ]),
        .target(name: "CGraspKernels", linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
        .target(
            name: "Grasping",
            dependencies: [
                .product(name: "XMLSupport", package: "TensorCore"),
                .product(name: "FileSupport", package: "TensorCore"),
                .product(name: "Parallel", package: "TensorCore"),
                .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                "CGraspKernels",
                "Kinematics",
            ]),
        .testTarget(
            name: "GraspingTests",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"),
                .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "TensorTestSupport", package: "TensorCore"),
                .product(name: "ImageProcessing", package: "VisionLanguage"),
                "Kinematics",
                "Grasping",
            ]),
        .target(
            name: "GraspNetwork",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"),
                .product(name: "Parallel", package: "TensorCore"),
                .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "TensorNN", package: "TensorCore"),
                "CGraspKernels",
                "Kinematics",
                "Grasping",
            ]),
        .testTarget(
            name: "GraspNetworkTests",
            dependencies: [
                .product(name: "FileSupport", package: "TensorCore"),
                .product(name: "Parallel", package: "TensorCore"),
                .product(name: "TensorCore", package: "TensorCore"),
                .product(name: "TensorNN", package: "TensorCore"),
                .product(name: "TensorTestSupport", package: "TensorCore"),
                "Kinematics",
                "Grasping",
                "GraspNetwork",
            ]),
    ],
    swiftLanguageModes: [.v6]
)
