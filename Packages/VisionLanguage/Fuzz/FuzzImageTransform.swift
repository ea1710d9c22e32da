// Fuzzes the settings of images' preparation: what is read goes through an image, or says that it does not.
// modules: ImageProcessing
import Foundation
import ImageProcessing

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds {
        let clip = """
            {"crop_size": {"height": 14, "width": 14}, "do_center_crop": true, "do_normalize": true, "do_resize": true, \
            "image_mean": [0.48, 0.45, 0.40], "image_std": [0.26, 0.26, 0.27], "resample": 3, "size": {"shortest_edge": 14}}
            """
        let encoder = JSONEncoder()
        return [
            ("clip", Array(clip.utf8)), ("openvla", Array(try encoder.encode(ImageTransform.openVLA(size: 12)))),
            ("siglip", Array(try encoder.encode(ImageTransform.sigLIP2(size: 12)))),
        ]
    }
    return 0
}

private let image = RGBImage(width: 16, height: 11, color: [200, 100, 50])

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzImageTransform(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let json = Data(UnsafeBufferPointer(start: data, count: count))
    let read = [
        try? ImageTransform(preprocessorConfiguration: json, name: "input"),
        try? JSONDecoder().decode(ImageTransform.self, from: json),
    ]
    for transform in read.compactMap({ $0 }) {
        let encoded = try? JSONEncoder().encode(transform)
        precondition(encoded.flatMap { try? JSONDecoder().decode(ImageTransform.self, from: $0) } == transform)
        // large images are what was asked for, not an error
        guard let size = transform.acceptingAnySize.outputSize, size.width * size.height <= 64 * 64,
            transform.steps.count < 8, transform.steps.allSatisfy({ isSmall($0) })
        else { continue }
        if let result = try? transform.acceptingAnySize.image(image) { precondition(result.size == size) }
    }
    return 0
}

private func isSmall(_ step: ImageStep) -> Bool {
    step.outputSize(of: ImageSize(width: 16, height: 11)).map { $0.width * $0.height <= 64 * 64 } ?? true
}
