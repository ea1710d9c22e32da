import Foundation
import ImageProcessing
import TensorCore
import TensorTestSupport
import Testing

/// `golden/models/augment*` and `colour*`, and the `colour_ops` of the samples.
@Suite struct ColorGoldenTests {
    private struct Case: Decodable {
        let crop_fraction_u, crop_scale_area: Float
        let chain: [String]
        let lanczos3_antialias_224_source: String?
    }

    /// Level 2e-6 for colours in float (the samples' README); a crop is a product of three differences.
    private let tolerance = Tolerance(relative: 0, absolute: 2e-6)

    private static let kinds: [Substring: ColorAdjustment.Kind] = [
        "brightness": .brightness, "contrast": .contrast, "saturation": .saturation, "color": .saturation, "hue": .hue,
    ]

    @Test(arguments: ImageFixtures.files("augment", "case.json"))
    func augmentationMatchesTensorFlow(file: URL) throws {
        let settings = try Golden.json(file, as: Case.self)
        let folder = file.deletingLastPathComponent()
        let golden = try Golden(folder.appendingPathComponent("tensorflow.safetensors"))
        let source = ImageFixtures.image(try golden("source_small"))
        let unit = FloatImage(source)
        let random = UnitRectangle(
            area: settings.crop_scale_area, down: settings.crop_fraction_u, across: settings.crop_fraction_u)
        let middle = UnitRectangle(centeredArea: settings.crop_scale_area)

        for name in golden.names where name != "source_small" {
            let parts = name.split(separator: "_")
            if let kind = Self.kinds[parts[0]], let amount = Float(parts[1]) {
                var image = unit
                image.adjust(ColorAdjustment(kind, amount), as: .tensorFlow)
                expectClose(image.values.map { Double($0) }, try golden(name).doubles, within: tolerance, name)
            } else if parts[0] == "crop" {
                let image = unit.cropped(to: parts[1] == "centre" ? middle : random, resizedTo: source.size)
                expectClose(image.values.map { Double($0) }, try golden(name).doubles, within: tolerance, name)
            } else if parts[0] == "chain" {
                var image = unit
                for step in settings.chain {
                    let words = step.split(separator: " ")
                    if words[0] == "crop_random" {
                        image = image.cropped(to: random, resizedTo: source.size)
                    } else {
                        let kind = try #require(Self.kinds[words[0]])
                        image.adjust(ColorAdjustment(kind, try #require(Float(words[1]))), as: .tensorFlow)
                    }
                }
                // a product just below a whole number may fall to either side
                expectPixels(image.rgbImage, ImageFixtures.image(try golden(name)), levels: 1, share: 1e-3, name)
            } else {
                let (width, height) = try #require(ImageFixtures.numbers(parts[parts.count - 1]))
                var image = source
                if parts[0] != "small", let place = settings.lanczos3_antialias_224_source {
                    let words = place.split(separator: " ")
                    let other = folder.deletingLastPathComponent().appendingPathComponent("\(words[0]).safetensors")
                    image = ImageFixtures.image(try Golden(other)(String(words[1])))
                }
                let result = image.resized(
                    to: ImageSize(width: width, height: height), using: .tensorFlowLanczos)
                expectPixels(result, ImageFixtures.image(try golden(name)), levels: 1, name)
            }
        }
    }

    @Test(arguments: ImageFixtures.files("colour", "torchvision.safetensors"))
    func colorsMatchTorchvision(file: URL) throws {
        let golden = try Golden(file)
        let source = ImageFixtures.floatImage(try golden("source").permuted([1, 2, 0]))
        for name in golden.names where name != "source" {
            let parts = name.split(separator: "_")
            var image = source
            image.adjust(
                ColorAdjustment(try #require(Self.kinds[parts[1]]), try #require(Float(parts[2]))), as: .torchvision)
            expectClose(
                image.values.map { Double($0) }, try golden(name).permuted([1, 2, 0]).doubles, within: tolerance, name)
        }
    }

    /// `colour_ops*.npz`: "p0_13" is +0.13, "m0_04" is −0.04, "1_17" is 1.17.
    private static func amount(_ parts: some Collection<Substring>) -> Float? {
        guard let first = parts.first else { return nil }
        let sign: Float = first.hasPrefix("m") ? -1 : 1
        let digits = first.drop { !$0.isNumber } + "." + parts.dropFirst().joined()
        return Float(digits).map { sign * $0 }
    }

    static let archives: [URL] = SharedFixtures.folders(in: "data/samples") { $0.hasPrefix("image_pipeline") }.flatMap {
        SharedFixtures.entries(in: "data/samples/\($0.lastPathComponent)")
    }.filter { $0.lastPathComponent.hasPrefix("colour_ops") && $0.pathExtension == "npz" }

    @Test(arguments: archives)
    func colorsMatchTheSamples(file: URL) throws {
        let source = try RGBImage(at: file.deletingLastPathComponent().appendingPathComponent("input_small.png"))
        let archive = try NumPyArchive(at: file)
        for name in archive.names {
            let (expected, parts) = (try archive.tensor(name), name.split(separator: "_"))
            if name.hasPrefix("tf_crop_and_resize_") {
                // four numbers of two parts each, "to", height x width
                let numbers = stride(from: 4, to: 12, by: 2).compactMap { Self.amount(parts[$0..<$0 + 2]) }
                let (height, width) = try #require(ImageFixtures.numbers(parts[13]))
                let box = UnitRectangle(top: numbers[0], left: numbers[1], bottom: numbers[2], right: numbers[3])
                let image = FloatImage(source).cropped(
                    to: box, resizedTo: ImageSize(width: width, height: height))
                expectClose(image.values.map { Double($0) }, expected.doubles, within: tolerance, name)
                continue
            }
            let adjustment = ColorAdjustment(
                try #require(Self.kinds[parts[1]]), try #require(Self.amount(parts.dropFirst(2))))
            if parts[0] == "pil" {
                var image = source
                image.adjust(adjustment)
                expectPixels(image, ImageFixtures.image(expected), name)
            } else {
                var image = FloatImage(source)
                image.adjust(adjustment, as: parts[0] == "tf" ? .tensorFlow : .torchvision, limiting: false)
                expectClose(image.values.map { Double($0) }, expected.doubles, within: tolerance, name)
            }
        }
    }
}

/// `golden/models/jpeg*`: images of `data/minimind/eval_images` decoded by Pillow.
@Suite struct JPEGGoldenTests {
    private struct Case: Decodable {
        struct Image: Decodable {
            let width, height: Int
            let channel_mean: [Double]
        }
        let images: [String: Image]
    }

    @Test(arguments: ImageFixtures.files("jpeg", "case.json"))
    func photographsMatchPillow(file: URL) throws {
        let golden = try Golden(file.deletingLastPathComponent().appendingPathComponent("io.safetensors"))
        let root = try #require(SharedFixtures.root(of: file))
        for (name, expected) in try Golden.json(file, as: Case.self).images {
            let image = try RGBImage(at: root.appendingPathComponent("data/minimind/eval_images/\(name).jpg"))
            #expect(image.size == ImageSize(width: expected.width, height: expected.height))
            for part in golden.names where part.hasPrefix(name + ".") {
                let reference = ImageFixtures.image(try golden(part))
                let (columns, rows) = (image.width - reference.width, image.height - reference.height)
                switch part.dropFirst(name.count + 1) {
                case "top_left": expectPixels(image.cut(0, 0, reference.size), reference, part)
                case "bottom_right": expectPixels(image.cut(columns, rows, reference.size), reference, part)
                case "middle":
                    expectPixels(image.cut(image.width / 2, image.height / 2, reference.size), reference, part)
                case let other:
                    // resized_32_bicubic
                    let words = other.split(separator: "_")
                    let (width, height) = try #require(ImageFixtures.numbers(words[1]))
                    let resampler = try #require(ImageFixtures.resampler("pil", words[2]))
                    expectPixels(
                        image.resized(to: ImageSize(width: width, height: height), using: resampler), reference, part)
                }
            }
            for c in 0..<3 {
                let sum = image.pixels.withUnsafeBufferPointer { pixels in
                    stride(from: c, to: pixels.count, by: 3).reduce(0) { $0 + Int(pixels[$1]) }
                }
                expectClose(
                    Double(sum) / Double(image.width * image.height), expected.channel_mean[c],
                    within: Tolerance(relative: 1e-12, absolute: 0), "\(name), mean")
            }
        }
    }
}

extension RGBImage {
    fileprivate func cut(_ x: Int, _ y: Int, _ size: ImageSize) -> RGBImage {
        cropped(x: x, y: y, width: size.width, height: size.height)
    }
}

extension Tensor {
    fileprivate var doubles: [Double] { floats.map { Double($0) } }
}
