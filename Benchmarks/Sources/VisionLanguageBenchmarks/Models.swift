import BenchmarkKit
import Foundation
import TensorCore
import TensorNN
import VisionLanguage

/// CLIP's and MiniMind's forward passes at their published sizes, with random weights, against eager PyTorch.
var modelCases: [BenchmarkCase] {
    [
        BenchmarkCase("clip_forward") {
            var generator = PhiloxGenerator(seed: 1)
            let tower = VisionTransformer(.clipBase16, using: &generator)
            let pixels = Tensor.uniform(-1...1, [2, 3, 224, 224], using: &generator)
            func run() { _ = tower(pixels) }
            for _ in 0..<3 { run() }
            let bound = ProductBound(of: run)
            return { bound.measure("clip_forward", run) }
        },
        BenchmarkCase("prefill_431") {
            let (decoder, vectors) = prompt()
            func run() {
                var cache: KeyValueCache? = decoder.makeCache()
                let hidden = decoder(vectors, cache: &cache).hidden
                _ = decoder.logits(hidden.select(axis: 1, 430).contiguous)
            }
            for _ in 0..<3 { run() }
            let bound = ProductBound(of: run)
            return { bound.measure("prefill_431", run) }
        },
        BenchmarkCase("decode_step") {
            let (decoder, vectors) = prompt()
            let halves = try decoder.keepingHalves()
            let (whole, half) = (DecodeSteps(decoder, after: vectors), DecodeSteps(halves, after: vectors))
            return {
                [
                    MeasuredValue("decode_step", whole.milliseconds(), unit: "ms"),
                    MeasuredValue("decode_step/float16", half.milliseconds(), unit: "ms"),
                ]
            }
        },
    ]
}

/// Cached steps of one token each behind a prompt.
private struct DecodeSteps {
    private let decoder: Decoder
    private let start: KeyValueCache?

    init(_ decoder: Decoder, after vectors: Tensor) {
        var cache: KeyValueCache? = decoder.makeCache()
        _ = decoder(vectors, cache: &cache)
        (self.decoder, start) = (decoder, cache)
        run(20)
    }

    private func run(_ count: Int) {
        var cache = start
        for id in 1...count {
            let hidden = decoder(decoder.embed(Tensor(integers: [id], [1, 1])), cache: &cache).hidden
            _ = decoder.logits(hidden.select(axis: 1, 0).contiguous)
        }
    }

    func milliseconds() -> Double { secondsToRun { run(50) } / 50 * 1e3 }
}

extension Decoder {
    /// The same model from a file of `float16`, as MiniMind's are published, whose matrices stay as they are stored: the
    /// same values in half the memory.
    fileprivate func keepingHalves() throws -> Decoder {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("decode-step-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        try ModelFolder.save(self, to: folder, as: .float16)
        var options = LoadingOptions()
        options.keepsStoredMatrices = true
        return try ModelFolder.decoder(at: folder, options).decoder
    }
}

/// MiniMind 512 × 8 and the 431 embedded tokens of a robot's prompt: two cameras, a state, an instruction.
private func prompt() -> (Decoder, Tensor) {
    var generator = PhiloxGenerator(seed: 2)
    let decoder = Decoder(.miniMind07(), using: &generator)
    return (decoder, Tensor.normal([1, 431, 512], using: &generator))
}

/// The time a forward pass would take if it were one large matrix product.
private struct ProductBound {
    /// Floating-point operations of the pass, as its operations state them.
    let operations: Double

    init(of run: () -> Void) {
        Profiler.start()
        run()
        operations = Double(Profiler.stop().operations.reduce(0) { $0 + $1.operations })
    }

    /// The pass's time, and in the same round that of a product of 1536³ for the share of its rate.
    func measure(_ name: String, _ run: () -> Void) -> [MeasuredValue] {
        let seconds = secondsToRun(run)
        let bound = operations / Self.operationsPerSecond()
        return [
            MeasuredValue(name, seconds, unit: "s"),
            MeasuredValue(name + "/sgemm_share", bound, unit: "s", role: .ours),
            MeasuredValue(name + "/sgemm_share", seconds, unit: "s", role: .peer),
        ]
    }

    private static func operationsPerSecond() -> Double {
        let size = 1536
        let (a, b) = (Tensor.full([size, size], 0.5), Tensor.full([size, size], 0.25))
        return 2 * Double(size * size * size) / secondsToRun { _ = matmul(a, transposed: b) }
    }
}
