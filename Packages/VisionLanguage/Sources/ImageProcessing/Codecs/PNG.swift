import FileSupport
import CImageKernels

/// PNG files, by libpng; 8-bit RGB without interlacing, the form of data sets, four times as fast without it.
///
/// Read: every colour type and depth; grey and palettes are expanded, 16 bits are cut to the high byte, alpha is dropped
/// and the colours under it stay. Colour profiles and gamma are ignored.
/// Written: 8-bit RGB without metadata.
public enum PNG {
    /// Decodes a file's bytes; errors call it `name`.
    ///
    /// - Throws: `SerializationError` with the byte where it was noticed: wrong format, truncated, damaged, too large.
    public static func decode(
        _ bytes: [UInt8], name: String = "PNG", limits: ImageLimits = .default
    ) throws(SerializationError) -> RGBImage {
        try decode(bytes.span, name: name, limits: limits)
    }

    /// As for an array, for bytes that lie elsewhere, such as in a mapped file.
    public static func decode(
        _ bytes: Span<UInt8>, name: String = "PNG", limits: ImageLimits = .default
    ) throws(SerializationError) -> RGBImage {
        try Codec.decode(
            bytes, name: name,
            open: { cik_png_open($0, $1, limits.pixelCount(forByteCount: $1), &$2, &$3, &$4) },
            read: { cik_png_read($0, $1, &$2) }, close: { cik_png_close($0) })
    }

    /// Decodes a file's bytes with its alpha: `height · width · 4` values, alpha last; 255 where the file has none.
    ///
    /// - Throws: As ``decode(_:name:limits:)``.
    public static func decodeRGBA(
        _ bytes: [UInt8], name: String = "PNG", limits: ImageLimits = .default
    ) throws(SerializationError) -> (width: Int, height: Int, pixels: [UInt8]) {
        try Codec.decode(
            bytes.span, name: name, channelCount: 4,
            open: { cik_png_open_rgba($0, $1, limits.pixelCount(forByteCount: $1), &$2, &$3, &$4) },
            read: { cik_png_read($0, $1, &$2) }, close: { cik_png_close($0) })
    }

    /// Encodes an image.
    ///
    /// - Parameters:
    ///   - image: The image.
    ///   - level: zlib's effort, 0 (stored) to 9 (smallest).
    ///   - filtered: Whether rows are written as differences to their neighbours: smaller for images of the world.
    public static func encode(_ image: RGBImage, level: Int = 6, filtered: Bool = true) -> [UInt8] {
        precondition((0...9).contains(level), "PNG.encode: level \(level) of 0…9")
        return Codec.encode { bytes, failure in
            cik_png_write(
                image.pixels, UInt32(image.width), UInt32(image.height), Int32(level), filtered ? 1 : 0, &bytes,
                &failure)
        }
    }
}
