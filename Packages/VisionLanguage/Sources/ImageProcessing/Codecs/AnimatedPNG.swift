import FileSupport

/// A film as one PNG file, without loss; programs that know no animation show the first image.
///
/// Browsers play it. Written: full 8-bit RGB frames of equal duration, repeated for ever.
/// Format: PNG specification (third edition), sections 11.3.6 (`acTL`, `fcTL`, `fdAT`) and 5.3 (chunks).
public struct AnimatedPNG: Sendable {
    public let width: Int
    public let height: Int
    public let framesPerSecond: Int
    /// Frames so far.
    public private(set) var frameCount = 0

    private var header: [UInt8] = []
    private var body: [UInt8] = []
    /// Of the next `fcTL` or `fdAT`.
    private var sequenceNumber: UInt32 = 0

    /// An empty film. Traps unless the sizes are positive and the rate is in 1…1000.
    public init(width: Int, height: Int, framesPerSecond: Int) {
        precondition(width > 0 && height > 0, "AnimatedPNG: \(width) × \(height)")
        precondition((1...1000).contains(framesPerSecond), "AnimatedPNG: \(framesPerSecond) frames per second")
        self.width = width
        self.height = height
        self.framesPerSecond = framesPerSecond
    }

    /// Appends an image; traps unless it has the film's size.
    ///
    /// - Parameters:
    ///   - image: The next image.
    ///   - level: zlib's effort, 0 to 9. Level 3 takes 4 ms for a camera's 256², 6 takes 11 ms for 7 % fewer bytes.
    public mutating func append(_ image: RGBImage, level: Int = 3) {
        precondition(
            image.width == width && image.height == height, "AnimatedPNG: \(image) in a film of \(width) × \(height)")
        appendFrameControl()
        // the first image's data are an ordinary PNG's, the others' are numbered
        for chunk in Self.chunks(of: PNG.encode(image, level: level)) {
            switch chunk.name {
            case "IHDR" where frameCount == 0: Self.append(chunk.name, chunk.data, to: &header)
            case "IDAT" where frameCount == 0: Self.append(chunk.name, chunk.data, to: &body)
            case "IDAT": Self.append("fdAT", Self.bytes(nextNumber()) + chunk.data, to: &body)
            default: continue
            }
        }
        frameCount += 1
    }

    /// The file. Traps when there is no frame.
    public func data() -> [UInt8] {
        precondition(frameCount > 0, "AnimatedPNG: no frame")
        var file = Self.signature + header
        // how often it is played: 0 for ever
        Self.append("acTL", Self.bytes(UInt32(frameCount)) + Self.bytes(0), to: &file)
        file += body
        Self.append("IEND", [], to: &file)
        return file
    }

    // MARK: - Chunks

    private static let signature: [UInt8] = [137, 80, 78, 71, 13, 10, 26, 10]

    /// Size, place and duration of a frame: the whole image, 1/rate seconds, painted over the one before.
    private mutating func appendFrameControl() {
        var control = Self.bytes(nextNumber())
        for value in [width, height, 0, 0] { control += Self.bytes(UInt32(value)) }
        control += [0, 1, UInt8(framesPerSecond >> 8), UInt8(framesPerSecond & 0xff), 0, 0]
        Self.append("fcTL", control, to: &body)
    }

    private mutating func nextNumber() -> UInt32 {
        defer { sequenceNumber += 1 }
        return sequenceNumber
    }

    private static func append(_ name: String, _ data: [UInt8], to file: inout [UInt8]) {
        let named = Array(name.utf8) + data
        file += bytes(UInt32(data.count))
        file += named
        file += bytes(CRC32.checksum(named))
    }

    /// The chunks of a PNG file that this process has written.
    private static func chunks(of file: [UInt8]) -> [(name: String, data: [UInt8])] {
        var chunks: [(String, [UInt8])] = []
        var start = signature.count
        while start + 12 <= file.count {
            let count = file[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
            let name = String(decoding: file[start + 4..<start + 8], as: UTF8.self)
            chunks.append((name, Array(file[start + 8..<start + 8 + count])))
            start += 12 + count
        }
        return chunks
    }

    /// Big-endian.
    private static func bytes(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 0xff) } }
}
