import ActionTokenizer
import ImageProcessing
import TensorCore
import Testing
import VLAPolicy

@Suite struct ImageTextureTests {
    private static func noise() -> RGBImage {
        var generator = PhiloxGenerator(seed: 3)
        let pixels = (0..<32 * 32).flatMap { _ -> [UInt8] in
            let value = UInt8.random(in: 0...255, using: &generator)
            return [value, value, value]
        }
        return RGBImage(width: 32, height: 32, pixels: pixels)
    }

    /// Columns that are 0 and 100 in turn: neighbours in a row differ by 100, in a column by nothing, and two apart by
    /// nothing at all.
    @Test func stripesDifferOnlyBetweenNeighbours() {
        var image = RGBImage(width: 16, height: 16)
        for y in 0..<16 { for x in stride(from: 1, to: 16, by: 2) { image[x, y] = [100, 100, 100] } }
        let texture = ImageTexture(image)
        #expect(texture.near == 50 && texture.far == 0 && texture.blocks == 1)
    }

    @Test func makingSmallerAndLargerBlurs() {
        let (sharp, small) = (Self.noise(), Self.noise().resized(to: .square(16), using: .pillowBilinear))
        let blurred = small.resized(to: .square(32), using: .pillowBilinear)
        let (a, b) = (ImageTexture(sharp), ImageTexture(blurred))
        #expect(b.near < 0.5 * a.near)
        #expect(b.far / b.near > 1.3 * a.far / a.near)
    }

    @Test func compressionShowsBlocks() {
        let image = Self.noise().resized(to: .square(16), using: .pillowBilinear)
            .resized(to: .square(64), using: .pillowBicubic)
        let coarse = JPEG.roundTrip(image, JPEG.Settings(quality: 5), inverseTransform: .accurate)
        #expect(ImageTexture(coarse).blocks > ImageTexture(image).blocks + 0.2)
    }
}

@Suite struct PredictionCheckTests {
    /// Weights that change are seen, the rounding of a saved file is not.
    @Test func changedWeightsAreSeen() throws {
        let recipe = SmallWorld.recipe { $0.training.stepCount = 3 }
        let assembly = try SmallWorld.assembly(recipe)
        let model = try PolicyTrainerTests.model(recipe, assembly)
        let check = try PredictionCheck(model, actions: assembly.actionPipeline)
        #expect(check.distance(to: try PredictionCheck(model, actions: assembly.actionPipeline)) == 0)

        var rounded = model
        try rounded.load(model.parameters.mapValues { $0.detached.converted(to: .float16) })
        #expect(check.distance(to: try PredictionCheck(rounded, actions: assembly.actionPipeline)) < 0.02)

        var other = model
        try other.load(model.parameters.mapValues { $0.detached * 1.1 })
        #expect(check.distance(to: try PredictionCheck(other, actions: assembly.actionPipeline)) > 0.05)
    }
}
