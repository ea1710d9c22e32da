import FileSupport
import Foundation
import ImageProcessing
import Testing

@Suite struct GrayImageTests {
    @Test(arguments: [8, 16])
    func fileRoundTrips(bitDepth: Int) throws {
        let top = UInt16(truncatingIfNeeded: (1 << bitDepth) - 1)
        let image = GrayImage(width: 3, height: 2, bitDepth: bitDepth, values: [0, 1, 2, 77, top - 1, top])
        #expect(try GrayImage(decoding: image.png, name: "gray.png") == image)
    }

    @Test func colorsAreRefused() {
        let color = PNG.encode(RGBImage(width: 2, height: 2))
        let error = #expect(throws: SerializationError.self) { try GrayImage(decoding: color, name: "color.png") }
        #expect(error?.kind == .unsupported)
    }

    @Test func damagedFilesAreRefused() {
        let whole = GrayImage(width: 40, height: 30, values: (0..<1200).map { UInt16($0) }).png
        for count in stride(from: 0, to: whole.count - 12, by: 23) {
            #expect(throws: SerializationError.self) {
                try GrayImage(decoding: Array(whole.prefix(count)), name: "cut.png")
            }
        }
        #expect(throws: SerializationError.self) {
            try GrayImage(decoding: whole, name: "large.png", limits: ImageLimits(pixelCount: 1000))
        }
    }
}
