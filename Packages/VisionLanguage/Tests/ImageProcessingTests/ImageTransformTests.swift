import FileSupport
import Foundation
import ImageProcessing
import TensorCore
import TensorTestSupport
import Testing

@Suite struct ImageTransformTests {
    static let all = ImageTransform(
        inputSize: .square(64),
        steps: [
            .flipVertically, .flipHorizontally, .rotate180, .jpeg(written: .init(quality: 90), read: .fast),
            .resizeShorterSide(to: 48, using: .pillowLanczos), .crop(to: .square(44)),
            .cropAndResize(area: 0.9, to: .square(40)),
            .randomResizedCrop(
                part: .init(scale: 0.95...1, ratio: 0.95...1.05), to: .square(38), using: .pillowBilinear),
            .resizeWithPadding(to: ImageSize(width: 40, height: 36), using: .tensorFlowBilinear),
            .centerCrop(to: .square(34)), .resize(to: .square(32), using: .tensorFlowLanczos),
        ], normalization: .clip)

    @Test func savedTransformsAreEqual() throws {
        for transform in [Self.all, .clip(), .sigLIP2(), .openVLA()] {
            let data = try JSONEncoder().encode(transform)
            #expect(try JSONDecoder().decode(ImageTransform.self, from: data) == transform)
        }
        #expect(Self.all != Self.all.acceptingAnySize)
    }

    /// The spelling of version 0.1, in which columns were mirrored.
    @Test func oldNameOfTheFlipIsRead() throws {
        let step = try JSONDecoder().decode([ImageStep].self, from: Data(#"[{"mirrorHorizontally": {}}]"#.utf8))
        #expect(step == [.flipHorizontally])
    }

    /// The form in a checkpoint: a changed spelling would make old checkpoints unreadable.
    @Test func savedFormIsReadable() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let transform = ImageTransform(
            inputSize: .square(256),
            steps: [
                .rotate180, .jpeg(written: .init(), read: .fast), .resize(to: .square(224), using: .pillowBilinear),
                .cropAndResize(area: 0.5, to: .square(224)),
            ], normalization: .sigLIP)
        #expect(
            String(decoding: try encoder.encode(transform), as: UTF8.self) == """
                {"inputSize":{"height":256,"width":256},\
                "normalization":{"mean":[0.5,0.5,0.5],"standardDeviation":[0.5,0.5,0.5]},\
                "steps":[{"rotate180":{}},\
                {"jpeg":{"read":"fast","written":{"quality":95,"subsampling":"4:2:0"}}},\
                {"resize":{"to":{"height":224,"width":224},"using":"pillow-bilinear"}},\
                {"cropAndResize":{"area":0.5,"to":{"height":224,"width":224}}}]}
                """)
    }

