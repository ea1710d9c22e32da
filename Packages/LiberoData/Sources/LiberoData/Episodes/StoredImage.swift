public import ImageProcessing
import TensorCore

/// An image as a file holds it.
public enum StoredImage: Sendable, Hashable {
    /// Pixels, as HDF5 stores them.
    case pixels(RGBImage)
    /// The bytes of a PNG file.
    case png([UInt8])
    /// The bytes of a JPEG file.
    case jpeg([UInt8])

    /// The pixels.
    ///
    /// - Parameters:
    ///   - name: For messages.
    ///   - inverseTransform: For JPEG: `accurate` as Pillow reads it, `fast` as TensorFlow does.
    /// - Throws: `SerializationError` for a damaged image, called `name`.
    public func image(
        name: String = "image", inverseTransform: JPEG.InverseTransform = .accurate
    ) throws -> RGBImage {
        switch self {
        case .pixels(let image): image
        case .png(let bytes): try PNG.decode(bytes, name: name)
        case .jpeg(let bytes): try JPEG.decode(bytes, name: name, inverseTransform: inverseTransform)
        }
    }
}
