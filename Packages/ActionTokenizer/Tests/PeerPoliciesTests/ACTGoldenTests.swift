import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import TensorTraining
import Testing

@testable import PeerPolicies

/// ACT of LeRobot 0.6.1 and 0.3.3 (PyTorch 2.11), `golden/peers`.
@Suite struct ACTGoldenTests {
    @Test(arguments: PeerCase.all("act"))
    func stagesMatchLeRobot(peer: PeerCase) throws {
        let io = try peer.io
        let folder = try LeRobotFolder(at: try peer.checkpoints[0])
        let policy = try ACTPolicy(folder)
        let inputs = try peer.inputs(io, "in.")
        let prepared = try policy.preparation.prepare(inputs)
        let relative = try peer.tolerance("activations_rel")

        for (camera, image) in zip(policy.preparation.cameras, prepared.images) {
            expectNear(image.channelsFirst, try io("pre.\(camera.name)"), absolute: 1e-5, camera.name)
        }
        if let state = prepared.state {
            expectNear(state, try io("pre.observation.state"), absolute: 1e-5, "state")
        }
        let model = policy.model
        for (index, image) in prepared.images.enumerated() {
            var none: BatchStatistics?
            let map = model.backbone!(image, statistics: &none)
            expectNear(map.channelsFirst, try io("act.backbone.\(index)"), relative: relative, "backbone \(index)")
        }
        let (tokens, positions) = model.tokens(prepared, latent: nil)
        expectNear(tokens.tokensFirst, try io("act.encoder_in"), relative: relative, "tokens")
        expectNear(positions.tokensFirst, try io("act.encoder_pos"), absolute: 1e-5, "positions")
        var none: Dropout?
        var x = tokens
        for (index, layer) in model.encoder.layers.enumerated() {
            x = layer(x, positions: positions, dropout: &none)
            expectNear(x.tokensFirst, try io("act.encoder.\(index)"), relative: relative, "encoder \(index)")
        }
        let memory = model.encode(tokens, positions, dropout: &none)
        expectNear(memory.tokensFirst, try io("act.encoder_out"), relative: relative, "encoder")
        let decoded = model.decode(memory, positions, dropout: &none)
        expectNear(decoded.tokensFirst, try io("act.decoder_out"), relative: relative, "decoder")
    }

