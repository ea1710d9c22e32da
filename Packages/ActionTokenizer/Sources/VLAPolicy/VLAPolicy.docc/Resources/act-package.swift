// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Act",
    dependencies: [.package(name: "vla", path: "../vla")],
    targets: [
        .executableTarget(
            name: "Act",
            dependencies: ["ImageProcessing", "RobotInterface", "TensorCore", "VLAPolicy"].map {
                .product(name: $0, package: "vla")
            })
    ])
