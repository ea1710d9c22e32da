import Foundation
import ImageProcessing
import TensorCore
import TensorTestSupport
import Testing

/// What the golden suites of images read.
enum ImageFixtures {
    /// The files of this name in all folders of `golden/models` whose name begins so.
    static func files(_ prefix: String, _ name: String) -> [URL] {
        SharedFixtures.folders(in: "golden/models") { $0.hasPrefix(prefix) }.map { $0.appendingPathComponent(name) }
            .filter { FileManager.default.fileExists(atPath: $0.path) }
    }

    /// The `.safetensors` files in all folders of `golden/models` whose name begins so.
    static func tensorFiles(_ prefix: String) -> [URL] {
        SharedFixtures.folders(in: "golden/models") { $0.hasPrefix(prefix) }.flatMap { folder in
            SharedFixtures.entries(in: "golden/models/\(folder.lastPathComponent)")
        }.filter { $0.pathExtension == "safetensors" }
    }

    /// `golden.json` of the folders of samples whose name begins so.
    static func samples(_ prefix: String) -> [URL] {
        SharedFixtures.folders(in: "data/samples") { $0.hasPrefix(prefix) }.map {
            $0.appendingPathComponent("golden.json")
        }.filter { FileManager.default.fileExists(atPath: $0.path) }
    }

    /// The files of `corrupt/images`.
    static let damaged = SharedFixtures.entries(in: "data/samples/corrupt/images").filter {
        !["json", "md"].contains($0.pathExtension)
    }

    /// "31x47" or "224" as two numbers.
    static func numbers(_ text: Substring) -> (Int, Int)? {
        let parts = text.split(separator: "x").map { Int($0) }
        switch parts.count {
        case 1: return parts[0].map { ($0, $0) }
        case 2:
            if let a = parts[0], let b = parts[1] { return (a, b) }
            return nil
        default: return nil
        }
    }

    /// By peer and filter as the fixtures' names write them.
    static func resampler(_ peer: some StringProtocol, _ filter: some StringProtocol) -> Resampler? {
        switch (String(peer), String(filter)) {
        case ("pil", "bilinear"): .pillowBilinear
        case ("pil", "bicubic"): .pillowBicubic
        case ("pil", "lanczos"): .pillowLanczos
        case ("torchvision", "bilinear_aa"), ("torchvision", "bilinear_antialias"), ("torchvision", "uint8_aa"):
            .torchBilinear
        case ("torchvision", "bicubic_aa"), ("torchvision", "bicubic_antialias"): .torchBicubic
        case ("torchvision", "bilinear_noaa"): .torchBilinearWithoutAntialias
        case ("tf", "lanczos3_aa"), ("tf", "lanczos3"), ("lanczos3", "antialias"): .tensorFlowLanczos
        default: nil
        }
    }

    /// An `[height, width, 3]` tensor of bytes.
    static func image(_ tensor: Tensor) -> RGBImage {
        RGBImage(width: tensor.shape[1], height: tensor.shape[0], pixels: tensor.elements(of: UInt8.self))
    }

    /// An `[height, width, 3]` tensor of floats.
    static func floatImage(_ tensor: Tensor) -> FloatImage {
        FloatImage(width: tensor.shape[1], height: tensor.shape[0], values: tensor.floats)
    }
}

/// How many values differ, and by how much at most.
func expectPixels(
    _ image: RGBImage, _ expected: RGBImage, levels: Int = 0, share: Double = 1, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard image.size == expected.size else {
        Issue.record("\(what): \(image.size), expected \(expected.size)", sourceLocation: sourceLocation)
        return
    }
    var (different, most) = (0, 0)
    image.pixels.withUnsafeBufferPointer { a in
        expected.pixels.withUnsafeBufferPointer { b in
            for i in 0..<a.count where a[i] != b[i] {
                different += 1
                most = max(most, abs(Int(a[i]) - Int(b[i])))
            }
        }
    }
    let allowed = levels == 0 ? 0 : Int((share * Double(image.pixels.count)).rounded(.up))
    if most > levels || different > allowed {
        Issue.record(
            "\(what): \(different) of \(image.pixels.count) values differ, by up to \(most) levels",
            sourceLocation: sourceLocation)
    }
}
