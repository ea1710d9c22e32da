import CImageKernels
import Foundation
import ImageProcessing
import TensorTestSupport
import Testing

@Suite(.serialized) struct ResamplerTests {
    static func image(_ size: ImageSize, seed: UInt64 = 1) -> RGBImage {
        var generator = SeededGenerator(state: seed)
        let pixels = (0..<size.width * size.height * 3).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return RGBImage(width: size.width, height: size.height, pixels: pixels)
    }

    @Test(arguments: Resampler.allCases)
    func oneColorStaysOneColor(resampler: Resampler) {
        let image = RGBImage(width: 13, height: 9, color: [255, 7, 0])
        for size in [ImageSize(width: 5, height: 4), ImageSize(width: 29, height: 31), ImageSize(width: 1, height: 1)] {
            let result = image.resized(to: size, using: resampler)
            #expect(result == RGBImage(width: size.width, height: size.height, color: [255, 7, 0]))
        }
    }

    @Test(arguments: Resampler.allCases)
    func theSameSizeIsTheSameImage(resampler: Resampler) {
        let image = Self.image(ImageSize(width: 17, height: 12))
        #expect(image.resized(to: image.size, using: resampler) == image)
    }

    /// Two pixels to one: the mean. One to two, bilinear: the pixel twice.
    @Test func halvesAreMeans() {
        let image = RGBImage(width: 2, height: 1, pixels: [10, 0, 255, 20, 1, 0])
        // Pillow 13: Image.resize((1, 1), BILINEAR)
        #expect(image.resized(to: .square(1), using: .pillowBilinear).pixels == [15, 1, 128])
        let one = RGBImage(width: 1, height: 1, pixels: [9, 8, 7])
        #expect(
            one.resized(to: ImageSize(width: 2, height: 1), using: .pillowBilinear).pixels == [9, 8, 7, 9, 8, 7])
    }

    /// Turning the image turns the result: passes, filters and edges have no side.
    @Test(arguments: Resampler.allCases)
    func resizingKnowsNoSides(resampler: Resampler) {
        let image = Self.image(ImageSize(width: 24, height: 20))
        let size = ImageSize(width: 12, height: 10)
        // sums in float may end on either side of a half
        let isExact = resampler.rawValue.hasPrefix("pillow")
        expectPixels(
            image.rotated180().resized(to: size, using: resampler),
            image.resized(to: size, using: resampler).rotated180(), levels: isExact ? 0 : 1, share: 0.05,
            "\(resampler)")
    }

    /// The wide loops against those for any processor.
    @Test(arguments: Resampler.allCases)
    func variantsAgree(resampler: Resampler) {
        defer { cik_select_variant("avx2") }
        var generator = SeededGenerator(state: 3)
        for seed in 0..<20 {
            func side() -> Int { Int.random(in: 1...40, using: &generator) }
            let image = Self.image(ImageSize(width: side(), height: side()), seed: UInt64(seed))
            let size = ImageSize(width: side(), height: side())
            cik_select_variant("base")
            let base = image.resized(to: size, using: resampler)
            let float = FloatImage(image).resized(to: size, using: resampler)
            cik_select_variant("avx2")
            #expect(image.resized(to: size, using: resampler) == base)
            #expect(FloatImage(image).resized(to: size, using: resampler) == float)
        }
    }

    @Test func proportionsAreKept() {
        let image = Self.image(ImageSize(width: 150, height: 100))
        #expect(image.resized(shorterSide: 36, using: .pillowBicubic).size == ImageSize(width: 54, height: 36))
        #expect(
            image.rotated180().resized(shorterSide: 7, using: .pillowBicubic).size == ImageSize(width: 10, height: 7))
        // openpi: 150 × 100 → 224 × 149 in 224 × 224, the odd row below
        let padded = image.resizedWithPadding(to: .square(224), using: .tensorFlowBilinear)
        let inner = image.resized(to: ImageSize(width: 224, height: 149), using: .tensorFlowBilinear)
        #expect(padded.cropped(x: 0, y: 37, width: 224, height: 149) == inner)
        #expect(padded[100, 36] == .zero && padded[100, 37 + 149] == .zero)
    }

    @Test func boxesMeetTheCorners() {
        let image = FloatImage(Self.image(ImageSize(width: 9, height: 7)))
        let whole = UnitRectangle(top: 0, left: 0, bottom: 1, right: 1)
        #expect(image.cropped(to: whole, resizedTo: ImageSize(width: 9, height: 7)) == image)
        let corners = image.cropped(to: whole, resizedTo: .square(2)).values
        #expect(Array(corners[0..<3]) == Array(image.values[0..<3]))
        #expect(Array(corners[9..<12]) == Array(image.values.suffix(3)))
        // what lies outside is black, as TensorFlow extrapolates
        let above = UnitRectangle(top: -1, left: 0, bottom: 0, right: 1)
        #expect(image.cropped(to: above, resizedTo: .square(2)).values[0..<6].allSatisfy { $0 == 0 })
    }
}
