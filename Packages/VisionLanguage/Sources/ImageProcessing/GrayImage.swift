import CImageKernels
import FileSupport
public import Foundation

/// One number for each pixel, as a grey PNG file stores it: depths in millimetres, labels, masks.
public struct GrayImage: Sendable, Hashable {
    public let width: Int
    public let height: Int
    /// Bits of a value in the file: 1, 2, 4, 8 or 16.
    public let bitDepth: Int
    /// Row by row from the top, `0..<2^bitDepth`.
    public var values: [UInt16]

    /// Traps unless there are `width · height` values of that many bits.
    public init(width: Int, height: Int, bitDepth: Int = 16, values: [UInt16]) {
        precondition(
            width > 0 && height > 0 && values.count == width * height && [1, 2, 4, 8, 16].contains(bitDepth)
                && values.allSatisfy { Int($0) < 1 << bitDepth },
            "GrayImage: \(values.count) values of \(bitDepth) bits for \(width) × \(height)")
        (self.width, self.height, self.bitDepth, self.values) = (width, height, bitDepth, values)
    }

    /// Reads a grey PNG file of any depth; alpha is dropped. Nothing is scaled.
    ///
    /// - Throws: `SerializationError`, also for a file with colors or a palette.
    public init(at url: URL, limits: ImageLimits = .default) throws {
        let file = try MappedFile(at: url)
        self = try file.withBytes { bytes in
            try GrayImage(bytes.bindMemory(to: UInt8.self), name: url.path, limits: limits)
        }
    }

    /// Reads bytes in memory; errors call them `name`.
    public init(decoding bytes: [UInt8], name: String, limits: ImageLimits = .default) throws {
        self = try bytes.withUnsafeBufferPointer { try GrayImage($0, name: name, limits: limits) }
    }

    private init(_ bytes: UnsafeBufferPointer<UInt8>, name: String, limits: ImageLimits) throws {
        var (width, height, depth): (UInt32, UInt32, Int32) = (0, 0, 0)
        var (failure, pixels) = (cik_failure(), UnsafeMutablePointer<UInt16>?.none)
        let status = cik_png_read_grey(
            bytes.baseAddress, bytes.count, limits.pixelCount(forByteCount: bytes.count), &width, &height, &depth,
            &pixels, &failure)
        guard status == cik_ok, let pixels else { throw Codec.error(failure, name) }
        defer { free(pixels) }
        self.init(
            width: Int(width), height: Int(height), bitDepth: Int(depth),
            values: Array(UnsafeBufferPointer(start: pixels, count: Int(width) * Int(height))))
    }

    /// The bytes of a PNG file of 16 bits, or of 8 where the values have no more.
    public var png: [UInt8] {
        Codec.encode { bytes, failure in
            cik_png_write_grey(
                values, UInt32(width), UInt32(height), bitDepth == 16 ? 16 : 8, &bytes, &failure)
        }
    }
}
