import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import Testing
import VisionLanguage

@Suite struct VisionTransformerTests {
    /// The numbers of the published towers.
    @Test func parameterCountsAreThePublishedOnes() {
        var generator = PhiloxGenerator(seed: 0)
        let clip = VisionTransformer(.clipBase16, initialization: .zero, using: &generator)
        #expect(clip.parameterCount() == 85_799_424)
        #expect(clip.tokenCount == 196 && clip.width == 768)
        let siglip = VisionTransformer(.siglip2Base32, initialization: .zero, using: &generator)
        #expect(siglip.parameterCount() == 87_465_216 + 7_087_104)
        #expect(siglip.tokenCount == 64)
    }

    @Test func configurationsSurviveCodingAndNameWhatIsWrong() throws {
        for configuration in [
            VisionTransformerConfiguration.clipBase16, .siglip2Base32, .dinov2Large14, .siglipSo400m14,
        ] {
            try configuration.validate()
            let towers = VisionTowerConfiguration.transformer(configuration)
            let data = try JSONEncoder().encode(towers)
            #expect(try JSONDecoder().decode(VisionTowerConfiguration.self, from: data) == towers)
        }
        var wrong = VisionTransformerConfiguration.clipBase16
        wrong.patchSize = 15
        #expect(throws: ConfigurationError.self) { try wrong.validate() }
        let json = #"{"model_type": "clip", "vision_config": {"patch_size": 16, "hidden_act": "relu"}}"#
        #expect { try VisionTransformerConfiguration(huggingFace: Data(json.utf8)) } throws: {
            "\($0)".contains("relu")
        }
    }

    /// The published `config.json` of CLIP holds the vision tower's fields inside, with most left at their defaults.
    @Test func publishedConfigurationsAreRead() throws {
        let clip = #"{"model_type": "clip", "vision_config": {"model_type": "clip_vision_model", "patch_size": 16}}"#
        #expect(try VisionTransformerConfiguration(huggingFace: Data(clip.utf8)) == .clipBase16)
        let siglip =
            #"{"model_type": "siglip", "vision_config": {"model_type": "siglip_vision_model", "image_size": 256, "patch_size": 32}}"#
        #expect(try VisionTransformerConfiguration(huggingFace: Data(siglip.utf8)) == .siglip2Base32)
    }

    @Test func anyTowerIsTheTowerInside() {
        var (one, other) = (PhiloxGenerator(seed: 3), PhiloxGenerator(seed: 3))
        let small = ConvolutionalVisionTower.Configuration(imageSize: 8, stageWidths: [4], tokenWidth: 6)
        let any = AnyVisionTower(.convolutional(small), using: &one)
        let tower = ConvolutionalVisionTower(small, using: &other)
        let pixels = Tensor.uniform(-1...1, [2, 3, 8, 8], using: &one)
        #expect(any(pixels).elements() == tower(pixels).elements())
        #expect(any.parameters.keys == tower.parameters.keys)
        #expect(any.configuration == .convolutional(small) && any.tokenCount == 16 && any.width == 6)
        let (_, gradients) = valueAndGradient(of: any) { $0(pixels).squared().mean() }
        #expect(Set(gradients.names) == Set(tower.parameters.keys))
    }
}
