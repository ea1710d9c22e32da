// Fuzzes PNG and JPEG files, through both inverse transforms.
// modules: ImageProcessing
// fixtures: data/samples/images/*.png data/samples/images/*.jpg data/samples/corrupt/images/*.png data/samples/corrupt/images/*.jpg
import ImageProcessing

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds {
        var image = RGBImage(width: 19, height: 11)
        for y in 0..<11 { for x in 0..<19 { image[x, y] = [UInt8(x * 13), UInt8(y * 23), UInt8(x * y)] } }
        return [("png", PNG.encode(image))]
            + JPEG.Subsampling.allCases.map {
                ("jpeg-\($0)", JPEG.encode(image, JPEG.Settings(quality: 80, subsampling: $0)))
            }
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzImage(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: data, count: count).span
    let limits = ImageLimits(pixelCount: 1 << 18)
    for transform in JPEG.InverseTransform.allCases {
        do {
            let image = try RGBImage(decoding: bytes, name: "input", inverseTransform: transform, limits: limits)
            precondition(image.pixels.count <= 3 << 18)
        } catch {
            // whatever is wrong lies in the input
            precondition((error.offset ?? 0) <= count)
        }
    }
    return 0
}
