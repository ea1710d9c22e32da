import ActionTokenizer
import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import Testing
import VLAPolicy
import VisionLanguage

/// `golden/models/vla*`: the action model in PyTorch, with every loss, metric, gradient and decoding.
@Suite struct VLAGoldenTests {
    static let folders = SharedFixtures.folders(in: "golden/models") { $0.hasPrefix("vla") }
    /// The fixtures' README: logits and gradients of the tiny models, relative to max(1, |value|).
    static let tolerance = Tolerance(relative: 1e-4, absolute: 1e-4)

    private struct Case: Decodable {
        var generation: String
        var tokens_per_image, vision_dim, cameras, bos, eos, pad: Int
        var state_token: Bool
        var text_lengths: [Int]
    }

    /// A fixture's model and inputs.
    private struct Fixture {
        let model: TokenModel
        let inputs: PolicyInputs
        let io: Golden
        let coding: ActionTokenCoding
        let actions: [[Int]]
        let folder: URL

        init(_ folder: URL) throws {
            self.folder = folder
            let json = folder.appendingPathComponent("case.json")
            let setting = try Golden.json(json, as: Case.self)
            io = try Golden(folder.appendingPathComponent("io.safetensors"))
            let object = try JSONSerialization.jsonObject(with: Data(contentsOf: json)) as? [String: Any]
            let config = try JSONSerialization.data(withJSONObject: object?["config"] ?? [:])
            var settings = TokenModel.Settings()
            settings.decoder = try DecoderConfiguration(
                miniMind: config, generation: MiniMindGeneration(rawValue: setting.generation))
            (settings.decoder.beginID, settings.decoder.endID) = (setting.bos, setting.eos)
            settings.decoder.paddingID = setting.pad
            settings.vision = nil
            (settings.featureCount, settings.featureWidth) = (setting.tokens_per_image, setting.vision_dim)

            let bins = try io("action_bins")
            let sizes = try PolicySizes(
                images: Array(repeating: [1, 1], count: setting.cameras),
                stateSize: setting.state_token ? io("state").shape[1] : 0,
                vocabularySize: settings.decoder.vocabularySize, promptLength: setting.text_lengths.max()!, horizon: 1,
                dimensionCount: bins.shape[1], gripper: .number)
            var generator = PhiloxGenerator(seed: 0)
            var model = TokenModel(.init(sizes: sizes, settings: settings), using: &generator)
            var weights = try Golden(folder.appendingPathComponent("weights.safetensors")).tensors()
            if settings.decoder.tiesEmbeddings, let head = weights.removeValue(forKey: "lm_head.weight") {
                #expect(head.elements() == weights["model.embed_tokens.weight"]?.elements())
            }
            try model.load(weights)
            self.model = model

            coding = try ActionTokenCoding(tokenIDs: io("action_token_ids").integers)
            let file = io
            let prompts = try setting.text_lengths.indices.map { try file("text_ids.\($0)").integers }
            inputs = PolicyInputs(
                state: setting.state_token ? try io("state") : nil, promptIDs: prompts,
                features: try io("image_features"))
            let width = bins.shape[1]
            let all = bins.integers
            let map = coding.tokenIDs
            actions = prompts.indices.map { row in (0..<width).map { map[all[row * width + $0]] } }
        }

        func loss(_ variant: TokenLossSettings.Variant, _ penalty: TokenLossSettings.Penalty = .none) -> PolicyLoss {
            let hidden = model.decoder(model.vectors(inputs, actions: actions)).hidden
            return model.loss(
                hidden: hidden, prompts: inputs.promptIDs, actions: actions, coding: coding,
                settings: TokenLossSettings(variant: variant, penalty: penalty),
                validCounts: Array(repeating: 1, count: actions.count),
                weights: Array(repeating: 1, count: actions.count))
        }

        func expected(_ name: String) throws -> Double { Double(try io(name).floats[0]) }
    }

