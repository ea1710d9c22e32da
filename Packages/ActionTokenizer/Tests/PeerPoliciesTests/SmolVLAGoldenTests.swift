import FileSupport
import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import Testing

@testable import PeerPolicies

/// SmolVLA of LeRobot 0.6.1 (transformers 5.5, PyTorch 2.11), `golden/peers`.
@Suite struct SmolVLAGoldenTests {
    private func load(_ peer: PeerCase) throws -> SmolVLAPolicy {
        let vlm = try peer.settings["vlm_folder"]?.string.map { peer.url.appendingPathComponent($0) }
        return try SmolVLAPolicy(LeRobotFolder(at: try peer.checkpoints[0]), vlmFolder: vlm)
    }

    private func inputs(_ peer: PeerCase, _ io: Golden) throws -> LeRobotInputs {
        var inputs = try peer.inputs(io, "in.")
        inputs.tasks = (try peer.settings["tasks"]?.array ?? []).compactMap(\.string)
        return inputs
    }

    @Test(arguments: PeerCase.all("smolvla"))
    func tokensMatchTransformers(peer: PeerCase) throws {
        let policy = try load(peer)
        let file = peer.url.appendingPathComponent("tokens.json")
        let cases = try StrictJSON(parsing: Data(contentsOf: file), file: file.path).array ?? []
        #expect(!cases.isEmpty)
        for entry in cases {
            let ids = entry["ids"]!.array!.compactMap(\.integer)
            #expect(policy.tokenizer.encode(entry["text"]!.string!) == ids, "\(entry["text"]!.string!)")
        }
    }

    @Test(arguments: PeerCase.all("smolvla"))
    func stagesMatchLeRobot(peer: PeerCase) throws {
        let (io, policy) = (try peer.io, try load(peer))
        let relative = try peer.tolerance("activations_rel")
        let inputs = try inputs(peer, io)
        let (valid, positions) = (try io("act.prefix_valid"), try io("act.prefix_positions"))
        let mask = try io("act.prefix_mask")
        var errors: [any Error] = []
        for index in 0..<valid.shape[0] {
            let row = try policy.row(inputs, index)
            // images
            for (camera, image) in row.images.enumerated() {
                let expected = try io("pre.image.\(camera)")[index]
                let isValid = try io("pre.image_mask.\(camera)").integers[index] != 0
                #expect(isValid == (image != nil))
                if let image {
                    expectNear(
                        image.channelsFirst[0].contiguous, expected.contiguous, absolute: 1e-5, "image \(camera)")
                }
            }
            let padding = try io("pre.language.attention_mask")[index].integers
            let ids = zip(try io("pre.language.tokens")[index].integers, padding).filter { $0.1 != 0 }.map(\.0)
            #expect(row.ids == ids)

            // prefix: the valid rows of the reference
            let validity = valid[index].integers
            let rows = validity.indices.filter { validity[$0] != 0 }
            let vectors = policy.model.prefixVectors(
                images: row.images, ids: row.ids, special: try policy.specialTokens(), state: row.state
            ) { stage, camera, value in
                do {
                    let name = "act.\(stage).\(camera)"
                    guard io.names.contains(name) else { return }
                    expectNear(
                        value[0].contiguous, try io(name)[index].contiguous, relative: relative, "\(stage) \(camera)")
                } catch { errors.append(error) }
            }
            #expect(vectors.shape[1] == rows.count)
            guard vectors.shape[1] == rows.count else { return }
            func validRows(_ x: Tensor) -> Tensor { x.contiguous.gatheringRows(rows) }
            expectNear(vectors[0], validRows(try io("act.prefix_embeddings")[index]), relative: relative, "prefix")
            let places = positions[index].integers
            #expect(rows.map { places[$0] } == Array(0..<rows.count))
            // the mask among valid rows: all see all but the state, which is last
            for (a, from) in rows.enumerated() {
                let seen = mask[index][from].integers
                let expected = rows.indices.map { a == rows.count - 1 || $0 < rows.count - 1 }
                #expect(rows.map { seen[$0] != 0 } == expected)
            }
            let prefix = policy.model.completed(policy.model.prefix(vectors))
            for layer in prefix.keys.indices {
                for (name, value) in [("key", prefix.keys[layer]), ("value", prefix.values[layer])] {
                    let expected = try io("act.kv.\(layer).\(name)")[index].permuted([1, 0, 2]).contiguous
                    expectNear(value[0].contiguous, validRows(expected), relative: relative, "\(name) \(layer)")
                }
            }

            // expert
            let (noise, x, velocity) = (try io("in.noise"), try io("act.x"), try io("act.velocity"))
            let times = try io("act.times").floats
            for step in 0..<policy.configuration.stepCount {
                #expect(abs(policy.model.time(step) - times[step]) < 1e-6)
            }
            let v = policy.model.velocity(
                noise[index..<index + 1].contiguous, time: policy.model.time(0), prefix: prefix
            ) { stage, value in
                do {
                    let name = "act.\(stage)"
                    guard io.names.contains(name) else { return }
                    expectNear(value[0].contiguous, try io(name)[index].contiguous, relative: relative, stage)
                } catch { errors.append(error) }
            }
            expectNear(v[0].contiguous, velocity[0][index].contiguous, relative: relative, "velocity")
            _ = policy.model.denoise(noise[index..<index + 1].contiguous, prefix: { prefix }) { step, sample, v in
                expectNear(sample[0].contiguous, x[step][index].contiguous, relative: relative, "x \(step)")
                expectNear(v[0].contiguous, velocity[step][index].contiguous, relative: relative, "v \(step)")
            }
        }
        for error in errors { Issue.record(error) }
    }

