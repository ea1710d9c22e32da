import Parallel
import CImageKernels
public import TensorCore

/// Makes an image a tensor: `(x / 255 − mean) / standardDeviation` for each channel.
public struct ImageNormalization: Codable, Hashable, Sendable {
    /// Red, green, blue, in 0…1.
    public var mean: SIMD3<Float>
    /// Red, green, blue, in 0…1; none is 0.
    public var standardDeviation: SIMD3<Float>

    public init(mean: SIMD3<Float>, standardDeviation: SIMD3<Float>) {
        self.mean = mean
        self.standardDeviation = standardDeviation
    }

    /// x / 255 as it is.
    public static let unit = ImageNormalization(mean: .zero, standardDeviation: .one)
    public static let clip = ImageNormalization(
        mean: [0.48145466, 0.4578275, 0.40821073], standardDeviation: [0.26862954, 0.26130258, 0.27577711])
    /// To −1…1.
    public static let sigLIP = ImageNormalization(mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.5, 0.5])
    /// DINOv2's, too.
    public static let imageNet = ImageNormalization(
        mean: [0.485, 0.456, 0.406], standardDeviation: [0.229, 0.224, 0.225])

    /// LIBERO's main camera over all its demonstrations.
    public static let liberoMain = ImageNormalization(
        mean: [0.48068473, 0.44858542, 0.41068786], standardDeviation: [0.22926788, 0.22267605, 0.21524139])
    /// LIBERO's wrist camera over all its demonstrations.
    public static let liberoWrist = ImageNormalization(
        mean: [0.50577080, 0.46449801, 0.42354271], standardDeviation: [0.26720273, 0.25637132, 0.24345873])

    /// What each of the 256 values of each channel becomes: red, green, blue.
    public var table: [Float] {
        (0..<768).map { (Float($0 % 256) / 255 - mean[$0 / 256]) / standardDeviation[$0 / 256] }
    }

    /// `[3, height, width]`, red first.
    public func callAsFunction(_ image: RGBImage) -> Tensor { self([image]).reshaped([3, image.height, image.width]) }

    /// `[images.count, 3, height, width]`, on all threads. Traps unless the images have one size.
    public func callAsFunction(_ images: [RGBImage]) -> Tensor {
        precondition(!images.isEmpty, "ImageNormalization: no image")
        let size = images[0].size
        for image in images { precondition(image.size == size, "ImageNormalization: \(image.size) beside \(size)") }
        let (count, table) = (size.width * size.height, table)
        var result = Tensor.zeros([images.count, 3, size.height, size.width])
        result.withMutableSpan { span in
            span.withUnsafeMutableBufferPointer { target in
                let target = Planes(base: target.baseAddress!)
                parallelFor(images.count) { i in
                    cik_lookup_planes(images[i].pixels, count, table, target.base + i * 3 * count)
                }
            }
        }
        return result
    }

    private struct Planes: @unchecked Sendable {
        let base: UnsafeMutablePointer<Float>
    }
}
