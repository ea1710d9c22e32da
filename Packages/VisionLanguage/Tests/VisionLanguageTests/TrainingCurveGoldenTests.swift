import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import TensorTraining
import Testing
import VisionLanguage

/// Ten AdamW steps of tiny models, step by step against PyTorch.
@Suite struct TrainingCurveGoldenTests {
    struct Run: Decodable, Sendable {
        var training: Training
        var tolerance: Tolerances
        var steps: [Step]

        struct Training: Decodable, Sendable {
            var base_lr: Double
            var schedule: MiniMindGeneration
            var total_steps: Int
            var betas: [Double]
            var eps: Double
            var weight_decay: Double
            var clip: Double?
            var trainable: [String]
        }
        struct Tolerances: Decodable, Sendable {
            var loss: Double
            var grad_norm_relative: Double
            var final_max: Double
            var final_rms: Double
        }
        struct Step: Decodable, Sendable {
            var lr: Double
            var micro_losses: [Double]
            var grad_norm: Double
        }
    }

    private struct Inner: Decodable { var projector_only: Run? }

    static func folders(_ prefix: String) -> [URL] {
        SharedFixtures.folders(in: "golden/models") { $0.hasPrefix(prefix) }
    }

    @Test(arguments: folders("curve_lm"))
    func decodersFollowPyTorch(folder: URL) throws {
        let fixture = DecoderFixture(folder: folder)
        let run: Run = try Golden.json(folder.appendingPathComponent("case.json"))
        let io = try fixture.golden("io")
        var decoder = try fixture.decoder()
        try follow(run, &decoder, final: try fixture.golden("final")) { decoder, place in
            let (ids, labels) = (try io(place + "input_ids"), try io(place + "labels"))
            let length = ids.shape[1]
            let output = decoder(decoder.embed(ids.slice(axis: 1, 0..<length - 1).contiguous))
            let targets = labels.slice(axis: 1, 1..<length).integers
            return linearCrossEntropy(hidden: output.hidden, weight: decoder.headWeight, targets: targets)
        }
    }

    @Test(arguments: folders("curve_vlm"))
    func modelsFollowPyTorch(folder: URL) throws {
        try followModel(folder, Golden.json(folder.appendingPathComponent("case.json")), final: "final")
        let inner: Inner = try Golden.json(folder.appendingPathComponent("case.json"))
        if let run = inner.projector_only { try followModel(folder, run, final: "final_projector_only") }
    }

    private func followModel(_ folder: URL, _ run: Run, final: String) throws {
        let fixture = VisionLanguageFixture(folder: folder)
        let (io, description) = (try fixture.golden("io"), try fixture.description)
        var model = try fixture.model()
        var recipe = VisionLanguageRecipe()
        recipe.trains = run.training.trainable.contains("model.") ? .decoder : .projector
        recipe.prepare(&model)
        model.forEachParameter { name, parameter in
            let expected = run.training.trainable.contains { name.hasPrefix($0) }
            #expect(parameter.isTrainable == expected, "\(name)")
        }
        let pixels = try io("pixel_values")
        try follow(run, &model, final: try fixture.golden(final)) { model, place in
            let ids = try io(place + "input_ids")
            let images = try io(place + "image_index").integers
            let runs = try ImageRun.find(
                in: (0..<ids.shape[0]).map { ids[$0].integers }, placeholder: description.image_token_id,
                tokensPerImage: description.tokens_per_image)
            let batch = VisionLanguageBatch(
                ids: ids, labels: try io(place + "labels"), pixels: pixels.gatheringRows(images), runs: runs)
            var none: Dropout?
            return model.loss(on: batch, dropout: &none)
        }
    }

    private func follow<M: Module>(
        _ run: Run, _ model: inout M, final: Golden, _ loss: (M, String) throws -> Tensor
    ) throws {
        let (training, tolerance) = (run.training, run.tolerance)
        var recipe = VisionLanguageRecipe()
        (recipe.generation, recipe.baseRate) = (training.schedule, training.base_lr)
        let schedule = recipe.schedule(stepCount: training.total_steps)
        var optimizer = AdamW(
            learningRate: training.base_lr, beta1: training.betas[0], beta2: training.betas[1], epsilon: training.eps,
            weightDecay: training.weight_decay)
        for (index, step) in run.steps.enumerated() {
            var accumulator = GradientAccumulator(count: step.micro_losses.count)
            var sum: Gradients?
            for (micro, expected) in step.micro_losses.enumerated() {
                let (value, gradients) = try valueAndGradient(of: model) { try loss($0, "step\(index)/micro\(micro)/") }
                expectClose(
                    Double(value), expected, within: .init(relative: 0, absolute: tolerance.loss),
                    "loss of step \(index), micro-batch \(micro)")
                sum = accumulator.add(gradients)
            }
            var gradients = try #require(sum)
            let norm = training.clip.map { gradients.clip(toNorm: $0) } ?? gradients.norm
            #expect(abs(norm - step.grad_norm) <= tolerance.grad_norm_relative * max(1, step.grad_norm))
            optimizer.learningRate = schedule.rate(afterUpdates: index)
            expectClose(optimizer.learningRate, step.lr, within: .init(relative: 1e-12, absolute: 0), "rate")
            optimizer.update(&model, with: gradients)
        }

        // single weights and their root-mean-square distance, over all that the reference keeps
        var (largest, squares, count) = (0.0, 0.0, 0)
        for (name, value) in model.parameters where final.names.contains(name) {
            for (a, b) in zip(value.floats, try final(name).floats) {
                let difference = abs(Double(a) - Double(b))
                largest = max(largest, difference)
                squares += difference * difference
                count += 1
            }
        }
        #expect(count > 0 && largest <= tolerance.final_max)
        #expect((squares / Double(count)).squareRoot() <= tolerance.final_rms)
    }
}
