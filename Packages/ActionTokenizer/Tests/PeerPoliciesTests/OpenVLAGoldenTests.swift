import FileSupport
import Foundation
import ImageProcessing
import TensorCore
import TensorNN
import TensorTestSupport
import Testing

@testable import PeerPolicies

/// OpenVLA of transformers 4.40.1 and timm 0.9.16 (PyTorch 2.11), `golden/peers`.
@Suite struct OpenVLAGoldenTests {
    static func image(_ tensor: Tensor) -> RGBImage {
        RGBImage(width: tensor.shape[1], height: tensor.shape[0], pixels: tensor.elements(of: UInt8.self))
    }

    static func samples(_ io: Golden) -> [Int] {
        Set(io.names.compactMap { Int($0.prefix { $0 != "." }) }).sorted()
    }

    @Test(arguments: PeerCase.all("openvla") + PeerCase.all("openvla_oft"))
    func tokensMatchTransformers(peer: PeerCase) throws {
        let tokenizer = try LlamaTokenizer(in: peer.checkpoints[0])
        let file = peer.url.appendingPathComponent("tokens.json")
        let cases = try StrictJSON(parsing: Data(contentsOf: file), file: file.path).array ?? []
        #expect(!cases.isEmpty)
        for entry in cases {
            let ids = entry["ids"]!.array!.compactMap(\.integer)
            #expect(tokenizer.encode(entry["text"]!.string!) == ids, "'\(entry["text"]!.string!)'")
        }
    }

    @Test(arguments: PeerCase.all("openvla"))
    func stagesAndActionsMatchOpenVLA(peer: PeerCase) throws {
        let (io, settings) = (try peer.io, try peer.settings)
        let relative = try peer.tolerance("activations_rel")
        let policy = try OpenVLAPolicy(
            OpenVLAFolder(at: try peer.checkpoints[0]), key: settings["unnorm_key"]?.string)
        let tasks = settings["tasks"]!.array!.compactMap(\.string)
        for sample in Self.samples(io) {
            let image = Self.image(try io("\(sample).in.picture"))
            let pixels = policy.pixels(image)
            expectNear(
                pixels, try io("\(sample).pre.pixel_values"), absolute: try peer.tolerance("pixel_values_abs"), "pixels"
            )
            let ids = policy.promptIDs(tasks[sample])
            #expect(ids == (try io("\(sample).act.input_ids_with_29871")).integers)

            var errors: [any Error] = []
            let features = policy.model.features(pixels) { name, value in
                do {
                    let stage = "\(sample).act.\(name)"
                    if io.names.contains(stage) { expectNear(value, try io(stage), relative: relative, stage) }
                } catch { errors.append(error) }
            }
            expectNear(features, try io("\(sample).act.vision_features"), relative: relative, "features")
            let projected = policy.model.projected(features)
            expectNear(projected, try io("\(sample).act.projected"), relative: relative, "projected")
            let vectors = policy.prefixVectors(ids, projected: projected)
            expectNear(vectors, try io("\(sample).act.hidden.0"), relative: relative, "input")
            var cache = policy.model.makeCache()
            let states = policy.model.states(vectors, mask: .causal, cache: &cache) { layer, value in
                guard layer + 1 < policy.model.layers.count else { return }
                do {
                    expectNear(value, try io("\(sample).act.hidden.\(layer + 1)"), relative: relative, "layer \(layer)")
                } catch { errors.append(error) }
            }
            let count = policy.model.layers.count
            expectNear(states, try io("\(sample).act.hidden.\(count)"), relative: relative, "states")

            let logitTolerance = try peer.tolerance("logits_abs")
            let (tokens, logits) = policy.decode(vectors)
            let lastLogits = try io("\(sample).act.prefix_last_logits")
            expectNear(logits[0], lastLogits, absolute: logitTolerance, "logits")
            #expect(tokens == (try io("\(sample).out.token_ids")).integers)
            let stored = try io("\(sample).out.step_logits_last_320")
            for (step, row) in logits.enumerated() {
                let width = stored.shape[1]
                expectNear(
                    row.slice(axis: 1, row.shape[1] - width..<row.shape[1]).reshaped([width]),
                    stored[step].contiguous, absolute: logitTolerance, "step \(step)")
            }
            let normalized = OpenVLAPolicy.normalized(tokens, policy.model.configuration)
            let expected = try io("\(sample).out.normalised").elements(of: Double.self)
            expectClose(normalized, expected, within: .init(relative: 0, absolute: 1e-12), "normalized")
            expectClose(
                try policy.action(image, task: tasks[sample]),
                try io("\(sample).out.actions").elements(of: Double.self),
                within: .init(relative: 0, absolute: try peer.tolerance("actions_abs")), "action")
            for error in errors { Issue.record(error) }
        }
    }

