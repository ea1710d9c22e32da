import FileSupport
public import Foundation
import Kinematics

/// Frames of a moving depth camera with known poses, listed in a JSON file.
///
///     {"target": [x, y, z], "camera": [fx, fy, cx, cy], "depthScale": 1000,
///      "frames": [{"depth": "0000.png", "worldFromCamera": [16 numbers, row by row], "grasps": "0000.npy"}]}
///
/// Paths are relative to the file. `target` may be left out, and `grasps` of a frame where a detector finds them.
public struct GraspSequence: Sendable, Decodable {
    public struct Frame: Sendable, Decodable {
        public var depth: String
        public var worldFromCamera: [Double]
        public var grasps: String?

        public var pose: MatrixPose { MatrixPose(rowMajor: worldFromCamera) }
    }

    public var target: [Double]?
    public var camera: [Double]
    public var depthScale: Double?
    public var frames: [Frame]

    /// Reads and checks a file.
    ///
    /// - Throws: `SerializationError` that says what is missing or wrong.
    public static func read(_ url: URL) throws -> GraspSequence {
        let data = try MappedFile(at: url).withBytes { Data($0) }
        func fail(_ found: String) -> SerializationError {
            SerializationError(
                .damaged, file: url.path, found,
                advice: "A sequence has 'camera' [fx, fy, cx, cy] and 'frames' of 'depth' and 'worldFromCamera'.")
        }
        let sequence: GraspSequence
        do {
            sequence = try JSONDecoder().decode(GraspSequence.self, from: ByteOrderMark.dropped(from: data))
        } catch {
            let reason = JSONReading.explanation(of: error, in: data)
            throw fail("\(reason)")
        }
        guard sequence.camera.count == 4, sequence.camera.allSatisfy(\.isFinite), sequence.camera[0] > 0,
            sequence.camera[1] > 0
        else { throw fail("'camera' is \(sequence.camera) instead of four numbers, fx and fy above 0") }
        guard sequence.target?.count ?? 3 == 3 else { throw fail("'target' has no three numbers") }
        guard !sequence.frames.isEmpty else { throw fail("there is no frame") }
        for (index, frame) in sequence.frames.enumerated() {
            guard frame.worldFromCamera.count == 16, frame.worldFromCamera.allSatisfy(\.isFinite) else {
                throw fail("'worldFromCamera' of frame \(index) has no 16 finite numbers")
            }
            // a pose with another determinant is a matrix of something else
            let matrix = frame.pose.rotation
            guard (try? Rotation(matrix: matrix, tolerance: 1e-3)) != nil else {
                throw fail("'worldFromCamera' of frame \(index) is no rigid motion")
            }
        }
        return sequence
    }

    /// The camera of images of a size.
    public func pinhole(width: Int, height: Int) -> PinholeCamera {
        PinholeCamera(
            width: width, height: height, focalLength: SIMD2(camera[0], camera[1]),
            principalPoint: SIMD2(camera[2], camera[3]))
    }
}