    @Test(arguments: PeerCase.all("act"))
    func chunksMatchLeRobot(peer: PeerCase) throws {
        let io = try peer.io
        var first: Tensor?
        for checkpoint in try peer.checkpoints {
            let policy = try ACTPolicy(LeRobotFolder(at: checkpoint))
            let inputs = try peer.inputs(io, "in.")
            let tolerance = try peer.tolerance("normalised_chunk_abs", "chunk_normalised_abs")
            expectNear(
                try policy.normalizedChunks(inputs), try io("out.chunk_normalised"), absolute: tolerance, "normalized")
            let chunks = try policy.chunks(inputs)
            expectNear(chunks, try io("out.chunk"), absolute: tolerance, relative: tolerance, "chunk")
            // a row alone has the same bits
            for row in 0..<chunks.shape[0] {
                #expect(try policy.chunks(inputs.row(row)).floats == chunks[row].floats)
            }
            // and both layouts have
            if let first { #expect(first.floats == chunks.floats) }
            first = chunks
        }
    }

    @Test(arguments: PeerCase.all("act"))
    func loopAndEnsembleMatchLeRobot(peer: PeerCase) throws {
        let (io, settings) = (try peer.io, try peer.settings)
        let tolerance = try peer.tolerance("normalised_chunk_abs", "chunk_normalised_abs")
        let policy = try ACTPolicy(LeRobotFolder(at: try peer.checkpoints[0]))
        var session = ACTSession(policy)
        let called = (settings["loop"]?["network_called"]?.array ?? []).compactMap(\.bool)
        let expected = try io("loop.actions")
        for step in 0..<expected.shape[0] {
            let before = session.callCount
            let action = try session.action(for: try peer.inputs(io, "loop.\(step).in."))
            #expect((session.callCount > before) == called[step])
            expectNear(
                Tensor(action), expected[step], absolute: tolerance, relative: tolerance, "step \(step)")
        }
        let chunks = try io("ensemble.chunks_normalised")
        for coefficient in settings["ensemble"]?["coefficients"]?.array ?? [] {
            guard case .number(let text) = coefficient, let m = coefficient.double else { continue }
            var ensemble = TemporalEnsemble(coefficient: m, chunkSize: chunks.shape[1])
            let (normalized, actions) = (try io("ensemble.\(text).normalised"), try io("ensemble.\(text).actions"))
            for step in 0..<chunks.shape[0] {
                let chunk = (0..<chunks.shape[1]).map { chunks[step][$0].floats }
                let action = ensemble.update(with: chunk)
                expectNear(Tensor(action), normalized[step], absolute: 1e-5, "m \(text), step \(step)")
                let robot = policy.preparation.actions(Tensor(action, [1, 1, action.count])).reshaped([-1])
                expectNear(robot, actions[step], absolute: 1e-5, relative: 1e-5, "m \(text), step \(step)")
            }
        }
    }

    @Test(arguments: PeerCase.all("act"))
    func gradientsAndFiveStepsMatchPyTorch(peer: PeerCase) throws {
        let (io, settings) = (try peer.io, try peer.settings)
        guard let training = settings["training"] else { return }
        let policy = try ACTPolicy(LeRobotFolder(at: try peer.checkpoints[0]))
        let inputs = try policy.preparation.prepare(try peer.inputs(io, "train.in."))
        let targets = try peer.targets(io)
        expectNear(
            policy.preparation.normalizedActions(targets.actions), try io("train.action_normalised"), absolute: 1e-5)
        let noise = try io("train.latent_noise")
        let rate = training["lr"]!.double!
        let backboneRate = training["lr_backbone"]!.double!
        let betas = training["betas"]!.array!.compactMap(\.double)
        var optimizer = AdamW(
            learningRate: rate, beta1: betas[0], beta2: betas[1], epsilon: training["eps"]!.double!,
            weightDecay: training["weight_decay"]!.double!,
            groups: [ParameterGroup(rateScale: backboneRate / rate, where: ACTPolicy.isBackbone)])
        let losses = training["losses"]!.array!.compactMap(\.double)
        let norms = training["grad_norms_before_clip"]!.array!.compactMap(\.double)
        let lossTolerance = try peer.tolerance("losses_rel")
        var model = policy.model
        for step in losses.indices {
            var (loss, gradients) = try valueAndGradient(of: model) { model in
                var none: Dropout?
                return try policy.loss(of: model, inputs, targets, latentNoise: noise[step], dropout: &none).total
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
            optimizer.update(&model, with: gradients)
        }
        try expectFinalWeights(model, peer)
    }
}

/// Compares parameters with `final.safetensors`: each within the case's largest distance, all together within its
/// root mean square.
func expectFinalWeights(_ model: some Module, _ peer: PeerCase) throws {
    let golden = try Golden(peer.url.appendingPathComponent("final.safetensors"))
    let parameters = model.parameters
    var (squares, count, worst) = (0.0, 0, 0.0)
    for name in golden.names {
        guard let parameter = parameters[name] else {
            if !name.hasSuffix("num_batches_tracked") { Issue.record("no parameter \(name)") }
            continue
        }
        let expected = try golden(name)
        guard expected.dtype.isFloatingPoint else { continue }
        for (a, b) in zip(parameter.floats, expected.floats) {
            let difference = Double(abs(a - b))
            worst = max(worst, difference)
            squares += difference * difference
            count += 1
        }
    }
    #expect(worst <= (try peer.tolerance("final_weights_max_abs")))
    #expect((squares / Double(count)).squareRoot() <= (try peer.tolerance("final_weights_rms")))
}
