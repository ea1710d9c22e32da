import RobotInterface
import ActionTokenizer
import Foundation
import ImageProcessing
import TensorCore
import TensorNN
import TensorTraining
import VLAPolicy

/// `PolicyMPICheck [FOLDER [KILLED]]`: trains a small policy on four shards over the processes of MPI and prints a hash of
/// its weights. With a folder the run keeps its states there and goes on from them; with a second word rank 0 dies by
/// SIGKILL in the middle.
@main struct PolicyMPICheck {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        try MPICollective.run { collective in
            let folder = arguments.first.map { URL(fileURLWithPath: $0) }
            let isKilled = arguments.count > 1 && collective.rank == 0
            let weights = try train(folder, isKilled: isKilled, &collective)
            if collective.rank == 0 { print("policy \(String(hash(weights), radix: 16))") }
        }
    }

    static func train(
        _ folder: URL?, isKilled: Bool, _ collective: inout MPICollective
    ) throws -> [String: Tensor] {
        var recipe = PolicyRecipe()
        recipe.action.horizon = 2
        recipe.training.stepCount = 24
        recipe.training.batchSize = 16
        recipe.training.shardCount = 4
        recipe.training.stepsPerValidation = 6
        recipe.training.stepsPerState = 4
        recipe.training.warmUpStepCount = 4
        var encoder = PolicyEncoder.Configuration()
        (encoder.width, encoder.layerCount, encoder.headCount, encoder.intermediateSize) = (24, 2, 2, 48)
        encoder.vision?.stageWidths = [8, 16]
        encoder.vision?.keypointCount = 4
        recipe.regression?.encoder = encoder

        let set = demonstrations(6)
        let assembly = try PolicyAssembly(recipe, set)
        func prepared(_ examples: PolicyExamples) -> PreparedDataset {
            PreparedDataset(
                examples, observationPipeline: assembly.observationPipeline, actionPipeline: assembly.actionPipeline,
                tokenizer: assembly.tokenizer)
        }
        var trainer = try PolicyTrainer<RegressionModel>(
            recipe.training, training: prepared(assembly.trainingExamples),
            validation: prepared(assembly.validationExamples), runFolder: folder)
        var validationCount = 0
        trainer.report = { event in
            guard case .validation = event else { return }
            validationCount += 1
            // after the second one, and a state between two of them
            if isKilled, validationCount == 2 { kill(getpid(), SIGKILL) }
        }
        var generator = PhiloxGenerator(seed: 7)
        let model = RegressionModel(
            .init(sizes: try assembly.sizes(), settings: recipe.regression!), using: &generator)
        return try trainer.run(model, over: &collective).model.parameters
    }

    /// FNV-1a over names and bits, in the order of the names.
    static func hash(_ weights: [String: Tensor]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ value: UInt64) { hash = (hash ^ value) &* 0x100_0000_01b3 }
        for (name, tensor) in weights.sorted(by: { $0.key < $1.key }) {
            for byte in name.utf8 { add(UInt64(byte)) }
            for value in tensor.elements() { add(UInt64(value.bitPattern)) }
        }
        return hash
    }

    // MARK: A world of squares

    /// The hand goes to a square in the image and closes.
    private static func demonstrations(_ count: Int) -> InMemoryDemonstrationSet {
        let description = CameraDescription(width: 16, height: 16, orientation: .raw, renderProfile: "squares")
        let length = 12
        let demonstrations = (0..<count).map { index in
            let (column, row) = (index * 5 % 13, index * 7 % 13)
            let goal = SIMD3(Double(column) / 40 - 0.15, Double(row) / 40 - 0.15, 0.05)
            let start = SIMD3(0, 0, 0.3)
            let positions = (0..<length).map { start + (goal - start) * (Double($0) / Double(length)) }
            let step = (goal - start) * (20 / Double(length))
            let actions = (0..<length).map { [step.x, step.y, step.z, 0, 0, 0, $0 < length - 3 ? -1 : 1] }
            var drawn = RGBImage(width: 16, height: 16, color: [40, 60, 80])
            for y in row..<row + 3 { for x in column..<column + 3 { drawn[x, y] = [250, 20, 20] } }
            let image = drawn
            return InMemoryDemonstration(
                instruction: "go to the square", task: "square", actions: actions,
                states: positions.map { [$0.x, $0.y, $0.z, 3.1, 0.05, -0.1, 0.03, -0.03] }
            ) { frame in
                let seen = CameraFrame(image, orientation: .raw, renderProfile: "squares")
                return Observation(
                    cameras: [.agentView: seen, .wrist: seen],
                    state: RobotState(
                        endEffectorPosition: positions[frame], endEffectorOrientation: .axisAngle([3.1, 0.05, -0.1]),
                        fingerPositions: [0.03, -0.03]),
                    instruction: "go to the square")
            }
        }
        return InMemoryDemonstrationSet(
            name: "squares", cameras: [.agentView: description, .wrist: description],
            stateLayout: .libero, actionSpace: .libero, demonstrations: demonstrations)
    }
}