    /// Weights as bytes with a scale for each row: another model, whose tokens stay close.
    @Test(arguments: PeerCase.all("openvla"))
    func byteWeightsStayNearTheStoredOnes(peer: PeerCase) throws {
        let (io, settings) = (try peer.io, try peer.settings)
        var policy = try OpenVLAPolicy(
            OpenVLAFolder(at: try peer.checkpoints[0]), key: settings["unnorm_key"]?.string)
        let stored = policy.model.layers[0].query.weight.value
        #expect(stored.isMapped && stored.dtype != .float32)
        policy.model.storeLinearWeights(as: .int8)
        #expect(policy.model.layers[0].query.weight.value.dtype == .int8)
        for sample in Self.samples(io) {
            let features = policy.model.features(policy.pixels(Self.image(try io("\(sample).in.picture"))))
            expectNear(features, try io("\(sample).act.vision_features"), relative: 0.05, "features")
        }
    }

    @Test(arguments: PeerCase.all("openvla"))
    func severalDataSetsNeedAChoice(peer: PeerCase) throws {
        let folder = try OpenVLAFolder(at: try peer.checkpoints[0])
        let keys = folder.statistics.keys
        if keys.count > 1 {
            let error = #expect(throws: PeerPolicyError.self) { try OpenVLAPolicy(folder) }
            for key in keys { #expect(error?.description.contains(key) == true) }
        }
        #expect(throws: PeerPolicyError.self) { try OpenVLAPolicy(folder, key: "no such data set") }
        for key in keys where key.hasSuffix("_no_noops") {
            #expect(try OpenVLAPolicy(folder, key: String(key.dropLast("_no_noops".count))).key == key)
        }
    }
}

/// OpenVLA-OFT, `golden/peers`.
@Suite struct OpenVLAOFTGoldenTests {
    @Test(arguments: PeerCase.all("openvla_oft"))
    func passesMatchOFT(peer: PeerCase) throws {
        let (io, settings) = (try peer.io, try peer.settings)
        let relative = try peer.tolerance("activations_rel")
        let folder = try OpenVLAFolder(at: try peer.checkpoints[0])
        let tasks = settings["tasks"]!.array!.compactMap(\.string)
        let chunk = settings["constants"]!["NUM_ACTIONS_CHUNK"]!.integer!
        let visionFile = try FileManager.default.contentsOfDirectory(at: peer.url, includingPropertiesForKeys: nil)
            .first { $0.lastPathComponent.hasPrefix("vision_backbone--") }
        for film in ["", "film."] {
            if !film.isEmpty, visionFile == nil { continue }
            for sample in OpenVLAGoldenTests.samples(io) {
                let start = "\(sample).\(film)"
                guard io.names.contains("\(start)out.actions") else { continue }
                let images = (0..<16).compactMap { try? io("\(sample).in.picture.\($0)") }
                    .map(OpenVLAGoldenTests.image)
                let policy = try OpenVLAOFTPolicy(
                    folder, key: settings["unnorm_key"]?.string,
                    settings: .init(chunkSize: chunk, imageCount: images.count),
                    visionFile: film.isEmpty ? nil : visionFile)
                let pixels = policy.pixels(images)
                expectNear(pixels, try io("\(sample).pre.pixel_values"), absolute: 2e-6, "pixels")
                let proprio = try io("\(sample).in.proprio").elements(of: Double.self)
                let state = try policy.normalizedState(proprio)
                expectClose(
                    state, try io("\(sample).pre.proprio").elements(of: Double.self),
                    within: .init(relative: 0, absolute: 1e-9), "proprio")

                var ids = policy.tokenizer.encode(OpenVLAPolicy.prompt(tasks[sample]))
                #expect(ids == (try io("\(sample).pre.input_ids")).integers)
                ids.append(OpenVLAPolicy.emptyToken)
                var errors: [any Error] = []
                func compare(_ name: String, _ value: Tensor) {
                    do {
                        let stage = "\(start)act.\(name)"
                        guard io.names.contains(stage) else { return }
                        let expected = try io(stage)
                        expectNear(value.reshaped(expected.shape.sizes), expected, relative: relative, stage)
                    } catch { errors.append(error) }
                }
                let pass = withoutGradient {
                    policy.pass(ids: ids, pixels: pixels, state: state, observe: compare)
                }
                expectNear(pass.states, try io("\(start)act.action_hidden"), relative: relative, "states")
                let normalized = policy.normalizedActions(pass, observe: compare)
                let expected = try io("\(start)out.normalised").floats.map(Double.init)
                expectClose(
                    Array(normalized.joined()), expected,
                    within: .init(relative: 0, absolute: try peer.tolerance("normalised_abs")), "normalized")
                let actions = try policy.actions(images, state: proprio, task: tasks[sample])
                expectClose(
                    Array(actions.joined()), try io("\(start)out.actions").elements(of: Double.self),
                    within: .init(relative: 2e-4, absolute: try peer.tolerance("normalised_abs")), "actions")
                let discrete = policy.normalizedActions(pass, usesHead: false)
                    .map { policy.actions.denormalized($0, epsilon: 1e-8) }
                expectClose(
                    Array(discrete.joined()), try io("\(start)out.discrete_actions").elements(of: Double.self),
                    within: .init(relative: 0, absolute: 1e-9), "discrete")
                for error in errors { Issue.record(error) }
            }
        }
    }
}
