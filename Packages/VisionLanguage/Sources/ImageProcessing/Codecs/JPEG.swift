import FileSupport
import CImageKernels

/// JPEG files, by libjpeg.
///
/// Read: baseline and progressive, in colour or grey. A turn noted in the file's metadata is not made.
/// A file that ends early or that the library would have to guess at is an error.
public enum JPEG {
    /// How blocks become pixels again.
    public enum InverseTransform: String, Codable, Sendable, CaseIterable {
        /// The exact integer transform: libjpeg's default, Pillow's.
        case accurate
        /// The fast one, several levels off: TensorFlow's default, so what OpenVLA saw.
        case fast
    }

    /// How many pixels share one color value.
    public enum Subsampling: String, Codable, Sendable, CaseIterable {
        case none = "4:4:4"
        case horizontal = "4:2:2"
        case both = "4:2:0"
    }

    /// How files are written: the quality, 1 to 100, and how many pixels share a colour.
    public struct Settings: Codable, Hashable, Sendable {
        public var quality: Int
        public var subsampling: Subsampling

        /// TensorFlow's quality; half the colours in both directions.
        public init(quality: Int = 95, subsampling: Subsampling = .both) {
            precondition((1...100).contains(quality), "JPEG: quality \(quality) of 1…100")
            self.quality = quality
            self.subsampling = subsampling
        }
    }

    /// Decodes a file's bytes; errors call it `name`.
    ///
    /// - Throws: `SerializationError` with the byte where it was noticed: wrong format, truncated, damaged, too large.
    public static func decode(
        _ bytes: [UInt8], name: String = "JPEG", inverseTransform: InverseTransform = .accurate,
        limits: ImageLimits = .default
    ) throws(SerializationError) -> RGBImage {
        try decode(bytes.span, name: name, inverseTransform: inverseTransform, limits: limits)
    }

    /// As for an array, for bytes that lie elsewhere, such as in a mapped file.
    public static func decode(
        _ bytes: Span<UInt8>, name: String = "JPEG", inverseTransform: InverseTransform = .accurate,
        limits: ImageLimits = .default
    ) throws(SerializationError) -> RGBImage {
        try Codec.decode(
            bytes, name: name,
            open: {
                cik_jpeg_open(
                    $0, $1, limits.pixelCount(forByteCount: $1), inverseTransform == .fast ? 1 : 0, &$2, &$3, &$4)
            },
            read: { cik_jpeg_read($0, $1, &$2) }, close: { cik_jpeg_close($0) })
    }

    /// Encodes an image: baseline, standard Huffman tables, the exact forward transform.
    public static func encode(_ image: RGBImage, _ settings: Settings = Settings()) -> [UInt8] {
        precondition(
            image.width <= 65_500 && image.height <= 65_500,
            "JPEG.encode: \(image.width) × \(image.height); a side has at most 65 500 pixels")
        return Codec.encode { bytes, failure in
            cik_jpeg_write(
                image.pixels, UInt32(image.width), UInt32(image.height), Int32(settings.quality),
                settings.subsampling == .none ? 1 : 2, settings.subsampling == .both ? 2 : 1, &bytes, &failure)
        }
    }

    /// The image after it has been written and read: what a data set of JPEG files shows.
    public static func roundTrip(
        _ image: RGBImage, _ settings: Settings = Settings(), inverseTransform: InverseTransform
    ) -> RGBImage {
        do {
            return try decode(
                encode(image, settings), inverseTransform: inverseTransform, limits: ImageLimits(pixelCount: .max))
        } catch {
            preconditionFailure("JPEG.roundTrip: own bytes are not readable: \(error)")
        }
    }
}
