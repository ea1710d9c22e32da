import Evaluation
import Foundation
import ImageProcessing
import RobotInterface
import TensorCore

/// A connection to an XPolicyLab server: hello, a reset for each episode, then an answer to each observation.
///
/// `@unchecked Sendable`: used by one thread at a time.
final class XPolicyLabConversation: RemoteConversation, @unchecked Sendable {
    private(set) var description: RemotePolicyDescription
    let isStateless = false
    private(set) var computingSeconds: Double?
    private let client: WebSocketClient
    private let timeout: Duration
    private let limits: ServingLimits
    private let evaluationID = UUID().uuidString
    private var episode: PlannedEpisode?
    private var step = 0

    init(
        _ client: WebSocketClient, _ configuration: RemotePolicyConfiguration, _ limits: ServingLimits
    ) throws(RemotePolicyError) {
        (self.client, self.limits, timeout) = (client, limits, configuration.timeoutDuration)
        description = try RemotePolicyDescription(nil, name: nil, configuration)
        let hello = try ask(.hello, WireMap())
        description = try RemotePolicyDescription(
            hello.payload["vla"]?.map, name: hello.payload["policy"]?.text, configuration)
    }

    func beginEpisode(_ episode: PlannedEpisode, in world: EnvironmentDescription) throws(RemotePolicyError) {
        (self.episode, step, computingSeconds) = (episode, 0, nil)
        // a server of this package draws from the seed as the episode does
        _ = try ask(.reset, WireMap([(.text("seed"), .integer(Int64(bitPattern: episode.seed)))]))
    }

    func actionChunk(
        for observation: Observation, drawing draws: inout PhiloxGenerator?
    ) throws -> ActionChunk {
        var vision = WireMap()
        for (name, image) in try description.images(of: observation).sorted(by: { $0.key < $1.key }) {
            let key =
                switch name {
                case .agentView: "cam_head"
                case .wrist: "cam_wrist"
                default: name.rawValue
                }
            vision[key] = ["color": .array(NumericArray(image))]
        }
        var sent = WireMap([(.text("vision"), .map(vision)), (.text("instruction"), .text(observation.instruction))])
        if description.requirements.stateLayout != nil, let state = observation.state {
            sent["state"] = .map(try Self.record(of: state))
        }
        let answer = try ask(.infer, WireMap([(.text("observation"), .map(sent))]))
        step += 1
        if let milliseconds = answer.payload["latency_ms"]?.number {
            computingSeconds = (computingSeconds ?? 0) + milliseconds / 1000
        }
        guard answer.kind == .inferResult, let list = answer.payload["actions"]?.list, !list.isEmpty else {
            throw RemotePolicyError(.malformed, "an answer without a list of actions")
        }
        do {
            return try ActionChunk(list.map { try description.requirements.actionSpace.action(xPolicyLab: $0) })
        } catch let error as WireError {
            throw RemotePolicyError(error)
        }
    }

    /// Position and quaternion, w first, fingers and joints.
    private static func record(of state: RobotState) throws -> WireMap {
        guard case .quaternionXYZW(let q) = state.endEffectorOrientation else {
            throw ObservationError.missingState("the orientation as a quaternion")
        }
        let p = state.endEffectorPosition
        func vector(_ values: [Double]) -> WireValue { .array(NumericArray(doubles: values, shape: [values.count])) }
        var record = WireMap([
            (.text("ee_pose"), vector([p.x, p.y, p.z, q.w, q.x, q.y, q.z])),
            (.text("ee_joint_state"), vector(state.fingerPositions)),
        ])
        if let joints = state.jointPositions { record["arm_joint_state"] = vector(joints) }
        return record
    }

    func close() { client.close() }

    private func ask(
        _ kind: XPolicyLabMessage.Kind, _ payload: WireMap
    ) throws(RemotePolicyError) -> XPolicyLabMessage {
        let id = UUID().uuidString
        var fields = WireMap([
            (.text("message_type"), .text(kind.rawValue)), (.text("message_id"), .text(id)),
            (.text("evaluation_id"), .text(evaluationID)),
        ])
        fields["action_case_id"] = .text("task-\(episode?.task ?? 0)")
        fields["trial_id"] = .text("episode-\(episode?.number ?? 0)")
        fields["repeat_index"] = .integer(Int64(episode?.number ?? 0))
        fields["step"] = .integer(Int64(step))
        fields["sent_at"] = .text(Date().formatted(.iso8601))
        fields["payload"] = .map(payload)
        client.send(WireValue.map(fields).encoded(.msgpackNumPy))
        let message = try client.receive(timeout: timeout)
        let answer: XPolicyLabMessage
        do { answer = try XPolicyLabMessage(decoding: message.bytes, limits: limits) } catch {
            throw RemotePolicyError(.malformed, error.description)
        }
        if answer.kind == .error {
            throw RemotePolicyError(.failed, answer.payload["message"]?.text ?? "an error without a text")
        }
        guard answer.fields["message_id"]?.text == id else {
            throw RemotePolicyError(.malformed, "an answer to another message")
        }
        return answer
    }
}

extension ActionSpace {
    /// Reads an action as XPolicyLab's maps have it: motion, then the gripper.
    func action(xPolicyLab value: WireValue) throws(WireError) -> [Double] {
        guard let map = value.map else { throw WireError(.schemaType, "an action is a map, not \(value.typeName)") }
        var action: [Double] = []
        for name in [xPolicyLabMotionName, "ee_joint_state"] {
            guard let entry = map[name] else {
                throw WireError(.missing, "an action has no '\(name)'; found \(map.shownKeys)")
            }
            action += try entry.vector(named: name)
        }
        guard action.count == dimensionCount else {
            throw WireError(.arrayShape, "an action has \(action.count) numbers, expected \(dimensionCount)")
        }
        return action
    }
}
