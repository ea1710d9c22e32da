import Evaluation
import Foundation
import ImageProcessing
import RobotInterface
import TensorCore

/// A connection to a model server of vla-eval: hello, then episodes of observations and single actions.
///
/// `@unchecked Sendable`: used by one thread at a time.
final class VLAEvalConversation: RemoteConversation, @unchecked Sendable {
    private(set) var description: RemotePolicyDescription
    let isStateless = false
    /// The protocol does not tell times.
    let computingSeconds: Double? = nil
    private let client: WebSocketClient
    private let timeout: Duration
    private let limits: ServingLimits
    private var sequenceNumber = 0
    private var isInEpisode = false
    /// Whether the sign of the rotation's quaternion is kept, as LIBERO's demonstrations have it.
    private var keepsQuaternion = true

    init(
        _ client: WebSocketClient, _ configuration: RemotePolicyConfiguration, _ limits: ServingLimits
    ) throws(RemotePolicyError) {
        (self.client, self.limits, timeout) = (client, limits, configuration.timeoutDuration)
        description = try RemotePolicyDescription(nil, name: nil, configuration)
        let hello = try ask(
            .hello,
            WireMap([
                (.text("harness_version"), "0.0.0"),
                (.text("protocol_version"), .integer(Int64(VLAEvalMessage.protocolVersion))),
            ]))
        guard hello.kind == .hello, hello.payload["protocol_version"]?.int == VLAEvalMessage.protocolVersion else {
            throw RemotePolicyError(
                .malformed, "the greeting is no hello of protocol version \(VLAEvalMessage.protocolVersion)")
        }
        description = try RemotePolicyDescription(
            hello.payload["vla"]?.map, name: hello.payload["model_server"]?.text, configuration)
        guard !description.isOwn else { return }
        // what the benchmark does with these settings
        let parameters = hello.payload["observation_params"]?.map ?? WireMap()
        if parameters["send_wrist_image"]?.bool != true { description.requirements.cameras[.wrist] = nil }
        if parameters["send_state"]?.bool != true { description.requirements.stateLayout = nil }
        keepsQuaternion = parameters["quat_no_antipodal"]?.bool == true
        if let specification = hello.payload["action_spec"]?.map { try Self.check(specification) }
    }

    /// The benchmark takes deltas of position, axis-angle and a gripper whose positive side closes.
    private static func check(_ specification: WireMap) throws(RemotePolicyError) {
        for (component, format) in [
            ("position", "delta_xyz"), ("rotation", "axis_angle"), ("gripper", "binary_close_positive"),
        ] {
            guard let found = specification[component]?.map?["format"]?.text else { continue }
            guard found == format else {
                throw RemotePolicyError(
                    .incompatible,
                    "its actions' \(component) is of the form \(quoted(found)); LIBERO takes \(format)")
            }
        }
    }

    func beginEpisode(_ episode: PlannedEpisode, in world: EnvironmentDescription) throws(RemotePolicyError) {
        // nothing is answered, so a lost connection would be found too late
        try client.check()
        if isInEpisode { tell(.episodeEnd, WireMap()) }
        isInEpisode = true
        tell(
            .episodeStart,
            WireMap([
                (
                    .text("task"),
                    [
                        "name": .text(world.tasks[episode.task]), "suite": .text(world.suite),
                        "task_id": .integer(Int64(episode.task)), "episode_idx": .integer(Int64(episode.number)),
                        // a server of this package draws from it as the episode does
                        "seed": .integer(Int64(bitPattern: episode.seed)),
                    ]
                )
            ]))
    }

    func actionChunk(
        for observation: Observation, drawing draws: inout PhiloxGenerator?
    ) throws -> ActionChunk {
        var images = WireMap()
        let sent = try description.images(of: observation)
        for (name, key) in [
            (CameraName.agentView, VLAEvalObservation.agentViewKey), (.wrist, VLAEvalObservation.wristKey),
        ] {
            if let image = sent[name] { images[key] = .array(NumericArray(image)) }
        }
        var payload = WireMap([
            (.text("images"), .map(images)), (.text("task_description"), .text(observation.instruction)),
        ])
        if let state = try state(of: observation) {
            payload["states"] = .array(NumericArray(doubles: state, shape: [state.count]))
        }
        let answer = try ask(.observation, payload)
        guard answer.kind == .action, let actions = answer.payload["actions"] ?? answer.payload["action"] else {
            throw RemotePolicyError(.malformed, "an answer of type \(answer.kind.rawValue) without actions")
        }
        let chunk: ActionChunk
        do { chunk = try actions.actionChunk(named: "actions") } catch { throw RemotePolicyError(error) }
        guard chunk.dimensionCount == description.requirements.actionSpace.dimensionCount else {
            throw RemotePolicyError(.incompatible, "an action has \(chunk.dimensionCount) numbers")
        }
        guard !description.isOwn else { return chunk }
        // the benchmark's own gripper is open or closed
        var rows = chunk.actions
        for row in rows.indices { rows[row][6] = rows[row][6] < 0 ? -1 : 1 }
        return ActionChunk(rows)
    }

    /// As the benchmark computes it: the angle in single precision, and in 0…π unless the server asks for 0…2π.
    private func state(of observation: Observation) throws -> [Double]? {
        guard !description.isOwn, var state = observation.state else { return try description.state(of: observation) }
        var observation = observation
        if case .quaternionXYZW(let q) = state.endEffectorOrientation, q.w < 0, !keepsQuaternion {
            state.endEffectorOrientation = .quaternionXYZW(-q)
            observation.state = state
        }
        guard var values = try description.state(of: observation) else { return nil }
        for index in 3..<6 { values[index] = Double(Float(values[index])) }
        return values
    }

    func close() {
        if isInEpisode { tell(.episodeEnd, WireMap()) }
        client.close()
    }

    // MARK: Messages

    private func tell(_ kind: VLAEvalMessage.Kind, _ payload: WireMap) {
        sequenceNumber += 1
        let message = VLAEvalMessage(
            kind, payload, sequenceNumber: sequenceNumber, timestamp: Date().timeIntervalSince1970)
        client.send(message.encoded())
    }

    private func ask(
        _ kind: VLAEvalMessage.Kind, _ payload: WireMap
    ) throws(RemotePolicyError) -> VLAEvalMessage {
        tell(kind, payload)
        let message = try client.receive(timeout: timeout)
        guard !message.isText else { throw RemotePolicyError(.malformed, "an answer is text") }
        let answer: VLAEvalMessage
        do { answer = try VLAEvalMessage(decoding: message.bytes, limits: limits) } catch {
            throw RemotePolicyError(error.error)
        }
        if answer.kind == .error {
            throw RemotePolicyError(.failed, answer.payload["error"]?.text ?? "an error without a text")
        }
        guard answer.sequenceNumber == sequenceNumber else {
            throw RemotePolicyError(
                .malformed, "answer \(answer.sequenceNumber) where \(sequenceNumber) is expected")
        }
        return answer
    }
}
