public import ImageProcessing
import FileSupport

/// An image as a record of its own carries it: compressed, or raw.
public struct EncodedImage: Sendable, Hashable {
    public enum Format: String, Sendable { case png, jpeg, raw }

    public let format: Format
    /// The file, or the pixels where the format is raw.
    public let data: [UInt8]
    /// 8-bit values: `[height, width]` if grey, else `[height, width, 3 or 4]`.
    public let pixels: NumericArray

    public var shape: [Int] { pixels.shape }

    /// Compresses an image as PNG.
    public init(png image: RGBImage) {
        self.init(.png, PNG.encode(image), NumericArray(image))
    }

    /// An image whose pixels are sent as they are.
    public init(raw image: RGBImage) {
        self.init(.raw, image.pixels, NumericArray(image))
    }

    private init(_ format: Format, _ data: [UInt8], _ pixels: NumericArray) {
        (self.format, self.data, self.pixels) = (format, data, pixels)
    }

    /// Decodes an image and compares it with the announced shape.
    ///
    /// - Throws: ``WireError`` of `image.format` when the bytes are not of the format, damaged or of a layout that is not
    ///   read (palettes, 16 bits), `image.size` when the shape is another, `limit.bytes` when there are too many pixels.
    ///
    /// `spend` is called with the bytes that the pixels take before they are decompressed.
    init(
        _ format: Format, data: [UInt8], shape: [Int], limits: ServingLimits,
        spend: (Int) throws(WireError) -> Void = { _ in }
    ) throws(WireError) {
        let header: ImageHeader?
        switch format {
        case .raw:
            self.init(.raw, data, NumericArray(NumPyType(.uint8), shape: shape, bytes: data))
            return
        case .png: header = ImageHeader(png: data)
        case .jpeg: header = ImageHeader(jpeg: data)
        }
        guard let header else {
            throw WireError(.imageFormat, "the bytes of an image do not begin as \(format.rawValue)")
        }
        guard header.width * header.height <= limits.pixelCount else {
            throw WireError(
                .limitBytes,
                "an image of \(header.width) × \(header.height) pixels; at most \(limits.pixelCount) are read")
        }
        guard header.shape == shape else {
            throw WireError(.imageSize, "an image of shape \(header.shape) where \(shape) is announced")
        }
        try spend(header.width * header.height * header.channelCount)
        do {
            let pixels: [UInt8]
            switch (format, header.channelCount) {
            case (.jpeg, 3): pixels = try JPEG.decode(data, limits: limits.image).pixels
            case (.png, 3): pixels = try PNG.decode(data, limits: limits.image).pixels
            case (.png, 4): pixels = try PNG.decodeRGBA(data, limits: limits.image).pixels
            case (.png, 1):
                let colors = try PNG.decode(data, limits: limits.image).pixels
                pixels = stride(from: 0, to: colors.count, by: 3).map { colors[$0] }
            default: throw WireError(.imageFormat, "an image of \(header.channelCount) channels as \(format.rawValue)")
            }
            self.init(format, data, NumericArray(NumPyType(.uint8), shape: shape, bytes: pixels))
        } catch let error as WireError {
            throw error
        } catch {
            let isLimit = (error as? SerializationError)?.kind == .limitExceeded
            throw WireError(isLimit ? .limitBytes : .imageFormat, "an image is damaged: \(error)")
        }
    }
}

extension NumericArray {
    /// `[height, width, 3]` of 8-bit values.
    public init(_ image: RGBImage) {
        self.init(NumPyType(.uint8), shape: [image.height, image.width, 3], bytes: image.pixels)
    }
}

extension ServingLimits {
    var image: ImageLimits { ImageLimits(pixelCount: pixelCount) }
}

/// What the first bytes of a PNG or JPEG file say of the image.
struct ImageHeader: Hashable {
    var width: Int
    var height: Int
    var channelCount: Int

    /// `[height, width]` if grey, else `[height, width, channels]`: the shape Pillow gives NumPy.
    var shape: [Int] { channelCount == 1 ? [height, width] : [height, width, channelCount] }

    /// 8-bit grey, RGB or RGBA; `nil` for palettes, other depths and other files.
    init?(png bytes: [UInt8]) {
        guard bytes.count >= 33, bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
            bytes[12..<16].elementsEqual("IHDR".utf8), bytes[24] == 8
        else { return nil }
        switch bytes[25] {
        case 0: channelCount = 1
        case 2: channelCount = 3
        case 6: channelCount = 4
        default: return nil
        }
        func number(_ start: Int) -> Int { bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
        (width, height) = (number(16), number(20))
        guard 1...0x7FFF_FFFF ~= width, 1...0x7FFF_FFFF ~= height else { return nil }
    }

    /// Reads the first frame header; `nil` where there is none.
    init?(jpeg bytes: [UInt8]) {
        guard bytes.count >= 4, bytes[0] == 0xFF, bytes[1] == 0xD8 else { return nil }
        var position = 2
        while position + 9 < bytes.count, bytes[position] == 0xFF {
            let marker = bytes[position + 1]
            if marker == 0xFF {  // fill byte
                position += 1
                continue
            }
            let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
            if 0xC0...0xCF ~= marker, marker != 0xC4, marker != 0xC8, marker != 0xCC {
                height = Int(bytes[position + 5]) << 8 | Int(bytes[position + 6])
                width = Int(bytes[position + 7]) << 8 | Int(bytes[position + 8])
                channelCount = Int(bytes[position + 9])
                return
            }
            guard length >= 2, marker != 0xDA, marker != 0xD9 else { return nil }
            position += 2 + length
        }
        return nil
    }
}
