import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import TensorTraining
import Testing
import VisionLanguage

@Suite struct KeypointVisionTowerTests {
    static let configuration = KeypointVisionTower.Configuration(
        imageSize: 32, stageWidths: [12, 16], residualCount: 1, keypointCount: 4, tokenWidth: 12, conditionWidth: 2)

    /// A tower with a readout of two numbers.
    private struct Locator: Module {
        var tower: KeypointVisionTower
        var readout: Linear

        init(using generator: inout some RandomNumberGenerator) {
            tower = KeypointVisionTower(KeypointVisionTowerTests.configuration, using: &generator)
            readout = Linear(4 * 12, 2, using: &generator)
        }

        func callAsFunction(_ pixels: Tensor, _ condition: Tensor) -> Tensor {
            readout(tower(pixels, condition: condition).tokens.reshaped([pixels.shape[0], 4 * 12]))
        }

        mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
            try visitor.visit("tower", &tower)
            try visitor.visit("readout", &readout)
        }
    }

    /// Images with a red and a green disc at random places; the condition says whose center is asked for.
    private static func batch(
        _ count: Int, using generator: inout PhiloxGenerator
    ) -> (pixels: Tensor, condition: Tensor, centers: Tensor) {
        var pixels = [Float](repeating: 0, count: count * 3 * 32 * 32)
        var (condition, centers): ([Float], [Float]) = ([], [])
        for b in 0..<count {
            let discs = (0..<2).map { _ in (0..<2).map { _ in Float.random(in: 5...26, using: &generator) } }
            for channel in 0..<2 {
                for y in 0..<32 {
                    for x in 0..<32 {
                        let d = hypot(Float(x) - discs[channel][0], Float(y) - discs[channel][1])
                        pixels[((b * 3 + channel) * 32 + y) * 32 + x] = min(max(4 - d, 0), 1)
                    }
                }
            }
            let asked = Int.random(in: 0..<2, using: &generator)
            condition += asked == 0 ? [1, 0] : [0, 1]
            centers += discs[asked].map { 2 * ($0 + 0.5) / 32 - 1 }
        }
        return (Tensor(pixels, [count, 3, 32, 32]), Tensor(condition, [count, 2]), Tensor(centers, [count, 2]))
    }

    /// Which of two discs is asked for is in the condition alone, and where it is in the image alone.
    @Test func learnsWhereTheNamedThingIs() {
        var generator = PhiloxGenerator(seed: 5)
        var locator = Locator(using: &generator)
        var optimizer = AdamW(learningRate: 3e-3)
        for step in 0..<400 {
            optimizer.learningRate = 3e-3 * min(1, 2 - Double(step) / 200)
            let (pixels, condition, centers) = Self.batch(16, using: &generator)
            let (_, gradients) = valueAndGradient(of: locator) {
                ($0(pixels, condition) - centers).absoluteValue().mean()
            }
            optimizer.update(&locator, with: gradients)
        }
        let (pixels, condition, centers) = Self.batch(64, using: &generator)
        let error = (locator(pixels, condition) - centers).absoluteValue().mean().elements()[0] * 16
        #expect(error < 1, "mean error \(error) pixels; chance is about 5")
    }

    @Test func everyParameterHasAGradient() {
        var generator = PhiloxGenerator(seed: 6)
        let locator = Locator(using: &generator)
        let (pixels, condition, centers) = Self.batch(2, using: &generator)
        let (_, gradients) = valueAndGradient(of: locator) { ($0(pixels, condition) - centers).squared().mean() }
        #expect(Set(gradients.names) == Set(locator.parameters.keys))
    }

    @Test func positionsLieInTheImage() {
        var generator = PhiloxGenerator(seed: 7)
        let tower = KeypointVisionTower(Self.configuration, using: &generator)
        let (pixels, condition, _) = Self.batch(3, using: &generator)
        let output = tower(pixels, condition: condition)
        #expect(output.tokens.shape == [3, 4, 12] && output.positions.shape == [3, 4, 2])
        #expect(output.positions.elements().allSatisfy { abs($0) < 1 })
        // the condition has no effect before training
        expectClose(tower(pixels), output.tokens, within: .exact)
    }

    @Test func wrongConfigurationsAreNamed() {
        var configuration = Self.configuration
        configuration.imageSize = 30
        #expect(throws: ConfigurationError.self) { try configuration.validate() }
        configuration.imageSize = 32
        configuration.keypointCount = 0
        #expect(throws: ConfigurationError.self) { try configuration.validate() }
    }
}
