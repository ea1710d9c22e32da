import RobotInterface
import ActionTokenizer
import TensorCore
import Testing
import VLAPolicy

extension Mutation {
    private static func meets(_ change: (inout ActionSpace) -> Void) throws {
        var space = ActionSpace.libero
        change(&space)
        try MutationWorld.assembly.get().actionPipeline.requireSpace(space)
    }

    private static func pipeline(
        gripper: GripperCoding = .number, convention: GripperConvention = .environment, mask: [Bool]? = nil
    ) throws -> ActionPipeline {
        let old = try MutationWorld.assembly.get().actionPipeline.normalization.statistics
        let statistics = try ActionStatistics(
            mean: old.mean, standardDeviation: old.standardDeviation, minimum: old.minimum, maximum: old.maximum,
            lowerQuantile: old.lowerQuantile, upperQuantile: old.upperQuantile, mask: mask ?? old.mask,
            gripperConvention: convention)
        return try ActionPipeline(
            space: .libero, normalization: Normalization(.openVLAQuantiles, statistics, source: "test"), horizon: 3,
            gripper: gripper)
    }

    static let ofActions: [Mutation] = [
        .refused("gripper sign of the environment", by: "action space", naming: "gripperConvention", "openVLA") {
            try meets { $0.gripperConvention = .openVLA }
        },
        .refused("gripper convention of the statistics", by: "statistics check", naming: "openVLA", "environment") {
            _ = try pipeline(convention: .openVLA)
        },
        Mutation("gripper threshold at 0 for a probability", .impossible, by: "the coding holds both ways") {
            let pipeline = try Self.pipeline(gripper: .binary)
            for (probability, command) in [(Float(0.49), -1.0), (0.51, 1)] {
                let chunk = try pipeline.decode(
                    (0..<21).map { $0 % 7 == 6 ? probability : 0 })
                #expect(chunk.actions.allSatisfy { $0[6] == command })
                #expect(try pipeline.encode(chunk)[6] == (command > 0 ? 1 : 0))
            }
        },
        .refused("absolute poses in place of changes", by: "action space", naming: "command", "endEffectorPose") {
            try meets { $0.command = .endEffectorPose }
        },
        .refused("another control rate", by: "action space", naming: "controlRate", "10") {
            try meets { $0.controlRate = 10 }
        },
        .refused("angles about fixed axes", by: "action space", naming: "rotationFormat") {
            try meets { $0.rotationFormat = .rollPitchYaw }
        },
        .refused("another scale of translations", by: "action space", naming: "translationScale") {
            try meets { $0.translationScale = 1 }
        },
        .refused("changes in the hand's frame", by: "action space", naming: "frame", "endEffector") {
            try meets { $0.frame = .endEffector }
        },
        .refused("another chunk length", by: "action pipeline", naming: "horizon", "8") {
            _ = try pipeline().encode(ActionChunk(values: Array(repeating: 0, count: 56), dimensionCount: 7))
        },
        .refused("actions of another width", by: "action pipeline", naming: "6", "7") {
            _ = try pipeline().encode(ActionChunk(values: Array(repeating: 0, count: 18), dimensionCount: 6))
        },
        .refused("a prediction that is not a number", by: "finite check", naming: "finite") {
            _ = try pipeline().decode(Array(repeating: .nan, count: 21))
        },
        Mutation("a motion beyond the controller's range", .impossible, by: "decoding cuts to the space's limit") {
            let identity = try Normalization(
                .identity, Self.pipeline().normalization.statistics, source: "test")
            let pipeline = try ActionPipeline(
                space: .libero, normalization: identity, horizon: 1, gripper: .binary)
            #expect(try pipeline.decode([9, -9, 0, 0, 0, 0, 1]).values == [1, -1, 0, 0, 0, 0, 1])
        },
        Mutation("the policy stands still", .detected, by: "`ActionDetectors`") {
            let still = (0..<20).map { _ in ActionChunk([[0.002, -0.003, 0, 0, 0, 0.001, -1]]) }
            #expect(ActionDetectors(still).findings.contains { $0.contains("stands still") })
        },
        Mutation("the policy's action is constant", .detected, by: "`ActionDetectors`") {
            let constant = (0..<20).map { _ in ActionChunk([[0.3, 0.1, -0.2, 0, 0, 0, 1]]) }
            #expect(ActionDetectors(constant).findings.contains { $0.contains("the same") })
            let varied = (0..<20).map { ActionChunk([[Double($0) / 20, 0.1, -0.2, 0, 0, 0, 1]]) }
            #expect(ActionDetectors(varied).findings.isEmpty)
        },
    ]
}
