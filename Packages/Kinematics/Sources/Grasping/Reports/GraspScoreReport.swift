public import FileSupport
public import Foundation
import Kinematics

/// Grasps on a known object, scored as GraspNet-1Billion does.
public struct GraspScoreReport: Codable, TextReport, Sendable {
    /// The object that is grasped.
    public enum Solid: Sendable {
        /// A closed mesh, STL or OBJ, in metres, and the cell of the grid that is made of it.
        case mesh(URL, cellSize: Double)
        /// A grid of signed distances.
        case distances(URL)

        fileprivate func grid() throws -> SignedDistanceGrid {
            switch self {
            case .distances(let url): return try SignedDistanceGrid(at: url)
            case .mesh(let url, let cellSize):
                let solid = try TriangleMesh.read(url)
                // a mesh in millimetres would take a grid of terabytes
                let extent = solid.bounds.map { $0.upper - $0.lower } ?? .zero
                guard extent.max() / cellSize <= 1000 else {
                    throw ContentError(
                        "\(url.relativePath) is \(extent.max()) m large. Is it in millimetres? Meshes are read in "
                            + "metres.")
                }
                return SignedDistanceGrid(solid, cellSize: cellSize)
            }
        }
    }

    /// The smallest friction that holds, or -1; in the order of the file.
    public var scores: [Double]
    /// `nil` without a cloud.
    public var collisions: [Bool]?
    public var heldCount: Int

    /// - Parameters:
    ///   - group: Grasps in the object's frame.
    ///   - solid: The object.
    ///   - cloud: Points of the scene in the object's frame, PLY or `.npy`; `nil` for none.
    public init(_ group: GraspGroup, on solid: Solid, in cloud: URL? = nil) throws {
        let grid = try solid.grid()
        let scores = group.map { grid.benchmarkScore(of: $0) }
        let collisions = try cloud.map { url -> [Bool] in
            let scene = try PointCloud(at: url)
            return group.map { BenchmarkGripper().collides($0, cloud: scene) }
        }
        heldCount = zip(scores, collisions ?? [Bool](repeating: false, count: scores.count)).count { $0 > 0 && !$1 }
        (self.scores, self.collisions) = (scores, collisions)
    }

    public var text: String {
        let lines = scores.enumerated().map { index, score in
            let collision = collisions.map { $0[index] ? "   collides" : "" } ?? ""
            return "\(index)   \(score > 0 ? "holds from friction \(score)" : "does not hold")\(collision)"
        }
        return (lines + ["\(heldCount) of \(scores.count) grasps hold"]).joined(separator: "\n")
    }
}
