import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import TensorTraining
import Testing

@testable import PeerPolicies

/// Diffusion Policy of LeRobot 0.6.1 and 0.3.3 (PyTorch 2.11, diffusers 0.39), `golden/peers`.
@Suite struct DiffusionGoldenTests {
    @Test(arguments: PeerCase.all("diffusion"))
    func stagesAndChunksMatchLeRobot(peer: PeerCase) throws {
        let io = try peer.io
        let relative = try peer.tolerance("activations_rel")
        let absolute = try peer.tolerance("chunk_normalised_abs")
        for checkpoint in try peer.checkpoints {
            let policy = try DiffusionPolicy(LeRobotFolder(at: checkpoint))
            let configuration = policy.configuration
            let inputs = try peer.inputs(io, "in.")
            let prepared = try policy.preparation.prepare(inputs, steps: configuration.observationSteps)
            expectNear(prepared.state!, try io("pre.observation.state"), absolute: 1e-5, "state")
            if let environment = prepared.environment, let feature = policy.preparation.environment {
                expectNear(environment, try io("pre.\(feature.name)"), absolute: 1e-5, "environment")
            }

            // noise levels
            expectNear(
                Tensor(configuration.scheduler.cumulativeAlphas), try io("act.alphas_cumprod"), relative: 1e-6, "ᾱ")
            #expect(
                configuration.scheduler.times(configuration.inferenceSteps) == (try io("act.timesteps")).integers)

            // condition
            var none: BatchStatistics?
            var errors: [any Error] = []
            func compare(_ name: String, _ value: Tensor) {
                do {
                    var (value, expected) = (value, try io("act.\(name)"))
                    if value.rank == 4 { value = value.channelsFirst }
                    if value.shape[0] > expected.shape[0] { value = value[0..<expected.shape[0]].contiguous }
                    if name == "keypoints" { value = value.reshaped(expected.shape.sizes) }
                    if ["down", "mid", "up"].contains(where: name.hasPrefix) {
                        value = value.permuted([0, 2, 1]).contiguous
                    }
                    if name == "time_embedding" { expected = expected[0] }
                    expectNear(value, expected, absolute: 1e-6, relative: relative, name)
                } catch { errors.append(error) }
            }
            let condition = policy.model.condition(prepared, statistics: &none, observe: compare)
            expectNear(condition, try io("act.global_condition"), relative: relative, "condition")

            // samplers
            let (noise, stepNoise) = (try io("in.noise"), try io("in.step_noise"))
            let (outputs, samples) = (try io("act.unet"), try io("act.samples"))
            let first = policy.model.network(
                noise,
                times: [Int](
                    repeating: configuration.scheduler.times(configuration.inferenceSteps)[0], count: noise.shape[0]),
                condition: condition, observe: compare)
            expectNear(first, outputs[0], relative: relative, "network")
            let horizon = policy.model.sample(condition: condition, noise: noise) {
                stepNoise[$0]
            } observe: {
                step, output, sample in
                expectNear(output, outputs[step], absolute: absolute, relative: relative, "output \(step)")
                expectNear(sample, samples[step], absolute: absolute, "sample \(step)")
            }
            expectNear(horizon, try io("out.horizon_normalised"), absolute: absolute, "horizon")
            if let other = try peer.settings["other_sampler"]?.string.flatMap(NoiseScheduler.Kind.init) {
                let sampled = policy.model.sample(condition: condition, noise: noise, kind: other) { stepNoise[$0] }
                expectNear(
                    sampled, try io("out.other_sampler_horizon_normalised"), absolute: absolute, other.rawValue)
            }
            expectNear(
                policy.executed(horizon).contiguous, try io("out.chunk_normalised"), absolute: absolute, "executed")
            let chunks = try policy.chunks(inputs, noise: noise) { stepNoise[$0] }
            expectNear(chunks, try io("out.chunk"), absolute: absolute, relative: absolute, "chunk")
            for row in 0..<chunks.shape[0] {
                let single = try policy.chunks(inputs.row(row), noise: noise[row..<row + 1].contiguous) {
                    stepNoise[$0][row..<row + 1].contiguous
                }
                #expect(single.floats == chunks[row].floats, "row \(row) alone has other bits")
            }
            for error in errors { Issue.record(error) }
        }
    }

    @Test(arguments: PeerCase.all("diffusion"))
    func loopMatchesLeRobot(peer: PeerCase) throws {
        let io = try peer.io
        let absolute = try peer.tolerance("chunk_normalised_abs")
        let policy = try DiffusionPolicy(LeRobotFolder(at: try peer.checkpoints[0]))
        var session = DiffusionSession(policy)
        let called = (try peer.settings["loop"]?["network_called"]?.array ?? []).compactMap(\.bool)
        let (noise, stepNoise) = (try io("loop.noise"), try io("loop.step_noise"))
        let expected = try io("loop.actions")
        // images are stored while a later call reads them
        var last = try peer.inputs(io, "loop.0.in.")
        for step in 0..<expected.shape[0] {
            let stored = try peer.inputs(io, "loop.\(step).in.")
            last.images.merge(stored.images) { $1 }
            last.vectors.merge(stored.vectors) { $1 }
            let before = session.callCount
            let action = try session.action(for: last) { policy, inputs, call in
                try policy.chunks(inputs, noise: noise[call]) { stepNoise[call][$0] }
            }
            #expect((session.callCount > before) == called[step])
            expectNear(Tensor(action), expected[step], absolute: absolute, relative: absolute, "step \(step)")
        }
    }

    @Test(arguments: PeerCase.all("diffusion"))
    func gradientsAndFiveStepsMatchPyTorch(peer: PeerCase) throws {
        let io = try peer.io
        guard let training = try peer.settings["training"] else { return }
        let policy = try DiffusionPolicy(LeRobotFolder(at: try peer.checkpoints[0]))
        let configuration = policy.configuration
        let inputs = try policy.preparation.prepare(
            try peer.inputs(io, "train.in."), steps: configuration.observationSteps)
        let targets = try peer.targets(io)
        let (noise, times, offsets) = (
            try io("train.noise"), try io("train.timesteps"), try io("train.crop_offsets")
        )
        let betas = training["betas"]!.array!.compactMap(\.double)
        var optimizer = AdamW(
            learningRate: training["lr"]!.double!, beta1: betas[0], beta2: betas[1],
            epsilon: training["eps"]!.double!, weightDecay: 0)
        let losses = training["losses"]!.array!.compactMap(\.double)
        let norms = training["grad_norms_before_clip"]!.array!.compactMap(\.double)
        let lossTolerance = try peer.tolerance("losses_rel")
        var model = policy.model
        for step in losses.indices {
            let crops = (0..<offsets.shape[1]).map { encoder -> (top: Int, left: Int) in
                let place = offsets[step][encoder].integers
                return (place[0], place[1])
            }
            var (loss, statistics, gradients) = valueAndGradient(of: model) { model in
                var statistics: BatchStatistics? = BatchStatistics()
                let loss = policy.loss(
                    of: model, inputs, targets, noise: noise[step], times: times[step].integers, crops: crops,
                    statistics: &statistics)
                return (loss, statistics!)
            }
            #expect(abs(Double(loss) - losses[step]) <= lossTolerance * losses[step], "loss \(step): \(loss)")
            if step == 0 {
                let golden = try Golden(peer.url.appendingPathComponent("grads.safetensors"))
                #expect(Set(golden.names) == Set(gradients.names))
                for name in golden.names {
                    guard let gradient = gradients[name] else { continue }
                    expectNear(
                        gradient, try golden(name), absolute: 1e-7,
                        relative: try peer.tolerance("gradients_rel_to_max"), name)
                }
            }
            let norm = gradients.clip(toNorm: training["clip_norm"]!.double!)
            #expect(abs(norm - norms[step]) <= 1e-3 * norms[step])
            optimizer.update(
                &model, with: gradients.addingDecay(training["weight_decay"]!.double!, of: model))
            model.update(with: statistics)
        }
        try expectFinalWeights(model, peer)
    }
}
