import Evaluation
public import Foundation
import LiberoData
import TensorCore
public import RobotInterface

/// A policy's chunks beside those of demonstrations, as `open_loop.json` holds them.
public struct OpenLoopReport: Hashable, Codable, Sendable {
    public var policy: String
    public var demonstrations: String
    public var chunkCount: Int
    public var dimensionNames: [String]
    /// Mean absolute error by dimension, in the units of the action space.
    public var absoluteErrors: [Double]
    public var rootMeanSquares: [Double]
    /// Mean absolute error by the action's place in the chunk.
    public var errorsByStep: [Double]
    public var gripperAgreement: Double?

    /// Compares at frames spread evenly over the data set.
    ///
    /// - Parameter shouldContinue: Called before each frame; throws to end.
    /// - Throws: ``Evaluation/IncompatibleEnvironmentError`` when the data are not what the policy was trained for.
    public init(
        of policy: some Policy, named name: String, on folder: URL, frameLimit: Int,
        shouldContinue: () throws -> Void = {}
    ) throws {
        let dataset = try LiberoDataset(at: folder)
        let data = dataset.description
        try policy.requirements.check(
            EnvironmentDescription(
                suite: folder.lastPathComponent, tasks: [], actionSpace: data.actionSpace, cameras: data.cameras,
                stateParts: data.stateLayout.parts, initialStateCounts: [], provenance: [:]))
        var error = OpenLoopError(dimensionCount: policy.actionSpace.dimensionCount)
        let count = min(frameLimit, dataset.frameCount)
        for index in 0..<count {
            try shouldContinue()
            let place = dataset.place(ofFrame: index * dataset.frameCount / count)
            let episode = try dataset.episode(place.episode)
            var generator = PhiloxGenerator(seed: 0, stream: UInt64(index))
            let chunk = try policy.actionChunk(
                for: episode.observation(at: place.frame), using: &generator)
            // behind the episode's end there is nothing to compare with
            let horizon = min(chunk.horizon, episode.length - place.frame)
            error.add(chunk, target: episode.actionChunk(at: place.frame, horizon: horizon))
        }
        self.policy = name
        demonstrations = folder.path
        chunkCount = error.chunkCount
        dimensionNames = policy.actionSpace.dimensionNames
        (absoluteErrors, rootMeanSquares) = (error.absoluteErrors, error.rootMeanSquares)
        (errorsByStep, gripperAgreement) = (error.errorsByStep, error.gripperAgreement)
    }

    public var text: String {
        let errors = zip(dimensionNames, absoluteErrors).map { "\($0) \(($1 * 1000).rounded() / 1000)" }
        return "open loop on \(chunkCount) frames: mean absolute errors \(errors.joined(separator: ", ")); "
            + "gripper agrees in \(TextFormat.percent(gripperAgreement ?? 0))"
    }
}