    @Test(arguments: folders)
    func sequenceAndLabelsMatch(folder: URL) throws {
        let fixture = try Fixture(folder)
        let vectors = fixture.model.vectors(fixture.inputs, actions: fixture.actions)
        expectClose(vectors, try fixture.io("inputs_embeds"), within: Self.tolerance)
        let length = vectors.shape[1]
        for (name, variant) in [
            ("labels_action", TokenLossSettings.Variant.action), ("labels_action_stop", .actionAndStop),
            ("labels_text_action", .textAndAction),
        ] {
            let labels = fixture.model.labels(
                variant, prompts: fixture.inputs.promptIDs, actions: fixture.actions, length: length)
            #expect(try labels.flatMap { $0 } == fixture.io(name).integers, "\(name)")
        }
    }

    @Test(arguments: folders)
    func logitsAndLossesMatch(folder: URL) throws {
        let fixture = try Fixture(folder)
        let hidden = fixture.model.decoder(fixture.model.vectors(fixture.inputs, actions: fixture.actions)).hidden
        expectClose(fixture.model.decoder.logits(hidden), try fixture.io("logits"), within: Self.tolerance)

        let action = Double(fixture.loss(.action).total.scalar)
        for (name, value) in [
            ("loss_action", action), ("loss_action_stop", Double(fixture.loss(.actionAndStop).total.scalar)),
            ("loss_text_action", Double(fixture.loss(.textAndAction).total.scalar)),
            ("penalty_mass", (Double(fixture.loss(.action, .mass).total.scalar) - action) / 0.5),
            ("penalty_nll", (Double(fixture.loss(.action, .negativeLogarithm).total.scalar) - action) / 0.5),
        ] {
            expectClose(value, try fixture.expected(name), within: Self.tolerance, name)
        }
        let metrics = fixture.loss(.action).metrics
        for (name, key) in [
            ("token_accuracy", "tokenAccuracy"), ("token_accuracy_restricted", "restrictedAccuracy"),
            ("leak_rate", "leakRate"), ("action_l1_restricted", "l1"),
        ] {
            expectClose(Double(metrics[key]!), try fixture.expected(name), within: Self.tolerance, name)
        }
    }

    @Test(arguments: folders)
    func gradientsMatch(folder: URL) throws {
        let fixture = try Fixture(folder)
        let (_, gradients) = valueAndGradient(of: fixture.model) { model -> Tensor in
            let hidden = model.decoder(model.vectors(fixture.inputs, actions: fixture.actions)).hidden
            return model.loss(
                hidden: hidden, prompts: fixture.inputs.promptIDs, actions: fixture.actions, coding: fixture.coding,
                settings: TokenLossSettings(variant: .action, penalty: .mass),
                validCounts: Array(repeating: 1, count: fixture.actions.count),
                weights: Array(repeating: 1, count: fixture.actions.count)
            ).total
        }
        let golden = try Golden(folder.appendingPathComponent("grads.safetensors"))
        #expect(Set(gradients.names) == Set(golden.names))
        for name in golden.names {
            guard let gradient = gradients[name] else { continue }
            expectClose(gradient, try golden(name), within: Self.tolerance, name)
        }
    }

    /// Both modes, with and without cache: the same tokens, and logits as the reference's.
    @Test(arguments: folders)
    func decodingMatches(folder: URL) throws {
        let fixture = try Fixture(folder)
        for (name, mode) in [("restricted", TokenModel.DecodingMode.restricted), ("free", .free)] {
            let tokens = try fixture.io("greedy_\(name)_tokens").integers
            let logits = try fixture.io("greedy_\(name)_logits")
            let width = tokens.count / fixture.actions.count
            for row in fixture.actions.indices {
                for usesCache in [true, false] {
                    var generator = PhiloxGenerator(seed: 0)
                    let decoded = fixture.model.decode(
                        fixture.inputs.row(row), coding: fixture.coding, mode: mode, usesCache: usesCache,
                        using: &generator)
                    #expect(decoded.tokens == Array(tokens[row * width..<(row + 1) * width]), "\(name) \(usesCache)")
                    expectClose(decoded.logits, logits.select(axis: 0, row), within: Self.tolerance, name)
                }
            }
        }
    }
}
