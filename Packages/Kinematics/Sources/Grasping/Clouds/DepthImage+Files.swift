import FileSupport
public import Foundation
public import ImageProcessing
import TensorCore

extension DepthImage {
    /// Whole numbers divided by `scale`, in metres: 1000 for millimetres. 0 is nothing.
    public init(_ image: GrayImage, scale: Double = 1000) {
        precondition(scale > 0, "DepthImage: scale \(scale)")
        self.init(width: image.width, height: image.height, values: image.values.map { Double($0) / scale })
    }

    /// Reads a grey PNG file of 8 or 16 bits, or a `.npy` array `[height, width]` of whole numbers or of metres.
    ///
    /// - Parameter scale: What whole numbers are divided by, GraspNet's `factor_depth`; floating-point arrays are metres
    ///   and divided by it only if it is given.
    /// - Throws: `SerializationError`.
    public init(at url: URL, scale: Double? = nil) throws {
        if let scale, !(scale > 0 && scale.isFinite) {
            throw SerializationError(
                .unsupported, file: url.path, "a scale of depths of \(scale)",
                advice: "Give what the file's numbers are divided by to get metres.")
        }
        guard url.pathExtension.lowercased() == "npy" else {
            self.init(try GrayImage(at: url), scale: scale ?? 1000)
            return
        }
        let array = try NumPyArray.read(at: url)
        guard array.rank == 2, array.elementCount > 0 else {
            throw SerializationError(
                .unsupported, file: url.path, "\(array.shape) instead of a depth image, [height, width]")
        }
        let divisor = scale ?? (array.dtype.isFloatingPoint ? 1 : 1000)
        let values = array.converted(to: .float64).elements(of: Double.self).map { $0 / divisor }
        self.init(width: array.shape[1], height: array.shape[0], values: values)
    }
}

extension PointCloud {
    /// Reads a PLY file, or a `.npy` array `[N, 3]` (further columns are skipped).
    ///
    /// - Throws: `SerializationError`.
    public init(at url: URL) throws {
        guard url.pathExtension.lowercased() == "npy" else {
            self.init(try PLYFile(at: url).vertices)
            return
        }
        let array = try NumPyArray.read(at: url)
        guard array.rank == 2, array.shape[1] >= 3, array.dtype == .float32 || array.dtype == .float64 else {
            throw SerializationError(
                .unsupported, file: url.path, "\(array.shape) of \(array.dtype) instead of points, [N, 3]")
        }
        let v = array.converted(to: .float64).elements(of: Double.self)
        let columns = array.shape[1]
        self.init((0..<array.shape[0]).map { SIMD3(v[columns * $0], v[columns * $0 + 1], v[columns * $0 + 2]) })
    }
}
