import FileSupport
public import Foundation

/// A grasp as reports have it.
public struct GraspReport: Codable, Sendable {
    public var score: Double
    /// Metres.
    public var width, depth: Double
    public var translation: [Double]
    /// Row by row.
    public var rotation: [[Double]]
    /// `nil` where no robot is given.
    public var isReachable: Bool?

    public init(_ grasp: Grasp, isReachable: Bool? = nil) {
        (score, width, depth, self.isReachable) = (grasp.score, grasp.width, grasp.depth, isReachable)
        translation = [grasp.translation.x, grasp.translation.y, grasp.translation.z]
        rotation = (0..<3).map { row in (0..<3).map { grasp.rotation[row, $0] } }
    }

    public var text: String {
        let reach = isReachable.map { $0 ? "   reachable" : "   out of reach" } ?? ""
        return "score \(numbers([score], "%.3f"))   at \(numbers(translation, "%.3f")) m   width "
            + "\(numbers([1000 * width], "%.0f")) mm   depth \(numbers([1000 * depth], "%.0f")) mm\(reach)"
    }
}

extension GraspGroup {
    /// Writes the grasps (`grasps.npy`, `grasps.ply`) and an image of them in a cloud (`grasps.png`) to a folder.
    ///
    /// - Returns: The files' paths.
    public func write(with cloud: PointCloud, to folder: URL) throws -> [String] {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try write(to: folder.appendingPathComponent("grasps.npy"))
        try PLYFile(grasps: self, cloud: cloud).write(to: folder.appendingPathComponent("grasps.ply"))
        try GraspDrawing().image(of: cloud, grasps: self).write(to: folder.appendingPathComponent("grasps.png"))
        return ["grasps.npy", "grasps.ply", "grasps.png"].map { folder.appendingPathComponent($0).path }
    }
}

/// Numbers in one format.
func numbers(_ values: [Double], _ format: String) -> String { NumberText.joined(values, format) }
