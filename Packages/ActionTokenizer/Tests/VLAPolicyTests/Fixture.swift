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
    static func demonstrations(_ count: Int, length: Int = 10, seed: UInt64 = 3) -> DemonstrationSet {
        var generator = PhiloxGenerator(seed: seed)
        let demonstrations = (0..<count).map { index in
            let place = SIMD2(Double.random(in: 0...1, using: &generator), .random(in: 0...1, using: &generator))
            let start = SIMD3(0, 0, 0.3)
            let goal = SIMD3(place.x * 0.4 - 0.2, place.y * 0.4 - 0.2, 0.05)
            let positions = (0..<length).map { start + (goal - start) * (Double($0) / Double(length)) }
            let step = (goal - start) * (1 / Double(length) / 0.05)
            let actions = (0..<length).map { [step.x, step.y, step.z, 0.01, -0.02, 0, $0 < length - 3 ? -1 : 1] }
            let instruction = index % 2 == 0 ? "go to the square" : "touch the red square"
            return Demonstration(
                instruction: instruction, task: "task \(index % 2)", actions: actions, handPositions: positions
            ) { observation(place, at: positions[$0], instruction: instruction) }
        }
        return DemonstrationSet(
            name: "small world", contentHash: "\(seed)", cameras: [.agentView: description, .wrist: description],
            stateLayout: .libero, actionSpace: .libero, demonstrations: demonstrations)
    }

    static func statistics(_ set: DemonstrationSet, _ indices: [Int]) throws -> (
        actions: ActionStatistics, states: ActionStatistics
    ) {
        let actions = indices.flatMap { set.demonstrations[$0].actions }
        let states = try indices.flatMap { index in
            try set.demonstrations[index].handPositions.map { try StateLayout.libero.values(of: state($0)) }
        }
        return (
            try statistics(actions, gripper: .environment, mask: [true, true, true, true, true, true, false]),
            try statistics(states, gripper: nil, mask: nil)
        )
    }

    private static func statistics(
        _ rows: [[Double]], gripper: GripperConvention?, mask: [Bool]?
    ) throws -> ActionStatistics {
        let columns = rows[0].indices.map { d in rows.map { $0[d] }.sorted() }
        let mean = columns.map { $0.reduce(0, +) / Double($0.count) }
        let deviation = zip(columns, mean).map { column, mean in
            (column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(column.count)).squareRoot()
        }
        func quantile(_ p: Double) -> [Double] {
            columns.map { column in
                let h = Double(column.count - 1) * p
                let i = min(Int(h), column.count - 2)
                return column[i] + (h - Double(i)) * (column[i + 1] - column[i])
            }
        }
        return try ActionStatistics(
            mean: mean, standardDeviation: deviation, minimum: columns.map { $0[0] },
            maximum: columns.map { $0[$0.count - 1] }, lowerQuantile: quantile(0.01), upperQuantile: quantile(0.99),
            mask: mask, gripperConvention: gripper)
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

    static func assembly(_ recipe: PolicyRecipe, count: Int = 10) throws -> PolicyAssembly {
        let set = demonstrations(count)
        return try PolicyAssembly(recipe, set) { try statistics(set, $0) }
    }
}
