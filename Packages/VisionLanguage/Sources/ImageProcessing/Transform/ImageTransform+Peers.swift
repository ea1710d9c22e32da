public import FileSupport
public import Foundation
import TensorCore

extension ImageTransform {
    /// CLIP's processor: the shorter side to `size`, bicubic, then the middle.
    public static func clip(size: Int = 224) -> ImageTransform {
        ImageTransform(
            steps: [.resizeShorterSide(to: size, using: .pillowBicubic), .centerCrop(to: .square(size))],
            normalization: .clip)
    }

    /// SigLIP 2's processor: both sides to `size`, bilinear.
    public static func sigLIP2(size: Int = 256) -> ImageTransform {
        ImageTransform(steps: [.resize(to: .square(size), using: .pillowBilinear)], normalization: .sigLIP)
    }

    /// What OpenVLA shows its model: JPEG written and read the way TensorFlow does, Lanczos, and, when trained with
    /// crops, 90 % of the area.
    public static func openVLA(
        inputSize: ImageSize = .square(256), size: Int = 224, cropped: Bool = true,
        normalization: ImageNormalization = .imageNet
    ) -> ImageTransform {
        var steps: [ImageStep] = [
            .jpeg(written: JPEG.Settings(), read: .fast), .resize(to: .square(size), using: .tensorFlowLanczos),
        ]
        if cropped { steps.append(.cropAndResize(area: 0.9, to: .square(size))) }
        return ImageTransform(inputSize: inputSize, steps: steps, normalization: normalization)
    }

    /// Reads a Hugging Face `preprocessor_config.json` of CLIP, SigLIP, SigLIP 2 or DINOv2.
    ///
    /// - Throws: `SerializationError` that names the setting, when the file asks for something else.
    public init(preprocessorConfiguration json: Data, name: String) throws(SerializationError) {
        func failure(_ kind: SerializationError.Kind, _ found: String) -> SerializationError {
            SerializationError(kind, file: name, found, advice: "Build the ImageTransform in code.")
        }
        let settings: PreprocessorSettings
        do {
            settings = try JSONReading.decode(from: json, file: name, advice: "Build the ImageTransform in code.")
        } catch let error as SerializationError {
            throw error
        } catch {
            throw failure(.damaged, "it is no preprocessor configuration: \(error)")
        }

        var steps: [ImageStep] = []
        if settings.do_resize ?? true {
            let resampler: Resampler
            switch settings.resample ?? 3 {
            case 1: resampler = .pillowLanczos
            case 2: resampler = .pillowBilinear
            case 3: resampler = .pillowBicubic
            case let other: throw failure(.unsupported, "it has the resample \(other)")
            }
            switch settings.size {
            case .shortestEdge(let side)?: steps.append(.resizeShorterSide(to: side, using: resampler))
            case .sides(let size)?: steps.append(.resize(to: size, using: resampler))
            case nil: throw failure(.unsupported, "it resizes and has no 'size'")
            }
        }
        if settings.do_center_crop ?? (settings.crop_size != nil) {
            switch settings.crop_size {
            case .shortestEdge(let side)?: steps.append(.centerCrop(to: .square(side)))
            case .sides(let size)?: steps.append(.centerCrop(to: size))
            case nil: throw failure(.unsupported, "it crops and has no 'crop_size'")
            }
        }
        guard settings.do_rescale ?? true, abs((settings.rescale_factor ?? 1 / 255) * 255 - 1) < 1e-6 else {
            throw failure(.unsupported, "it rescales by other than 1/255")
        }
        self.init(unchecked: steps, normalization: .unit)
        if settings.do_normalize ?? true {
            guard let mean = settings.image_mean, let deviation = settings.image_std, mean.count == 3,
                deviation.count == 3
            else { throw failure(.unsupported, "it normalizes and has no 'image_mean' and 'image_std' of three") }
            normalization = ImageNormalization(
                mean: [mean[0], mean[1], mean[2]], standardDeviation: [deviation[0], deviation[1], deviation[2]])
        }
        if let problem { throw failure(.damaged, "it has \(problem)") }
    }

    /// Reads a `preprocessor_config.json`.
    public init(preprocessorConfigurationAt url: URL) throws {
        let file = try MappedFile(at: url)
        guard file.byteCount <= 1 << 20 else {
            throw SerializationError(.limitExceeded, file: file.name, "a configuration of \(file.byteCount) bytes")
        }
        try self.init(preprocessorConfiguration: file.withBytes { Data($0) }, name: file.name)
    }

    private init(unchecked steps: [ImageStep], normalization: ImageNormalization) {
        inputSize = nil
        self.steps = steps
        self.normalization = normalization
    }
}

/// The settings of a `preprocessor_config.json` that are read, under its names.
private struct PreprocessorSettings: Decodable {
    enum Size: Decodable {
        case shortestEdge(Int)
        case sides(ImageSize)

        private enum CodingKeys: String, CodingKey {
            case shortest_edge, height, width
        }

        init(from decoder: any Decoder) throws {
            // older files have a number
            if let side = try? decoder.singleValueContainer().decode(Int.self) {
                self = .shortestEdge(side)
                return
            }
            let container = try decoder.container(keyedBy: CodingKeys.self)
            if let side = try container.decodeIfPresent(Int.self, forKey: .shortest_edge) {
                self = .shortestEdge(side)
            } else {
                self = .sides(
                    ImageSize(
                        width: try container.decode(Int.self, forKey: .width),
                        height: try container.decode(Int.self, forKey: .height)))
            }
        }
    }

    let do_resize, do_center_crop, do_rescale, do_normalize: Bool?
    let size, crop_size: Size?
    let resample: Int?
    let rescale_factor: Double?
    let image_mean, image_std: [Float]?
}
