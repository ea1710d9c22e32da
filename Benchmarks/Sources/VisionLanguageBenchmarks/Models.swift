import BenchmarkKit
import TensorCore
import TensorNN
import VisionLanguage

/// CLIP's and MiniMind's forward passes at their published sizes, with random weights, against eager PyTorch.
var modelCases: [BenchmarkCase] {
    [
        BenchmarkCase("clip_forward") {
            var generator = CounterGenerator(seed: 1)
            let tower = VisionTransformer(.clipBase16, using: &generator)
            let pixels = Tensor.uniform(-1...1, [2, 3, 224, 224], using: &generator)
            func run() { _ = tower(pixels) }
            for _ in 0..<3 { run() }
            return { [MeasuredValue("clip_forward", secondsToRun(run), unit: "s")] }
        },
        BenchmarkCase("prefill_431") {
            let (decoder, vectors) = prompt()
            func run() {
                var cache: KeyValueCache? = decoder.makeCache()
                let hidden = decoder(vectors, cache: &cache).hidden
                _ = decoder.logits(hidden.select(axis: 1, 430).contiguous)
            }
            for _ in 0..<3 { run() }
            return { [MeasuredValue("prefill_431", secondsToRun(run), unit: "s")] }
        },
        BenchmarkCase("decode_step") {
            let (decoder, vectors) = prompt()
            var cache: KeyValueCache? = decoder.makeCache()
            _ = decoder(vectors, cache: &cache)
            let start = cache
            func steps(_ count: Int) {
                var cache = start
                for id in 1...count {
                    let hidden = decoder(decoder.embed(Tensor(integers: [id], [1, 1])), cache: &cache).hidden
                    _ = decoder.logits(hidden.select(axis: 1, 0).contiguous)
                }
            }
            steps(20)
            return { [MeasuredValue("decode_step", secondsToRun { steps(50) } / 50 * 1e3, unit: "ms")] }
        },
    ]
}

/// MiniMind 512 × 8 and the 431 embedded tokens of a robot's prompt: two cameras, a state, an instruction.
private func prompt() -> (Decoder, Tensor) {
    var generator = CounterGenerator(seed: 2)
    let decoder = Decoder(.miniMind07(), using: &generator)
    return (decoder, Tensor.normal([1, 431, 512], using: &generator))
}
