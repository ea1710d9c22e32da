import Foundation
public import TensorCore
import TensorNN

/// An ACT policy of a LeRobot folder, between its processors.
public struct ACTPolicy: Sendable {
    public var model: ACTModel
    public let preparation: LeRobotPreparation
    public let findings: [PeerFinding]

    public var configuration: ACTConfiguration { model.configuration }

    /// - Throws: ``PeerPolicyError``.
    public init(_ folder: LeRobotFolder) throws {
        var findings = folder.findings
        let configuration = try ACTConfiguration(folder.configuration, findings: &findings)
        model = try ACTModel(configuration, from: WeightSource(folder.weights, file: LeRobotFolder.weightsName))
        preparation = LeRobotPreparation(folder)
        self.findings = findings
    }

    /// Normalized actions, `[batch, chunk, size]`.
    public func normalizedChunks(_ inputs: LeRobotInputs) throws -> Tensor {
        try withoutGradient { model(try preparation.prepare(inputs)) }
    }

    /// Actions in the robot's units, `[batch, chunk, size]`.
    public func chunks(_ inputs: LeRobotInputs) throws -> Tensor {
        preparation.actions(try normalizedChunks(inputs))
    }
}

/// An ACT policy in a control loop: executes chunks, or averages overlapping ones where the configuration says so.
public struct ACTSession: Sendable {
    public let policy: ACTPolicy
    private var queue: [[Float]] = []
    private var ensemble: TemporalEnsemble?
    /// How often the network was computed.
    public private(set) var callCount = 0

    public init(_ policy: ACTPolicy) {
        self.policy = policy
        ensemble = policy.configuration.ensembleCoefficient.map {
            TemporalEnsemble(coefficient: $0, chunkSize: policy.configuration.chunkSize)
        }
    }

    /// The next action in the robot's units. The observation is read when the network is computed.
    public mutating func action(for inputs: @autoclosure () throws -> LeRobotInputs) throws -> [Float] {
        func rows(_ chunk: Tensor) -> [[Float]] { (0..<chunk.shape[1]).map { chunk[0][$0].floats } }
        if ensemble != nil {
            callCount += 1
            let action = ensemble!.update(with: rows(try policy.normalizedChunks(try inputs())))
            return policy.preparation.actions(Tensor(action, [1, 1, action.count])).floats
        }
        if queue.isEmpty {
            callCount += 1
            queue = Array(rows(try policy.chunks(try inputs())).prefix(policy.configuration.actionSteps))
        }
        return queue.removeFirst()
    }
}