    @Test func otherSizesAreRefused() {
        let image = RGBImage(width: 224, height: 224)
        #expect(throws: ImageTransformError.wrongSize(found: .square(224), expected: .square(256))) {
            try ImageTransform.openVLA()(image)
        }
        let crop = ImageTransform(steps: [.crop(to: .square(225))], normalization: .unit)
        #expect(throws: ImageTransformError.tooSmall(found: .square(224), step: .crop(to: .square(225)))) {
            try crop(image)
        }
    }

    @Test func outputSizesAreKnown() throws {
        #expect(Self.all.outputSize == .square(32))
        #expect(ImageTransform.clip(size: 36).outputSize == .square(36))
        let shorter = ImageTransform(steps: [.resizeShorterSide(to: 30, using: .pillowBilinear)], normalization: .unit)
        #expect(shorter.outputSize == nil)
        let tensor = try Self.all(ResamplerTests.image(.square(64)))
        #expect(tensor.shape == [3, 32, 32])
    }

    /// In the middle when acting; at random when training, the same for the same generator.
    @Test func cropsArePlacedInTraining() throws {
        let image = ResamplerTests.image(.square(64))
        #expect(try Self.all.image(image) == Self.all.image(image))
        var (first, second) = (SeededGenerator(state: 5), SeededGenerator(state: 5))
        let placed = try Self.all.image(image, placingCropsUsing: &first)
        #expect(try placed == Self.all.image(image, placingCropsUsing: &second))
        #expect(first.state == second.state)
        #expect(try placed != Self.all.image(image, placingCropsUsing: &first))
        #expect(try placed != Self.all.image(image))

        let crop = ImageTransform(steps: [.crop(to: ImageSize(width: 62, height: 60))], normalization: .unit)
        #expect(try crop.image(image) == image.cropped(x: 1, y: 2, width: 62, height: 60))
        var corners = Set<RGBImage>()
        for _ in 0..<300 { corners.insert(try crop.image(image, placingCropsUsing: &first)) }
        // 3 × 5 places
        #expect(corners.count == 15)
    }

    @Test func batchesEqualSingleImages() throws {
        let images = (0..<5).map { ResamplerTests.image(.square(64), seed: UInt64($0)) }
        let batch = try Self.all(images)
        #expect(batch.shape == [5, 3, 32, 32])
        let single = try images.flatMap { try Self.all($0).elements() }
        #expect(batch.elements() == single)
        #expect(throws: ImageTransformError.self) { try Self.all(images + [RGBImage(width: 9, height: 9)]) }
    }

    @Test func normalizedValuesAreThoseOfTheFormula() {
        let image = RGBImage(width: 2, height: 1, pixels: [0, 51, 255, 255, 0, 102])
        let tensor = ImageNormalization(mean: [0.5, 0, 1], standardDeviation: [0.5, 0.1, 2])(image)
        #expect(tensor.shape == [3, 1, 2])
        expectClose(tensor, Tensor([-1, 1, 2, 0, 0, -0.3], [3, 1, 2]), within: .elementwise)
    }

    /// What a damaged checkpoint may hold.
    @Test(arguments: [
        (#""steps":[{"rotate180":{}},"#, #""steps":[{"turn":{}},"#),
        (#""width":224"#, #""width":0"#), (#""width":224"#, #""width":1e9"#), (#""quality":95"#, #""quality":0"#),
        (#""area":0.5"#, #""area":1.5"#), (#""standardDeviation":[0.5,"#, #""standardDeviation":[0,"#),
        (#""mean":[0.5,"#, #""mean":["#), (#""pillow-bilinear""#, #""bilinear""#),
    ])
    func senselessSettingsAreErrors(text: String, replacement: String) throws {
        let json = """
            {"normalization":{"mean":[0.5,0.5,0.5],"standardDeviation":[0.5,0.5,0.5]},"steps":[{"rotate180":{}},\
            {"jpeg":{"read":"fast","written":{"quality":95,"subsampling":"4:2:0"}}},\
            {"resize":{"to":{"width":224,"height":224},"using":"pillow-bilinear"}},\
            {"cropAndResize":{"area":0.5,"to":{"width":224,"height":224}}}]}
            """
        _ = try JSONDecoder().decode(ImageTransform.self, from: Data(json.utf8))
        let damaged = json.replacingOccurrences(of: text, with: replacement)
        #expect(damaged != json)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(ImageTransform.self, from: Data(damaged.utf8)) }
    }

    @Test func processorsAreReadFromModelFolders() throws {
        let clip = """
            {"crop_size": 224, "do_center_crop": true, "do_normalize": true, "do_resize": true, "resample": 3, "size": 224,
            "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]}
            """
        #expect(try ImageTransform(preprocessorConfiguration: Data(clip.utf8), name: "a") == .clip())
        let siglip = """
            {"do_normalize": true, "do_rescale": true, "do_resize": true, "resample": 2, "rescale_factor": 0.00392156862745098,
            "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "size": {"height": 256, "width": 256}}
            """
        #expect(try ImageTransform(preprocessorConfiguration: Data(siglip.utf8), name: "b") == .sigLIP2())
        for (text, word) in [
            (siglip.replacingOccurrences(of: "\"resample\": 2", with: "\"resample\": 0"), "resample"),
            (siglip.replacingOccurrences(of: "0.00392156862745098", with: "1.0"), "rescales"),
            (siglip.replacingOccurrences(of: "\"height\": 256", with: "\"height\": -1"), "side"),
            (clip.replacingOccurrences(of: "\"crop_size\": 224,", with: ""), "crop_size"), ("{}", "size"),
            ("[", "value expected"),
        ] {
            let error = #expect(throws: SerializationError.self) {
                try ImageTransform(preprocessorConfiguration: Data(text.utf8), name: "folder/x.json")
            }
            #expect(error?.description.contains(word) == true)
            #expect(error?.file == "folder/x.json")
        }
    }
}
