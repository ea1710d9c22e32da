import FileSupport
import Foundation
import ImageProcessing
import TensorCore
import TensorTestSupport
import Testing

@Suite struct ImageAugmentationTests {
    let image = ResamplerTests.image(.square(16))

    @Test func drawsAreRepeatable() {
        for augmentation in [
            ImageAugmentation.openVLA, .colorJitter(brightness: 0.1, contrast: 0.1, saturation: 0.1, hue: 0.05),
        ] {
            var (first, second) = (SeededGenerator(state: 1), SeededGenerator(state: 1))
            let result = augmentation(image, using: &first)
            #expect(result == augmentation(image, using: &second))
            #expect(result != augmentation(image, using: &first))
            #expect(result != image)
        }
    }

    @Test func drawsStayInTheirRanges() {
        var generator = SeededGenerator(state: 2)
        var orders = Set<[ColorAdjustment.Kind]>()
        let jitter = ImageAugmentation.colorJitter(brightness: 0.1, contrast: 0.2, saturation: 0.3, hue: 0.05)
        for _ in 0..<500 {
            let adjustments = jitter.draw(using: &generator)
            orders.insert(adjustments.map(\.kind))
            for adjustment in adjustments {
                let range: ClosedRange<Float> =
                    switch adjustment.kind {
                    case .brightness: 0.9...1.1
                    case .contrast: 0.8...1.2
                    case .saturation: 0.7...1.3
                    case .hue: -0.05...0.05
                    }
                #expect(range.contains(adjustment.amount))
            }
        }
        #expect(orders.count == 24)
        let fixed = ImageAugmentation.openVLA.draw(using: &generator).map(\.kind)
        #expect(fixed == [.brightness, .contrast, .saturation, .hue])
    }

    /// What changes nothing, in each style.
    @Test func neutralAmountsChangeNothing() {
        for style in ImageAugmentation.Style.allCases {
            let augmentation = ImageAugmentation(style: style)
            let neutral = ColorAdjustment(.brightness, style == .tensorFlow ? 0 : 1)
            let changes = [neutral, ColorAdjustment(.contrast, 1), ColorAdjustment(.saturation, 1)]
            #expect(augmentation.apply(changes, to: image) == image, "\(style)")
            #expect(augmentation.apply([], to: image) == image)
        }
        // a whole turn
        var values = FloatImage(image)
        values.adjust(ColorAdjustment(.hue, 1), as: .torchvision)
        expectClose(
            values.values.map { Double($0) }, FloatImage(image).values.map { Double($0) },
            within: Tolerance(relative: 0, absolute: 1e-5))
    }

    /// Pillow 13: the image in HSV, its hue shifted by ⌊255 f⌋ modulo 256, and back.
    @Test(
        arguments: [
            (
                0.05,
                [10, 200, 82, 255, 72, 0, 12, 12, 12, 122, 80, 200, 1, 1, 3, 195, 250, 6, 113, 0, 130, 0, 186, 255]
            ),
            (
                -0.05,
                [46, 200, 10, 255, 0, 66, 12, 12, 12, 80, 105, 200, 1, 3, 3, 250, 167, 6, 40, 0, 130, 0, 255, 180]
            ),
            (0.5, [200, 10, 184, 0, 255, 252, 12, 12, 12, 196, 200, 80, 3, 2, 1, 6, 23, 250, 58, 130, 0, 255, 0, 6]),
        ] as [(Float, [UInt8])])
    func pillowTurnsHues(turns: Float, expected: [UInt8]) {
        let pixels: [UInt8] = [
            10, 200, 30, 255, 0, 0, 12, 12, 12, 90, 80, 200, 1, 2, 3, 250, 240, 5, 77, 0, 130, 0, 255, 254,
        ]
        var image = RGBImage(width: 8, height: 1, pixels: pixels)
        image.adjust(ColorAdjustment(.hue, turns))
        #expect(image.pixels == expected)
    }

    /// Every fifth value of every channel, hue shifted by 12: the hash of Pillow 13's result.
    @Test func pillowTurnsAllHues() {
        var pixels: [UInt8] = []
        for r in stride(from: 0, to: 256, by: 5) {
            for g in stride(from: 0, to: 256, by: 5) {
                for b in stride(from: 0, to: 256, by: 5) { pixels += [UInt8(r), UInt8(g), UInt8(b)] }
            }
        }
        var image = RGBImage(width: pixels.count / 3, height: 1, pixels: pixels)
        image.adjust(ColorAdjustment(.hue, 12.5 / 255))
        #expect(SHA256.hexadecimal(image.pixels) == "c40a79c95a8cf6d9077ad4793315c0bef8387df43a28c81f5860fecf436cad43")
    }

    @Test func randomCropsLieInside() {
        var generator = SeededGenerator(state: 4)
        let crop = RandomResizedCrop(scale: 0.5...0.9, ratio: 0.8...1.25)
        for size in [ImageSize.square(64), ImageSize(width: 90, height: 40), ImageSize(width: 3, height: 200)] {
            for _ in 0..<200 {
                let part = crop.draw(for: size, using: &generator)
                #expect(part.x >= 0 && part.y >= 0 && part.width > 0 && part.height > 0)
                #expect(part.x + part.width <= size.width && part.y + part.height <= size.height)
                let area = Double(part.width * part.height) / Double(size.width * size.height)
                if size == .square(64) { #expect((0.48...0.92).contains(area)) }
            }
        }
        let whole = RandomResizedCrop(scale: 0.95...1, ratio: 0.95...1.05).centered(in: .square(256))
        #expect(whole == PixelRectangle(x: 0, y: 0, width: 256, height: 256))
    }

    @Test func savedAugmentationsAreEqual() throws {
        for value in [ImageAugmentation.openVLA, .colorJitter(brightness: 0, contrast: 0.1, saturation: 0.1, hue: 0)] {
            let data = try JSONEncoder().encode(value)
            #expect(try JSONDecoder().decode(ImageAugmentation.self, from: data) == value)
        }
    }
}

/// SplitMix64; the same numbers on every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
