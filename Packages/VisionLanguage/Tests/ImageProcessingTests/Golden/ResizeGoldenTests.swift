import FileSupport
import Foundation
import ImageProcessing
import TensorCore
import TensorTestSupport
import Testing

/// `golden/models/resize*`: Pillow exact, torchvision within one level (the fixtures' README).
@Suite struct ResizeGoldenTests {
    @Test(arguments: ImageFixtures.tensorFiles("resize"))
    func imagesMatchThePeers(file: URL) throws {
        let golden = try Golden(file)
        let source = ImageFixtures.image(try golden("source"))
        for name in golden.names where name != "source" {
            let parts = name.split(separator: "_")
            let filter = parts.dropFirst().dropLast().joined(separator: "_")
            let (width, height) = try #require(ImageFixtures.numbers(parts[parts.count - 1]), "\(name)")
            let resampler = try #require(ImageFixtures.resampler(parts[0], filter), "\(name)")
            let expected = ImageFixtures.image(try golden(name))
            #expect(expected.size == ImageSize(width: width, height: height))
            let image = source.resized(to: ImageSize(width: width, height: height), using: resampler)
            expectPixels(image, expected, levels: parts[0] == "pil" ? 0 : 1, name)
        }
    }
}

/// `golden/models/processors*`: Transformers' processors, their Pillow path; the tensor path within what was measured.
@Suite struct ProcessorGoldenTests {
    private struct Case: Decodable {
        struct CLIP: Decodable {
            let shortest_edge, crop: Int
            let resample: String
            let mean, std: [Float]
        }
        struct SigLIP: Decodable {
            let size: Int
            let resample: String
            let mean, std: Float
        }
        let clip: CLIP
        let siglip: SigLIP
        let measured: [String: [String: Double]]
    }

    @Test(arguments: ImageFixtures.files("processors", "case.json"))
    func tensorsMatchTransformers(file: URL) throws {
        let settings = try Golden.json(file, as: Case.self)
        let golden = try Golden(file.deletingLastPathComponent().appendingPathComponent("io.safetensors"))
        let codes = ["bilinear": 2, "bicubic": 3, "lanczos": 1]
        // through the files a model folder has
        let clip: [String: Any] = [
            "size": ["shortest_edge": settings.clip.shortest_edge], "crop_size": settings.clip.crop,
            "resample": try #require(codes[settings.clip.resample]), "image_mean": settings.clip.mean,
            "image_std": settings.clip.std, "do_center_crop": true,
        ]
        let siglip: [String: Any] = [
            "size": ["height": settings.siglip.size, "width": settings.siglip.size],
            "resample": try #require(codes[settings.siglip.resample]),
            "image_mean": Array(repeating: settings.siglip.mean, count: 3),
            "image_std": Array(repeating: settings.siglip.std, count: 3), "rescale_factor": 1.0 / 255,
        ]
        let transforms = try ["clip": clip, "siglip": siglip].mapValues {
            try ImageTransform(
                preprocessorConfiguration: JSONSerialization.data(withJSONObject: $0), name: "processor")
        }
        for name in golden.names where name.hasSuffix("_pillow") {
            let parts = name.dropLast("_pillow".count).split(separator: ".")
            let transform = try #require(transforms[String(parts[1])])
            let tensor = try transform(ImageFixtures.image(try golden("\(parts[0]).source")))
            // near 0 the difference of the mean counts, not its own size
            expectClose(tensor, try golden(name), within: Tolerance(relative: 1e-6, absolute: 1e-6), name)
            let library = "\(parts[0]).\(parts[1])_library"
            let measured = try #require(
                settings.measured[String(parts[0])]?["\(parts[1])_max_difference_library_pillow"])
            expectClose(
                tensor, try golden(library), within: Tolerance(relative: 0, absolute: measured + 1e-6), library)
        }
    }
}

/// `data/samples/image_pipeline*` and `images*`: every step of the pipelines around LIBERO; tolerances from the file.
@Suite struct ImagePipelineGoldenTests {
    private struct Pipeline: Decodable {
        struct Normalised: Decodable {
            struct Point: Decodable {
                let yx: [Int]
                let value: [Double]
            }
            let mean, std: [Double]
            let points: [Point]
        }
        let inputs, outputs: [String: String]
        let normalised: [String: Normalised]
        let torchvision_float_aa_points, torch_interpolate_bilinear_no_aa_points: [Normalised.Point]?
    }

