public import FileSupport
public import Foundation
public import Kinematics
import TensorCore

/// The grasps of a sequence of depth images, fused.
public struct GraspFusionReport: Codable, TextReport, Sendable {
    public struct Frame: Codable, Sendable {
        public var detected: Int
        public var fused: Int
        public var valid: Int
        public var graspability: Double
        public var growth: Double

        /// - Parameter index: The frame's number.
        public func text(_ index: Int) -> String {
            "frame \(index)   \(detected) detected   \(fused) fused   \(valid) valid   "
                + "G \(numbers([graspability, growth], "%.3f"))"
        }
    }

    /// The middle of the field, in the world.
    public var target: [Double]
    public var frames: [Frame]
    /// In the world, the best first; scores are ranks.
    public var grasps: [GraspReport]
    public var files: [String]

    /// - Parameters:
    ///   - sequence: The list of frames, a JSON file.
    ///   - detector: Finds grasps in a cloud, for frames that have none of their own.
    ///   - parameters: The field's.
    ///   - target: The middle of the field; `nil` for the file's, else that of the first cloud's largest cluster.
    ///   - count: Grasps kept.
    ///   - folder: Gets the fused grasps; `nil` to write nothing.
    ///   - progress: Called after each frame; throwing ends the work.
    public init(
        _ sequence: URL, detector: (PointCloud) throws -> GraspGroup,
        parameters: GraspField.Parameters = GraspField.Parameters(), target: Vector3? = nil, count: Int,
        to folder: URL? = nil, progress: (Frame, Int) throws -> Void = { _, _ in }
    ) throws {
        let list = try GraspSequence.read(sequence)
        let place = sequence.deletingLastPathComponent()
        var field: GraspField?
        var world = PointCloud()
        frames = []
        for frame in list.frames {
            let depth = try DepthImage(at: place.appendingPathComponent(frame.depth), scale: list.depthScale)
            try depth.checkUnits()
            let camera = list.pinhole(width: depth.width, height: depth.height)
            let seen = frame.pose(depth.pointCloud(camera))
            let middle = target ?? list.target.map { Vector3($0[0], $0[1], $0[2]) }
            var current = try field ?? GraspField(target: middle ?? Self.middle(of: seen), parameters: parameters)

            let region = frame.pose.inverse(current.region(of: seen))
            let grasps = try frame.grasps.map { try GraspGroup(at: place.appendingPathComponent($0)) }
            let found = try grasps ?? detector(region)
            current.insert(found, worldFromCamera: frame.pose, view: .init(depth: depth, camera: camera))
            let report = Frame(
                detected: found.count, fused: current.grasps.count, valid: current.validity.count { $0 },
                graspability: current.graspability, growth: current.growth)
            frames.append(report)
            world.points += current.region(of: seen).points
            field = current
            try progress(report, frames.count - 1)
        }
        let kept = field.map { GraspGroup($0.group.prefix(count)) } ?? GraspGroup()
        let middle = field?.target ?? target ?? .zero
        self.target = [middle.x, middle.y, middle.z]
        grasps = kept.map { GraspReport($0) }
        files = try folder.map { try kept.write(with: world, to: $0) } ?? []
    }

    /// The middle of the largest cluster above the dominant plane, or of everything.
    private static func middle(of cloud: PointCloud) throws -> Vector3 {
        var generator = PhiloxGenerator(seed: 0)
        let thin = cloud.voxelDownsampled(0.005)
        guard thin.count > 0 else { throw ContentError("The first depth image is empty; name a --target.") }
        let plane = thin.dominantPlane(towards: Vector3(0, 0, 1e3), using: &generator)
        let above = plane.map { thin.above($0, by: 0.01) } ?? thin
        guard let cluster = above.clusters(distance: 0.015).first else { return thin.centroid }
        return PointCloud(cluster.map { above.points[$0] }).centroid
    }

    /// The grasps, without the frames.
    public var text: String {
        (grasps.prefix(10).map(\.text) + files.map { "wrote \($0)" }).joined(separator: "\n")
    }
}
