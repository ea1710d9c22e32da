import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import Testing
import VisionLanguage

@Suite struct ConvolutionalVisionTowerTests {
    static let configuration = ConvolutionalVisionTower.Configuration(
        imageSize: 16, stageWidths: [8, 12], residualCount: 1, tokenWidth: 10)

    @Test func imagesBecomeTokens() throws {
        var generator = PhiloxGenerator(seed: 1)
        let tower = ConvolutionalVisionTower(Self.configuration, using: &generator)
        let pixels = Tensor.uniform(-1...1, [3, 3, 16, 16], using: &generator)
        let tokens = tower(pixels)
        #expect(tokens.shape == [3, tower.tokenCount, tower.width])
        #expect(tower.tokenCount == 16 && tower.width == 10)
        // images do not see each other
        expectClose(tower(pixels[1..<2]), tokens[1..<2], within: .reduction)
        let data = try JSONEncoder().encode(tower.configuration)
        #expect(
            try JSONDecoder().decode(ConvolutionalVisionTower.Configuration.self, from: data) == tower.configuration)
    }

    /// A token depends on the pixels around its place, not on those at the other end.
    @Test func tokensKeepTheirPlace() {
        var generator = PhiloxGenerator(seed: 2)
        let tower = ConvolutionalVisionTower(
            .init(imageSize: 32, stageWidths: [4, 4], tokenWidth: 6), using: &generator)
        var pixels = Tensor.uniform(-1...1, [1, 3, 32, 32], using: &generator)
        let before = tower(pixels)
        pixels.withMutableSpan { $0[31 * 32 + 31] += 1 }
        let after = tower(pixels)
        #expect(before[0][0].elements() == after[0][0].elements())
        #expect(before[0][63].elements() != after[0][63].elements())
    }

    @Test func trainingLowersALoss() {
        var generator = PhiloxGenerator(seed: 3)
        var tower = ConvolutionalVisionTower(Self.configuration, using: &generator)
        let pixels = Tensor.uniform(-1...1, [4, 3, 16, 16], using: &generator)
        let target = Tensor.normal([4, 16, 10], using: &generator)
        var losses: [Float] = []
        for _ in 0..<30 {
            let (loss, gradients) = valueAndGradient(of: tower) { ($0(pixels) - target).squared().mean() }
            losses.append(loss)
            #expect(Set(gradients.names) == Set(tower.parameters.keys))
            tower.updateParameters { name, parameter in
                parameter.value.add(gradients[name]!, scaledBy: -0.5)
            }
        }
        #expect(losses.last! < 0.5 * losses.first!)
    }

    @Test func wrongConfigurationsAreNamed() {
        #expect(throws: ConfigurationError.self) {
            try ConvolutionalVisionTower.Configuration(imageSize: 20, stageWidths: [4, 4, 4], tokenWidth: 6).validate()
        }
        #expect(throws: ConfigurationError.self) {
            try ConvolutionalVisionTower.Configuration(imageSize: 16, stageWidths: [], tokenWidth: 6).validate()
        }
    }
}