    @Test(arguments: PeerCase.all("smolvla"))
    func chunksMatchLeRobotCachedAndInAnyBatch(peer: PeerCase) throws {
        let (io, policy) = (try peer.io, try load(peer))
        let absolute = try peer.tolerance("chunk_normalised_abs")
        let (inputs, noise) = (try inputs(peer, io), try io("in.noise"))
        let normalized = try policy.normalizedChunks(inputs, noise: noise)
        expectNear(normalized, try io("out.chunk_normalised"), absolute: absolute, "normalized")
        let chunks = try policy.chunks(inputs, noise: noise)
        expectNear(chunks, try io("out.chunk"), absolute: absolute, relative: absolute, "chunk")
        let uncached = try policy.normalizedChunks(inputs, noise: noise, usesCache: false)
        #expect(uncached.floats == normalized.floats, "without the cache the bits differ")
        for row in 0..<noise.shape[0] {
            let single = try policy.normalizedChunks(inputs.row(row), noise: noise[row..<row + 1].contiguous)
            #expect(single.floats == normalized[row].floats, "row \(row) alone has other bits")
        }
    }

    @Test(arguments: PeerCase.all("smolvla"))
    func loopMatchesLeRobot(peer: PeerCase) throws {
        let (io, policy) = (try peer.io, try load(peer))
        let absolute = try peer.tolerance("chunk_normalised_abs")
        let expected = try io("loop.actions")
        let called = (try peer.settings["loop"]?["network_called"]?.array ?? []).compactMap(\.bool)
        let task = try peer.settings["tasks"]?.array?.first?.string ?? ""
        var queue: [Tensor] = []
        for step in 0..<expected.shape[0] {
            #expect(queue.isEmpty == called[step])
            if queue.isEmpty {
                var inputs = try peer.inputs(io, "loop.\(step).in.")
                inputs.tasks = [task]
                let chunk = try policy.chunks(inputs, noise: try io("loop.\(step).in.noise"))
                queue = (0..<policy.configuration.actionSteps).map { chunk[0][$0].contiguous }
            }
            expectNear(
                queue.removeFirst(), expected[step].contiguous, absolute: absolute, relative: absolute, "step \(step)")
        }
    }

    @Test(arguments: PeerCase.all("smolvla"))
    func trainingLossMatchesLeRobot(peer: PeerCase) throws {
        let (io, policy) = (try peer.io, try load(peer))
        guard let training = try peer.settings["training_forward"], let expected = training["loss"]?.double else {
            return
        }
        let inputs = try inputs(peer, io)
        let targets = try peer.targets(io)
        expectNear(
            policy.preparation.normalizedActions(targets.actions), try io("train.action_normalised"), absolute: 1e-5)
        let (noise, times) = (try io("train.noise"), try io("train.time").floats)
        let chunk = targets.actions.shape[1]
        var (sum, count) = (0.0, 0)
        for index in 0..<noise.shape[0] {
            let prefix = try policy.prefix(inputs, row: index)
            let part = policy.squaredError(
                of: policy.model, prefix: prefix, actions: targets.actions[index].contiguous,
                isPadded: Array(targets.isPadded[index * chunk..<(index + 1) * chunk]),
                noise: noise[index].contiguous, time: times[index])
            sum += Double(part.sum.scalar)
            count += part.count
        }
        let loss = sum / Double(count)
        #expect(
            abs(loss - expected) <= (try peer.tolerance("loss_rel")) * expected, "loss \(loss), expected \(expected)")

        // the expert alone gets gradients, the prefix being a constant
        var model = policy.model
        model.setTrainable(false)
        model.setTrainable(true, where: SmolVLAPolicy.isTrained)
        let prefix = try policy.prefix(inputs, row: 0)
        let (_, gradients) = valueAndGradient(of: model) { model in
            policy.squaredError(
                of: model, prefix: prefix, actions: targets.actions[0].contiguous,
                isPadded: Array(targets.isPadded[0..<chunk]), noise: noise[0].contiguous, time: times[0]
            ).sum
        }
        var trained: Set<String> = []
        model.forEachParameter { name, parameter in if parameter.isTrainable { trained.insert(name) } }
        #expect(Set(gradients.names) == trained && !trained.isEmpty)
    }
}
