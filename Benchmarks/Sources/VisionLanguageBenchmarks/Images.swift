import BenchmarkKit
import Foundation
import ImageProcessing

/// A camera's image resized, read and written, against Pillow.
var imageCases: [BenchmarkCase] {
    [
        imageCase("resize_bilinear_256_224", times: 200) { image in
            { _ = image.resized(to: .square(224), using: .pillowBilinear) }
        },
        imageCase("resize_bicubic_256_224", times: 200) { image in
            { _ = image.resized(to: .square(224), using: .pillowBicubic) }
        },
        imageCase("png_decode", times: 50) { _ in
            let bytes = try [UInt8](Data(contentsOf: SharedFiles.image))
            return { _ = try PNG.decode(bytes) }
        },
        imageCase("png_encode", times: 10) { image in { _ = PNG.encode(image) } },
        imageCase("jpeg_decode", times: 100) { image in
            let bytes = JPEG.encode(image)
            return { _ = try JPEG.decode(bytes) }
        },
        imageCase("jpeg_encode", times: 100) { image in { _ = JPEG.encode(image) } },
    ]
}

/// Microseconds of one call.
private func imageCase(
    _ name: String, times: Int, _ prepare: @escaping (RGBImage) throws -> () throws -> Void
) -> BenchmarkCase {
    BenchmarkCase(name) {
        let call = try prepare(try RGBImage(at: SharedFiles.image))
        try call()
        return {
            let seconds = try secondsToRun { for _ in 0..<times { try call() } }
            return [MeasuredValue(name, seconds / Double(times) * 1e6, unit: "µs")]
        }
    }
}
