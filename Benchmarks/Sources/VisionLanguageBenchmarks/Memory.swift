import BenchmarkKit
import Foundation
import TensorCore
import TensorNN
import VisionLanguage

/// What CLIP ViT-B/16 and MiniMind 512 × 8 keep resident while an image is looked at and an answer begins, against the
/// bytes of the weight files and of the tensors alive at one time.
var memoryCases: [BenchmarkCase] {
    [
        BenchmarkCase("inference_memory") {
            let folder = try TemporaryModel()
            return {
                // what making the files left behind
                BlockCache.removeAll()
                ResidentPeak.reset()
                let weights = try folder.answer()
                return [
                    MeasuredValue("inference_memory", ResidentPeak.bytes, unit: "bytes"),
                    MeasuredValue(
                        "inference_memory", Double(weights + MemoryMeter.peakBytes), unit: "bytes", role: .peer),
                ]
            }
        }
    ]
}

/// Files of the published names and sizes with random weights, removed with the value.
private final class TemporaryModel {
    private let url = FileManager.default.temporaryDirectory.appendingPathComponent("inference-memory-\(UUID())")
    private var tower: URL { url.appendingPathComponent("model.safetensors") }
    private var language: URL { url.appendingPathComponent("language") }

    init() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        var generator = PhiloxGenerator(seed: 1)
        let tower = VisionTransformer(.clipBase16, using: &generator)
        try Safetensors.write(tower.parameters.map { ($0.key, $0.value) }, to: self.tower)
        let model = VisionLanguageModel(
            tower: .transformer(tower),
            projector: Projector(.linear, inputWidth: 768, outputWidth: 512, using: &generator),
            decoder: Decoder(.miniMind07(), using: &generator))
        try ModelFolder.save(model, to: language)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Loads the model, looks at two images and says 20 tokens; the bytes of its weights.
    func answer() throws -> Int {
        var generator = PhiloxGenerator(seed: 2)
        let (model, _) = try ModelFolder.visionLanguageModel(at: language, tower: tower, using: &generator)
        MemoryMeter.resetPeak()
        let ids = [1] + [Int](repeating: 34, count: 392) + (0..<38).map { 300 + $0 }
        let runs = (0..<2).map { ImageRun(sequence: 0, tokens: 1 + 196 * $0..<197 + 196 * $0, image: $0) }
        let pixels = Tensor.uniform(-1...1, [2, 3, 224, 224], using: &generator)
        var options = SamplingOptions.greedy
        (options.maximumTokenCount, options.stopIDs) = (20, [])
        var generation = model.generate([ids], pixels: pixels, at: runs, options: options, seed: 0)
        while generation.next() != nil {}
        return model.parameters.values.reduce(0) { $0 + $1.elementCount * $1.dtype.byteSize }
    }
}

/// The largest resident size since it was reset. Linux resets it; elsewhere it is that of the process.
private enum ResidentPeak {
    static func reset() { try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs")) }

    static var bytes: Double {
        let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Double($0) }.map { $0 * 1024 }
            ?? peakResidentBytes()
    }
}
