import RobotInterface
import Foundation
import TensorCore
import Testing
import VLAPolicy

@testable import Diagnosis

/// The training's batch beside the inference path, at policies of which one has kept something it should not have.
@Suite struct PathComparisonTests {
    private struct Small {
        var policy: TokenPolicy
        var set: PreparedDataset
        var observations: [Observation]
    }

    /// An untrained policy that writes tokens, its instruction first.
    private static let made = Result { () throws -> Small in
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("paths-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try ToyPolicy.record(to: folder, count: 2)
        var recipe = PolicyRecipe(name: "tokens")
        (recipe.family, recipe.action.horizon) = (.token, 2)
        recipe.action.tokens = ActionTokenRecipe()
        let assembly = try ToyPolicy.assembly(recipe, folder)
        let coding = assembly.actionPipeline.tokens!
        var settings = TokenModel.Settings.small
        settings.order = .instructionFirst
        let side = ToyWorld.side
        settings.vision = .convolutional(.init(imageSize: side, stageWidths: [8, 8], residualCount: 0, tokenWidth: 32))
        (settings.decoder.hiddenSize, settings.decoder.layerCount, settings.decoder.headCount) = (32, 1, 2)
        (settings.decoder.keyValueHeadCount, settings.decoder.headSize) = (2, 16)
        settings.decoder.intermediateSize = 64
        settings = settings.fitted(
            vocabularySize: assembly.tokenizer!.vocabularySize, tokens: coding, isAppended: true)
        var generator = PhiloxGenerator(seed: 3)
        let model = TokenModel(.init(sizes: try assembly.sizes(), settings: settings), using: &generator)
        let policy = try TokenPolicy(
            model: model, observationPipeline: assembly.observationPipeline,
            actionPipeline: assembly.actionPipeline, tokenizer: assembly.tokenizer)
        // with their images: the folder goes
        let examples = try (0..<5).map { index in
            var example = try assembly.trainingExamples[index]
            for (name, frame) in example.observation.cameras {
                let image = try frame.image()
                example.observation.cameras[name] = CameraFrame(frame.description) { image }
            }
            return example
        }
        return Small(
            policy: policy,
            set: PreparedDataset(
                PolicyExamples(examples), observationPipeline: assembly.observationPipeline,
                actionPipeline: assembly.actionPipeline,
                tokenizer: assembly.tokenizer), observations: examples.map(\.observation))
    }

    @Test func tokensAreComparedFieldByField() throws {
        let small = try Self.made.get()
        let fields = try PathComparison.fields(small.policy, small.set, small.observations)
        #expect(
            fields.map(\.name) == [
                "agentview as the model sees it", "eye_in_hand as the model sees it", "state, normalized",
                "ids of the prompt", "logits of the action ids", "probabilities of the action ids",
                "likeliest action id", "predicted chunk",
            ])
        #expect(fields.allSatisfy { $0.agrees }, "\(fields.map(\.text))")
        // 5 frames of 2 × 7 tokens, 256 ids each
        #expect(fields[4].count == 5 * 14 * 256 && fields[6].count == 5 * 14)
    }

    /// What is kept of an instruction belongs to other weights: inputs agree, logits do not.
    @Test func aStaleCacheShowsInTheLogits() throws {
        let small = try Self.made.get()
        var generator = PhiloxGenerator(seed: 4)
        var other = small.policy
        other.model = TokenModel(small.policy.model.configuration, using: &generator)
        let kept = InstructionPrefixes()
        other.model.prefixes = kept
        var streams = [PhiloxGenerator(seed: 0)]
        _ = try other.actionChunks(for: [small.observations[0]], using: &streams)

        var stale = small.policy
        stale.model.prefixes = kept
        let fields = try PathComparison.fields(stale, small.set, small.observations)
        #expect(fields[..<4].allSatisfy { $0.agrees })
        #expect(!fields[4].agrees && fields[5].largestDifference > 0)
        #expect(fields[4].firstDifference?.hasPrefix("frame 0, token 0 (action 0, dimension 0), id ") == true)
        #expect(fields[4].largestDifference > 10 * fields[4].tolerance)
    }

    /// A frame that is another one for training and inference is told with camera, frame and place.
    @Test func otherInputsAreToldWithTheirPlace() throws {
        let small = try Self.made.get()
        var observations = small.observations
        observations.swapAt(1, 2)
        let fields = try PathComparison.fields(small.policy, small.set, observations)
        #expect(fields[2].firstDifference?.hasPrefix("frame 1, number ") == true)
        #expect(fields[3].agrees && fields[2].agreeingCount < fields[2].count)
    }
}
