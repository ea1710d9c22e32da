public import FileSupport
public import Foundation
import Kinematics
public import TensorCore

extension GraspGroup {
    /// Reads a `.npy` file of `[N, 17]` numbers: score, width, height, depth, the rotation row by row, the
    /// translation, and the object's id.
    ///
    /// - Throws: `SerializationError` for another shape or type, or numbers that are not finite.
    public init(at url: URL, limits: FileLimits = .default) throws {
        try self.init(NumPyArray.read(at: url, limits: limits), file: url.path)
    }

    /// Reads bytes in memory; errors call them `name`.
    public init(bytes: some Sequence<UInt8>, name: String, limits: FileLimits = .default) throws {
        try self.init(NumPyArray.read(bytes: bytes, name: name, limits: limits), file: name)
    }

    /// The rows of `[N, 17]` numbers.
    ///
    /// - Throws: `SerializationError` for another shape or type, or numbers that are not finite.
    public init(_ array: Tensor, file: String) throws {
        guard array.rank == 2, array.shape[1] == 17, array.dtype == .float64 || array.dtype == .float32 else {
            throw SerializationError(
                .unsupported, file: file, "\(array.shape) of \(array.dtype) instead of grasps, [N, 17] of float64",
                advice: "Write it with GraspGroup.save_npy of graspnetAPI, or with this program.")
        }
        let values = array.converted(to: .float64).elements(of: Double.self)
        self.init()
        grasps.reserveCapacity(array.shape[0])
        for row in 0..<array.shape[0] {
            let v = values[17 * row..<17 * (row + 1)]
            let first = v.startIndex
            guard v.allSatisfy(\.isFinite), let id = Int(exactly: v[first + 16].rounded()), abs(id) < 1 << 31 else {
                throw SerializationError(
                    .damaged, file: file, "grasp \(row) has numbers that are not finite, or no id of an object")
            }
            grasps.append(
                Grasp(
                    score: v[first], width: v[first + 1], height: v[first + 2], depth: v[first + 3],
                    rotation: Matrix3(rowMajor: v[first + 4..<first + 13]),
                    translation: Vector3(v[first + 13], v[first + 14], v[first + 15]), objectID: id))
        }
    }

    /// The rows as `[N, 17]` of `float64`.
    public var array: Tensor {
        var values: [Double] = []
        values.reserveCapacity(17 * count)
        for grasp in grasps {
            values += [grasp.score, grasp.width, grasp.height, grasp.depth] + grasp.rotation.rowMajor
            values += [grasp.translation.x, grasp.translation.y, grasp.translation.z, Double(grasp.objectID)]
        }
        return Tensor(scalars: values, [count, 17])
    }

    /// Writes a `.npy` file that graspnetAPI reads.
    public func write(to url: URL) throws { try NumPyArray.write(array, to: url) }
}
