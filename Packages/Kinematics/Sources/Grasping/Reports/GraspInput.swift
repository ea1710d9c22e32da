import FileSupport
public import Foundation
import ImageProcessing
import Kinematics
import TensorCore

/// What is grasped: a depth image, a cloud in a camera's frame, or a mesh.
public struct GraspInput: Sendable {
    public enum Source: Sendable {
        /// A grey PNG or `.npy`, and the camera that took it.
        case depth(URL, camera: Camera)
        /// PLY, or `.npy` of `[N, 3]` metres.
        case cloud(URL)
        /// A closed mesh, STL or OBJ, in metres.
        case mesh(URL)
    }

    public enum Camera: Sendable {
        /// Pixels.
        case pinhole(focalLength: SIMD2<Double>, principalPoint: SIMD2<Double>)
        /// GraspNet's meta file of the view, with camera and scale.
        case meta(URL)
    }

    public var source: Source
    /// What the depth file's numbers are divided by to get metres; `nil` for 1000, or 1 for `.npy` of floats.
    public var depthScale: Double?
    /// A grey PNG whose pixels above 0 are used; `nil` for all.
    public var mask: URL?
    /// Uses depths whose median is not within 0.15…3 m.
    public var forcesUnits = false

    public init(_ source: Source) { self.source = source }

    public var isMesh: Bool { if case .mesh = source { true } else { false } }

    /// The cloud or surface, and the grasps found in it, the best first.
    ///
    /// - Parameters:
    ///   - detector: Finds grasps in a cloud; a mesh has them by opposite contacts.
    ///   - count: Grasps kept of a mesh.
    ///   - seed: Of what is drawn on a mesh.
    public func detect(
        by detector: (PointCloud) throws -> GraspGroup, count: Int, seed: UInt64
    ) throws -> (cloud: PointCloud, grasps: GraspGroup) {
        guard case .mesh(let file) = source else {
            let cloud = try cloud()
            return (cloud, try detector(cloud))
        }
        var generator = PhiloxGenerator(seed: seed)
        let solid = try TriangleMesh.read(file)
        let grasps = AntipodalSampler().grasps(on: solid, pointCount: 200, using: &generator)
        let surface = MeshSurface(solid).points(4000, using: &generator)
        return (surface, GraspGroup(grasps.nonMaximumSuppressed(distance: 0.01).prefix(count)))
    }

    /// The cloud of a depth image or file.
    private func cloud() throws -> PointCloud {
        let (file, camera): (URL, Camera)
        switch source {
        case .mesh(let url), .cloud(let url):
            let points = try PointCloud(at: url).finite
            if !forcesUnits { try points.checkUnits() }
            return points
        case .depth(let url, let found): (file, camera) = (url, found)
        }
        var meta: GraspNetDataset.Meta?
        if case .meta(let url) = camera { meta = try GraspNetDataset.Meta(at: url) }
        let image = try DepthImage(at: file, scale: depthScale ?? meta?.depthScale)
        if !forcesUnits { try image.checkUnits() }
        let mask = try self.mask.map { url -> [Bool] in
            let mask = try GrayImage(at: url)
            guard mask.width == image.width, mask.height == image.height else {
                throw ContentError(
                    "\(url.relativePath) has \(mask.width) × \(mask.height) pixels, the depth image \(image.width) × "
                        + "\(image.height).")
            }
            return mask.values.map { $0 > 0 }
        }
        var pinhole = meta?.camera(width: image.width, height: image.height)
        if case .pinhole(let focalLength, let principalPoint) = camera {
            pinhole = PinholeCamera(
                width: image.width, height: image.height, focalLength: focalLength, principalPoint: principalPoint)
        }
        return image.pointCloud(pinhole ?? .kinect, mask: mask)
    }
}
