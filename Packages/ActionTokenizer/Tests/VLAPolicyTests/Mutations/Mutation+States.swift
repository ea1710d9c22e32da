import RobotInterface
import ActionTokenizer
import Foundation
import TensorCore
import Testing
import VLAPolicy

extension Mutation {
    private static func outliers(_ orientation: RobotState.Orientation) throws -> [String] {
        let pipeline = try MutationWorld.assembly.get().observationPipeline.state!
        var state = SmallWorld.state([0, 0, 0.2])
        state.endEffectorOrientation = orientation
        return try pipeline.outliers(of: state)
    }

    private static func rebuilt(
        _ method: ActionNormalizer.Method, _ change: (ActionStatistics) throws -> ActionStatistics
    ) throws {
        let pipeline = try MutationWorld.assembly.get().observationPipeline
        let old = pipeline.state!
        let normalization = try Normalization(
            method, change(old.normalization.statistics), source: old.normalization.source)
        let state = try StatePipeline(layout: old.layout, normalization: normalization)
        try ObservationPipeline(cameras: pipeline.cameras, state: state, prompt: pipeline.prompt)
            .requireSame(as: pipeline)
    }

    static let ofStates: [Mutation] = [
        Mutation("quaternion in w, x, y, z order", .detected, by: "state outside the data's range") {
            // the small world's orientation, its parts exchanged
            let vector = SIMD3(3.1, 0.05, -0.1)
            let angle = (vector * vector).sum().squareRoot()
            let axis = vector / angle * sin(angle / 2)
            let right = SIMD4(axis.x, axis.y, axis.z, cos(angle / 2))
            let (found, foundOfWrong) = (
                try outliers(.quaternionXYZW(right)),
                try outliers(.quaternionXYZW([right.w, right.x, right.y, right.z]))
            )
            #expect(found.isEmpty && !foundOfWrong.isEmpty)
        },
        Mutation("Euler angles in place of axis and angle", .detected, by: "state outside the data's range") {
            let (found, foundOfWrong) = (
                try outliers(.axisAngle([3.1, 0.05, -0.1])), try outliers(.axisAngle([-3.1, 0.1, 3.0]))
            )
            #expect(found.isEmpty && !foundOfWrong.isEmpty)
        },
        Mutation("a vector of eight numbers with unknown meaning", .impossible, by: "`RobotState` names its parts") {
            let layout = try MutationWorld.assembly.get().observationPipeline.state!.layout
            #expect(layout.parts == [.endEffectorPosition, .axisAngle, .fingerPositions])
        },
        .refused("no state", by: "required state", naming: "state") { try MutationWorld.prepare { $0.state = nil } },
        .refused("one finger where two were", by: "state layout", naming: "fingerPositions") {
            try MutationWorld.prepare { $0.state?.fingerPositions = [0.04] }
        },
        .refused("joints asked of a source without", by: "state layout", naming: "jointPositions") {
            _ = try StateLayout([.jointPositions]).values(of: SmallWorld.state(.zero))
        },
        .refused("a state that is not a number", by: "finite check", naming: "finite") {
            try MutationWorld.prepare { $0.state?.endEffectorPosition.y = .nan }
        },
        .refused("statistics of another layout", by: "dimension check", naming: "7", "8") {
            let seven = [Double](repeating: 0.5, count: 7)
            let statistics = try ActionStatistics(
                mean: seven, standardDeviation: seven, minimum: seven.map { -$0 }, maximum: seven,
                lowerQuantile: seven.map { -$0 }, upperQuantile: seven)
            _ = try StatePipeline(
                layout: .libero, normalization: Normalization(.openPIQuantiles, statistics, source: "other"))
        },
        .refused("statistics without quantiles", by: "normalizer", naming: "q01") {
            try rebuilt(.openPIQuantiles) {
                try ActionStatistics(mean: $0.mean, standardDeviation: $0.standardDeviation)
            }
        },
        .refused("min and max in place of quantiles", by: "pipeline comparison", naming: "normalization.method") {
            try rebuilt(.openVLABounds) { $0 }
        },
        .refused("statistics of another data set", by: "pipeline comparison", naming: "q99") {
            try rebuilt(.openPIQuantiles) {
                try ActionStatistics(
                    mean: $0.mean, standardDeviation: $0.standardDeviation, minimum: $0.minimum,
                    maximum: $0.maximum, lowerQuantile: $0.lowerQuantile,
                    upperQuantile: $0.upperQuantile?.map { $0 + 1 })
            }
        },
    ]
}
