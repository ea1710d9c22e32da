import RobotInterface
import ActionTokenizer
import Foundation
import ImageProcessing
import TensorCore
import Testing

@testable import VLAPolicy

/// Augmentation acts on the cameras' images before the pipeline, whose one crop it places.
@Suite struct ObservationAugmentationTests {
    private static func recipe(_ augmentation: ObservationAugmentation) -> PolicyRecipe {
        let crop = RandomResizedCrop(scale: 0.4...1, ratio: 0.8...1.25)
        let transform = ImageTransform(
            steps: [.randomResizedCrop(part: crop, to: .square(16), using: .pillowBilinear)], normalization: .sigLIP)
        return SmallWorld.recipe {
            $0.cameras = [.agentView, .wrist].map { PolicyRecipe.Camera(name: $0, transform: transform) }
            $0.training.jitter = nil
            $0.training.augmentation = augmentation
        }
    }

    private static func frames(_ image: RGBImage) -> [CameraFrame] {
        (0..<2).map { _ in CameraFrame(image, orientation: .rotated180, renderProfile: "test") }
    }

    /// The same image in both cameras gets the same crop when they share it, and others when not.
    @Test func camerasShareTheCrop() throws {
        let image = SmallWorld.image([0.3, 0.7])
        func images(_ augmentation: ObservationAugmentation, _ stream: UInt64) throws -> [[UInt8]] {
            let assembly = try SmallWorld.assembly(Self.recipe(augmentation), count: 2)
            var generator = PhiloxGenerator(seed: 1, stream: stream)
            return try augmentation.images(
                Self.frames(image), assembly.observationPipeline.cameras, using: &generator)
        }
        let shared = ObservationAugmentation()
        let (first, second) = (try images(shared, 1), try images(shared, 2))
        #expect(first[0] == first[1] && second[0] == second[1] && first[0] != second[0])
        let own = try images(ObservationAugmentation(sharesCrop: false), 1)
        #expect(own[0] != own[1])
        // colours are drawn for each camera
        let coloured = try images(.microVLA2025, 1)
        #expect(coloured[0] != coloured[1])
        // and nothing is moved when crops stay in the middle
        let assembly = try SmallWorld.assembly(Self.recipe(shared), count: 2)
        let middle = try assembly.observationPipeline.cameras[0].image(Self.frames(image)[0]).pixels
        #expect(try images(ObservationAugmentation(placesCrops: false), 1)[0] == middle)
    }

    /// Batches depend on the place in the training alone: a run that is resumed ends in the same bytes.
    @Test func resumedRunEndsInTheSameBytes() throws {
        let recipe = Self.recipe(.microVLA2025)
        let assembly = try SmallWorld.assembly(recipe)
        let start = try PolicyTrainerTests.model(recipe, assembly)
        var whole = try PolicyTrainerTests.trainer(recipe, assembly)
        whole.settings.stepCount = 8
        let expected = try whole.run(start).model.parameters.mapValues { $0.elements() }

        let folder = PolicyTrainerTests.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        var part = try PolicyTrainerTests.trainer(recipe, assembly, folder: folder)
        (part.settings.stepCount, part.settings.stepsPerState) = (8, 3)
        part.diesAfterStep = 5
        #expect(throws: (any Error).self) { try part.run(start) }
        part.diesAfterStep = nil
        #expect(try part.run(start).model.parameters.mapValues { $0.elements() } == expected)
        // and it is not what the images as they are give
        var plain = whole
        plain.settings.augmentation = nil
        #expect(try plain.run(start).model.parameters.mapValues { $0.elements() } != expected)
    }
}
