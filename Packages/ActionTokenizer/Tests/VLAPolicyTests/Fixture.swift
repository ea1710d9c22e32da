import RobotInterface
import ActionTokenizer
import ImageProcessing
import TensorCore
import TensorTestSupport
import TextTokenizers
import VLAPolicy

/// A small world for tests: images in which a square lies where the hand has to go, and demonstrations that go there.
enum SmallWorld {
    static let size = 16
    static let description = CameraDescription(
        width: size, height: size, orientation: .rotated180, renderProfile: "test")

    /// An image with a red square at a place in 0…1.
    static func image(_ place: SIMD2<Double>, color: SIMD3<UInt8> = [250, 20, 20]) -> RGBImage {
        var image = RGBImage(width: size, height: size, color: [40, 60, 80])
        let (x, y) = (Int(place.x * Double(size - 4)), Int(place.y * Double(size - 4)))
        for row in 0..<4 { for column in 0..<4 { image[x + column, y + row] = color } }
        return image
    }

    static func state(_ position: SIMD3<Double>) -> RobotState {
        RobotState(
            endEffectorPosition: position, endEffectorOrientation: .axisAngle([3.1, 0.05, -0.1]),
            fingerPositions: [0.03, -0.03])
    }

    static func observation(
        _ place: SIMD2<Double>, at position: SIMD3<Double>, instruction: String = "go to the square"
    ) -> Observation {
        let frames = [CameraName.agentView, .wrist].map { name in
            (
                name,
                CameraFrame(
                    image(name == .wrist ? place : [place.y, place.x]), orientation: .rotated180,
                    renderProfile: "test")
            )
        }
        return Observation(
            cameras: Dictionary(uniqueKeysWithValues: frames), state: state(position), instruction: instruction)
    }

    /// Demonstrations that go to the square and close the gripper.
    static func demonstrations(_ count: Int, length: Int = 10, seed: UInt64 = 3) -> InMemoryDemonstrationSet {
        var generator = PhiloxGenerator(seed: seed)
        let demonstrations = (0..<count).map { index in
            let place = SIMD2(Double.random(in: 0...1, using: &generator), .random(in: 0...1, using: &generator))
            let start = SIMD3(0, 0, 0.3)
            let goal = SIMD3(place.x * 0.4 - 0.2, place.y * 0.4 - 0.2, 0.05)
            let positions = (0..<length).map { start + (goal - start) * (Double($0) / Double(length)) }
            let step = (goal - start) * (1 / Double(length) / 0.05)
            let actions = (0..<length).map { [step.x, step.y, step.z, 0.01, -0.02, 0, $0 < length - 3 ? -1 : 1] }
            let instruction = index % 2 == 0 ? "go to the square" : "touch the red square"
            return InMemoryDemonstration(
                instruction: instruction, task: "task \(index % 2)", actions: actions,
                states: positions.map { [$0.x, $0.y, $0.z, 3.1, 0.05, -0.1, 0.03, -0.03] }
            ) { observation(place, at: positions[$0], instruction: instruction) }
        }
        return InMemoryDemonstrationSet(
            name: "small world", cameras: [.agentView: description, .wrist: description],
            stateLayout: .libero, actionSpace: .libero, demonstrations: demonstrations)
    }

    /// A recipe for a network of a few thousand weights.
    static func recipe(_ change: (inout PolicyRecipe) -> Void = { _ in }) -> PolicyRecipe {
        var recipe = PolicyRecipe()
        recipe.action.horizon = 3
        recipe.data.split = DemonstrationSplit(validationShare: 0.2)
        var vision = PolicyVision.Configuration()
        (vision.stageWidths, vision.residualCount, vision.keypointCount) = ([8, 16], 0, 4)
        recipe.regression?.encoder.vision = vision
        recipe.regression?.encoder.width = 24
        recipe.regression?.encoder.layerCount = 2
        recipe.regression?.encoder.headCount = 2
        recipe.regression?.encoder.intermediateSize = 48
        recipe.training.stepCount = 30
        recipe.training.batchSize = 8
        recipe.training.warmUpStepCount = 5
        recipe.training.learningRate = 3e-3
        recipe.training.stepsPerValidation = 10
        recipe.training.stepsPerState = 5
        recipe.training.averageDecay = 0.9
        change(&recipe)
        return recipe
    }

    /// Examples of an assembly, through its pipelines.
    static func prepared(
        _ examples: PolicyExamples, _ assembly: PolicyAssembly, imageMemory: Int = .max
    ) -> PreparedDataset {
        PreparedDataset(
            examples, observationPipeline: assembly.observationPipeline, actionPipeline: assembly.actionPipeline,
            tokenizer: assembly.tokenizer, imageMemory: imageMemory)
    }

    static func assembly(_ recipe: PolicyRecipe, count: Int = 10) throws -> PolicyAssembly {
        try PolicyAssembly(recipe, demonstrations(count))
    }
}
