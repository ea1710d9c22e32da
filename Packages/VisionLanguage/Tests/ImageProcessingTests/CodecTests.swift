import FileSupport
import Foundation
import ImageProcessing
import TensorCore
import Testing

@Suite struct CodecTests {
    /// Smooth colours with an edge.
    static let image: RGBImage = {
        var image = RGBImage(width: 37, height: 29)
        for y in 0..<29 { for x in 0..<37 { image[x, y] = [UInt8(x * 6), UInt8(y * 8), x > 20 ? 200 : 30] } }
        return image
    }()

    @Test(arguments: [0, 1, 6, 9])
    func pngKeepsEveryPixel(level: Int) throws {
        for filtered in [true, false] {
            let bytes = PNG.encode(Self.image, level: level, filtered: filtered)
            #expect(try PNG.decode(bytes) == Self.image)
            #expect(try RGBImage(decoding: bytes, name: "x") == Self.image)
        }
    }

    @Test(arguments: JPEG.Subsampling.allCases)
    func jpegKeepsTheImage(subsampling: JPEG.Subsampling) throws {
        let bytes = JPEG.encode(Self.image, .init(quality: 95, subsampling: subsampling))
        let image = try RGBImage(decoding: bytes, name: "x")
        #expect(image.width == 37 && image.height == 29)
        let difference = zip(image.pixels, Self.image.pixels).map { abs(Int($0) - Int($1)) }.reduce(0, +)
        #expect(Double(difference) / Double(image.pixels.count) < 4)
        #expect(JPEG.encode(Self.image, .init(quality: 20, subsampling: subsampling)).count < bytes.count)
    }

    @Test func theTwoInverseTransformsDiffer() {
        let accurate = JPEG.roundTrip(Self.image, inverseTransform: .accurate)
        let fast = JPEG.roundTrip(Self.image, inverseTransform: .fast)
        #expect(accurate != fast)
    }

    @Test func filesAreToldApartByTheirBytes() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("codec-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (png, jpeg) = (folder.appendingPathComponent("a.png"), folder.appendingPathComponent("b.JPG"))
        try Self.image.write(to: png)
        try Self.image.write(to: jpeg)
        #expect(try RGBImage(at: png) == Self.image)
        #expect(try RGBImage(at: jpeg) == JPEG.roundTrip(Self.image, inverseTransform: .accurate))
        try Data("GIF89a".utf8).write(to: png)
        #expect(throws: SerializationError.self) { try RGBImage(at: png) }
    }

    /// Every prefix of a file is an error that names it and a place in it.
    @Test func truncatedFilesAreErrors() {
        for bytes in [PNG.encode(Self.image), JPEG.encode(Self.image)] {
            for count in 0..<bytes.count {
                let error = #expect(throws: SerializationError.self) {
                    try RGBImage(decoding: Array(bytes.prefix(count)), name: "cut")
                }
                #expect(error?.file == "cut")
                #expect((error?.offset).map { $0 <= count } == true)
            }
        }
    }

    /// A flipped bit is an error or, in data without a checksum, another image of the same size; never a crash.
    @Test func damagedFilesAreErrorsOrImages() {
        let (png, jpeg) = (PNG.encode(Self.image), JPEG.encode(Self.image))
        for i in png.indices {
            var bytes = png
            bytes[i] ^= 1 << UInt8(i % 8)
            // every byte of a chunk that matters is under its checksum
            #expect(throws: SerializationError.self) { try PNG.decode(bytes) }
        }
        for i in jpeg.indices {
            var bytes = jpeg
            bytes[i] ^= 1 << UInt8(i % 8)
            _ = try? JPEG.decode(bytes, limits: ImageLimits(pixelCount: 1 << 20))
        }
    }

    @Test func tooManyPixelsAreRefused() throws {
        let limits = ImageLimits(pixelCount: 37 * 29 - 1)
        for bytes in [PNG.encode(Self.image), JPEG.encode(Self.image)] {
            let error = #expect(throws: SerializationError.self) {
                try RGBImage(decoding: bytes, name: "large", limits: limits)
            }
            #expect(error?.kind == .limitExceeded)
        }
    }

    /// A header of 60 000 × 1000 pixels over the data of a small image.
    @Test func announcedSizeNeedsTheBytes() {
        var bytes = PNG.encode(Self.image)
        bytes.replaceSubrange(16..<24, with: [0, 0, 0xEA, 0x60, 0, 0, 0x03, 0xE8])
        // CRC-32 of the chunk's type and data, bit by bit
        var crc: UInt32 = .max
        for byte in bytes[12..<29] {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        bytes.replaceSubrange(29..<33, with: (0..<4).map { UInt8(truncatingIfNeeded: ~crc >> UInt32(24 - 8 * $0)) })
        let error = #expect(throws: SerializationError.self) {
            try PNG.decode(bytes, limits: ImageLimits(pixelCount: .max))
        }
        #expect(error?.description.contains("more pixels announced") == true)
        let refusal = #expect(throws: SerializationError.self) { try PNG.decode(bytes) }
        #expect(refusal?.kind == .limitExceeded)
    }
}
