import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import Testing
import VisionLanguage

/// CLIP, SigLIP and DINOv2 against Hugging Face transformers.
@Suite struct VisionTransformerGoldenTests {
    struct Fixture: Sendable {
        let folder: URL
        let family: VisionTransformerConfiguration.Family

        func golden(_ name: String) throws -> Golden {
            try Golden(folder.appendingPathComponent("\(name).safetensors"))
        }

        func tower(_ output: VisionTransformerConfiguration.Output = .lastBlock) throws -> VisionTransformer {
            let data = try Data(contentsOf: folder.appendingPathComponent("case.json"))
            let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
            let config = try JSONSerialization.data(withJSONObject: object?["config"] ?? [:])
            let weights = try golden("weights").tensors()
            var configuration = try VisionTransformerConfiguration(huggingFace: config, family: family)
            configuration.hasPoolingHead = weights.keys.contains { $0.contains(".head.") }
            configuration.output = output
            var generator = PhiloxGenerator(seed: 0)
            var tower = VisionTransformer(configuration, initialization: .zero, using: &generator)
            try tower.load(weights)
            return tower
        }
    }

    static let cases = [
        ("clip_vision", VisionTransformerConfiguration.Family.clip), ("siglip_vision", .siglip), ("dinov2", .dinov2),
    ].flatMap { prefix, family in
        SharedFixtures.folders(in: "golden/models") { $0.hasPrefix(prefix) }.map { Fixture(folder: $0, family: family) }
    }

    static let tolerance = Tolerance(relative: 1e-4, absolute: 1e-4)

    @Test(arguments: cases)
    func hiddenStatesMatch(fixture: Fixture) throws {
        let tower = try fixture.tower()
        let io = try fixture.golden("io")
        let states = tower.hiddenStates(try io("pixel_values"))
        for (index, state) in states.enumerated() {
            expectClose(state, try io("hidden_states.\(index)"), within: Self.tolerance, "hidden state \(index)")
        }
        #expect(!io.names.contains("hidden_states.\(states.count)"))
        let last = states[states.count - 1]
        if io.names.contains("pooler_output") {
            expectClose(
                try #require(tower.pooled(last)), try io("pooler_output"), within: Self.tolerance, "pooled")
        }
        // CLIP's last hidden state is taken before the last norm
        let normalized = fixture.family == .clip ? last : tower.normalized(last)
        expectClose(normalized, try io("last_hidden_state"), within: Self.tolerance, "last hidden state")
    }

    @Test(arguments: cases)
    func tokensMatch(fixture: Fixture) throws {
        let io = try fixture.golden("io")
        let pixels = try io("pixel_values")
        var compared = 0
        func check(_ output: VisionTransformerConfiguration.Output, _ name: String) throws {
            guard io.names.contains(name) else { return }
            expectClose(try fixture.tower(output)(pixels), try io(name), within: Self.tolerance, name)
            compared += 1
        }
        try check(.lastBlock, "image_features")
        try check(.secondToLastBlock, "patches_second_to_last")
        if fixture.family == .siglip { try check(.normalized, "last_hidden_state") }
        #expect(compared > 0)
    }

    @Test(arguments: cases.filter { FileManager.default.fileExists(atPath: $0.folder.path + "/grads.safetensors") })
    func gradientsMatch(fixture: Fixture) throws {
        let tower = try fixture.tower()
        let (io, expected) = (try fixture.golden("io"), try fixture.golden("grads"))
        let pixels = try io("pixel_values")
        let (_, gradients) = valueAndGradient(of: tower) { $0(pixels).squared().mean() }
        for name in expected.names {
            expectClose(try #require(gradients[name]), try expected(name), within: Self.tolerance, name)
        }
    }
}