    private static func inputs(_ file: URL, _ names: some Sequence<String>) throws -> [String: RGBImage] {
        let folder = file.deletingLastPathComponent()
        return try Dictionary(
            uniqueKeysWithValues: names.map {
                ($0, try RGBImage(at: folder.appendingPathComponent("input_\($0).png")))
            })
    }

    @Test(arguments: ImageFixtures.samples("image_pipeline"))
    func stepsMatchThePeers(file: URL) throws {
        let golden = try Golden.json(file, as: Pipeline.self)
        let images = try Self.inputs(file, golden.inputs.keys)
        for (name, image) in images { #expect(SHA256.hexadecimal(image.pixels) == golden.inputs[name]) }
        for (name, hash) in golden.outputs {
            let image = file.deletingLastPathComponent().appendingPathComponent("\(name).png")
            let expected = try? RGBImage(at: image)
            func compare(_ image: RGBImage, levels: Int = 0, share: Double = 1) {
                // where the image is there it tells more than its hash
                if let expected {
                    #expect(SHA256.hexadecimal(expected.pixels) == hash)
                    expectPixels(image, expected, levels: levels, share: share, name)
                } else {
                    #expect(levels > 0 || SHA256.hexadecimal(image.pixels) == hash, "\(name)")
                }
            }
            let parts = name.split(separator: "_")
            if let main = images["main"], name.hasPrefix("jpeg_roundtrip") {
                compare(JPEG.roundTrip(main, inverseTransform: name.hasSuffix("ifast") ? .fast : .accurate))
            } else if let main = images["main"], name.hasPrefix("openvla_eval") {
                let transform = ImageTransform.openVLA(inputSize: main.size, cropped: !name.hasSuffix("no_crop"))
                compare(try transform.image(main), levels: 1, share: 1e-3)
            } else {
                let image = try #require(images[String(parts[parts.count - 2])], "\(name)")
                let (height, width) = try #require(ImageFixtures.numbers(parts[parts.count - 1]))
                let filter = parts[1..<parts.count - 2].joined(separator: "_")
                let resampler = try #require(ImageFixtures.resampler(parts[0], filter), "\(name)")
                let result = image.resized(to: ImageSize(width: width, height: height), using: resampler)
                switch parts[0] {
                case "pil": compare(result)
                case "tf": compare(result, levels: 1, share: 1e-4)
                default: compare(result, levels: 1, share: 5e-4)
                }
            }
        }
    }

    /// The numbers a model sees: mean, deviation and single pixels of each channel.
    @Test(arguments: ImageFixtures.samples("image_pipeline"))
    func normalizedImagesMatch(file: URL) throws {
        let golden = try Golden.json(file, as: Pipeline.self)
        let images = try Self.inputs(file, golden.inputs.keys)
        let main = try #require(images["main"])
        let named: [String: ImageNormalization] = [
            "imagenet": .imageNet, "siglip": .sigLIP, "clip": .clip, "main": .liberoMain, "wrist": .liberoWrist,
        ]
        for (name, expected) in golden.normalised {
            let tensor: Tensor
            if let kind = name.split(separator: "/").dropFirst().first {
                tensor = try ImageTransform.openVLA(
                    inputSize: main.size, normalization: try #require(named[String(kind)]))(main)
            } else if name.hasPrefix("clip") {
                tensor = try ImageTransform.clip(size: 224)(main)
            } else {
                let camera = name.contains("wrist") ? "wrist" : "main"
                let transform = ImageTransform(
                    steps: [.resize(to: .square(224), using: .pillowBilinear)],
                    normalization: try #require(named[camera]))
                tensor = try transform(try #require(images[camera]))
            }
            // a level of OpenVLA's may differ on one value in a thousand
            let tolerance = Tolerance(relative: 1e-5, absolute: name.hasPrefix("openvla") ? 2e-4 : 1e-6)
            let (height, width, values) = (tensor.shape[1], tensor.shape[2], tensor.floats.map { Double($0) })
            for c in 0..<3 {
                let plane = values[c * height * width..<(c + 1) * height * width]
                let mean = plane.reduce(0, +) / Double(plane.count)
                let variance = plane.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(plane.count)
                expectClose(mean, expected.mean[c], within: tolerance, "\(name), mean")
                expectClose(variance.squareRoot(), expected.std[c], within: tolerance, "\(name), deviation")
                for point in expected.points {
                    expectClose(
                        values[(c * height + point.yx[0]) * width + point.yx[1]], point.value[c],
                        within: .elementwise, "\(name), \(point.yx)")
                }
            }
        }
    }

    @Test(arguments: ImageFixtures.samples("image_pipeline"))
    func floatResizesMatchPyTorch(file: URL) throws {
        let golden = try Golden.json(file, as: Pipeline.self)
        let main = FloatImage(try #require(try Self.inputs(file, golden.inputs.keys)["main"]))
        for (points, resampler) in [
            (golden.torchvision_float_aa_points, Resampler.torchBilinear),
            (golden.torch_interpolate_bilinear_no_aa_points, .torchBilinearWithoutAntialias),
        ] {
            let result = main.resized(to: .square(224), using: resampler)
            for point in points ?? [] {
                let i = 3 * (point.yx[0] * 224 + point.yx[1])
                expectClose(
                    result.values[i..<i + 3].map { Double($0) }, point.value,
                    within: Tolerance(relative: 1e-5, absolute: 1e-6), "\(resampler), \(point.yx)")
            }
        }
    }

    private struct Files: Decodable {
        struct Image: Decodable {
            let shape: [Int]
            let sha256_rgb, sha256_rgb_islow, sha256_rgb_ifast: String?
        }
        let png, jpeg: [String: Image]
        let resize: [String: String]
    }

    @Test(arguments: ImageFixtures.samples("images"))
    func filesDecodeAsLibraries(file: URL) throws {
        let golden = try Golden.json(file, as: Files.self)
        let folder = file.deletingLastPathComponent()
        for (name, expected) in golden.png {
            let image = try RGBImage(at: folder.appendingPathComponent(name))
            #expect([image.height, image.width] == Array(expected.shape.prefix(2)))
            #expect(SHA256.hexadecimal(image.pixels) == expected.sha256_rgb, "\(name)")
        }
        for (name, expected) in golden.jpeg {
            let url = folder.appendingPathComponent(name)
            let (accurate, fast) = (try RGBImage(at: url), try RGBImage(at: url, inverseTransform: .fast))
            #expect([accurate.height, accurate.width] == Array(expected.shape.prefix(2)))
            #expect(expected.sha256_rgb_islow != nil || expected.sha256_rgb_ifast != nil)
            for (image, hash) in [(accurate, expected.sha256_rgb_islow), (fast, expected.sha256_rgb_ifast)] {
                if let hash { #expect(SHA256.hexadecimal(image.pixels) == hash, "\(name)") }
            }
        }
    }

    @Test(arguments: ImageFixtures.samples("images"))
    func resizesOfFilesMatch(file: URL) throws {
        let folder = file.deletingLastPathComponent()
        for (name, hash) in try Golden.json(file, as: Files.self).resize {
            // image/peer_filter/heightxwidth
            let parts = name.split(separator: "/")
            let peer = parts[1].split(separator: "_", maxSplits: 1)
            let (height, width) = try #require(ImageFixtures.numbers(parts[2]))
            let resampler = try #require(ImageFixtures.resampler(peer[0], peer[1]))
            let image = try RGBImage(at: folder.appendingPathComponent("\(parts[0]).png"))
            let result = image.resized(to: ImageSize(width: width, height: height), using: resampler)
            #expect(SHA256.hexadecimal(result.pixels) == hash, "\(name)")
        }
        // tf_lanczos3_image_heightxwidth.npz
        let entries = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        for npz in entries where npz.pathExtension == "npz" {
            let parts = npz.deletingPathExtension().lastPathComponent.split(separator: "_")
            let (height, width) = try #require(ImageFixtures.numbers(parts[parts.count - 1]))
            let resampler = try #require(ImageFixtures.resampler(parts[0], parts[1]))
            let source = parts[2..<parts.count - 1].joined(separator: "_")
            let image = try RGBImage(at: folder.appendingPathComponent("\(source).png"))
            let archive = try NumPyArchive(at: npz)
            for name in archive.names {
                expectPixels(
                    image.resized(to: ImageSize(width: width, height: height), using: resampler),
                    ImageFixtures.image(try archive.tensor(name)), levels: 1, share: 1e-4, npz.lastPathComponent)
            }
        }
    }

    /// `corrupt/images`: each file is an error.
    @Test(arguments: ImageFixtures.damaged)
    func damagedFilesAreErrors(file: URL) throws {
        let error = try #require(throws: SerializationError.self) { try RGBImage(at: file) }
        #expect([.truncated, .damaged, .wrongFormat, .limitExceeded, .unsupported].contains(error.kind), "\(error)")
        #expect(error.file == file.path)
        if file.lastPathComponent.hasPrefix("cut") { #expect(error.kind == .truncated) }
    }
}
