import Evaluation
import Foundation
import ImageProcessing
import RobotInterface
import TensorCore

/// A connection to an openpi server: metadata first, then an answer to each observation.
///
/// `@unchecked Sendable`: used by one thread at a time.
final class OpenPIConversation: RemoteConversation, @unchecked Sendable {
    let description: RemotePolicyDescription
    let isStateless = true
    private(set) var computingSeconds: Double?
    private let client: WebSocketClient
    private let timeout: Duration
    private let limits: ServingLimits

    init(
        _ client: WebSocketClient, _ configuration: RemotePolicyConfiguration, _ limits: ServingLimits
    ) throws(RemotePolicyError) {
        (self.client, self.limits, timeout) = (client, limits, configuration.timeoutDuration)
        let message = try client.receive(timeout: timeout)
        guard !message.isText else {
            throw RemotePolicyError(.failed, String(decoding: message.bytes, as: UTF8.self))
        }
        let metadata: WireMap
        do { metadata = try OpenPIMetadata(decoding: message.bytes, limits: limits).fields } catch {
            throw RemotePolicyError(error)
        }
        description = try RemotePolicyDescription(
            metadata["vla"]?.map, name: metadata["policy"]?.text, configuration)
    }

    /// The protocol has no episodes.
    func beginEpisode(_ episode: PlannedEpisode, in world: EnvironmentDescription) { computingSeconds = nil }

    func actionChunk(
        for observation: Observation, drawing draws: inout PhiloxGenerator?
    ) throws -> ActionChunk {
        var fields = WireMap()
        let images = try description.images(of: observation)
        for (name, key) in [
            (CameraName.agentView, OpenPIObservation.imageKey), (.wrist, OpenPIObservation.wristImageKey),
        ] {
            if let image = images[name] { fields[key] = .array(NumericArray(image)) }
        }
        if let state = try description.state(of: observation) {
            fields[OpenPIObservation.stateKey] = .array(NumericArray(doubles: state, shape: [state.count]))
        }
        fields[OpenPIObservation.promptKey] = .text(observation.instruction)
        if description.isOwn, let draws { fields[PhiloxGenerator.recordKey] = draws.record }
        client.send(OpenPIObservation(fields).encoded())

        let message = try client.receive(timeout: timeout)
        guard !message.isText else {
            throw RemotePolicyError(.failed, String(decoding: message.bytes, as: UTF8.self))
        }
        let action: OpenPIAction
        do { action = try OpenPIAction(decoding: message.bytes, limits: limits) } catch {
            throw RemotePolicyError(error)
        }
        if let milliseconds = action.inferenceTime {
            computingSeconds = (computingSeconds ?? 0) + milliseconds / 1000
        }
        if description.isOwn, let after = PhiloxGenerator(record: action.fields[PhiloxGenerator.recordKey]) {
            draws = after
        }
        return action.actions
    }

    func close() { client.close() }
}
