import FileSupport
import ImageProcessing
import Testing

/// A small file does not announce a large image.
@Suite struct ImageBudgetTests {
    /// An image of one color, which compresses best.
    static let large = RGBImage(width: 4096, height: 2048, color: SIMD3(0, 0, 0))

    @Test func imagesBeyondTheirFileAreRefused() throws {
        let png = PNG.encode(Self.large, level: 9)
        #expect(png.count < 100_000)
        for decode in [{ try PNG.decode(png) }, { try RGBImage(decoding: png, name: "large.png") }] {
            let error = try #require(throws: SerializationError.self) { try decode() }
            #expect(error.kind == .limitExceeded, "\(error)")
        }
        #expect(throws: SerializationError.self) { try PNG.decodeRGBA(png) }
        // who knows the file may lift the limit
        #expect(try PNG.decode(png, limits: ImageLimits(pixelCount: .max)).width == 4096)
        #expect(try PNG.decode(PNG.encode(RGBImage(width: 2048, height: 2048, color: .zero))).height == 2048)
    }

    @Test func aHeaderAloneAllocatesNothing() throws {
        var jpeg = JPEG.encode(RGBImage(width: 16, height: 16, color: .zero))
        let frame = try #require(jpeg.indices.first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
        jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0x20, 0, 0x20, 0])
        let error = try #require(throws: SerializationError.self) { try JPEG.decode(jpeg) }
        #expect(error.kind == .limitExceeded, "\(error)")
    }
}
