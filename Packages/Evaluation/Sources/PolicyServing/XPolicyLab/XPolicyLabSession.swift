import RobotInterface
import Evaluation
import Foundation
import ImageProcessing
import NIOCore
import NIOPosix
import TensorCore

/// A connection of an XPolicyLab client.
///
/// `@unchecked Sendable`: used on the connection's event loop only.
final class XPolicyLabSession: WebSocketSession, @unchecked Sendable {
    private let server: PolicyServerContext
    private let connectionNumber: UInt64
    private var episodeCount: UInt64 = 0
    private var generator: PhiloxGenerator
    private weak var connection: WebSocketConnection?

    init(_ server: PolicyServerContext, connectionNumber: UInt64) {
        self.server = server
        self.connectionNumber = connectionNumber
        generator = PhiloxGenerator(seed: server.configuration.seed, stream: connectionNumber << 32)
    }

    func begin(_ connection: WebSocketConnection) { self.connection = connection }

    func receive(_ message: [UInt8], isText: Bool) {
        guard let connection else { return }
        guard !isText else { return fail(XPolicyLabError(.invalidFrame, "a message is a binary frame")) }
        let limits = server.configuration.limits
        // images are read beside the network's thread
        server.decodingThreads.runIfActive(eventLoop: connection.eventLoop) {
            Result { () throws(XPolicyLabError) in try XPolicyLabMessage(decoding: message, limits: limits) }
        }.assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(.success(let message)): handle(message)
            case .success(.failure(let error)): fail(error)
            case .failure: connection.close(code: 1001, reason: "shutting down")
            }
        }
    }

    private func handle(_ message: XPolicyLabMessage) {
        do throws(XPolicyLabError) {
            guard let answer = message.kind.answer else {
                throw XPolicyLabError(
                    .unknownMessageType, "a client does not send messages of type \(message.kind.rawValue)",
                    request: message.fields)
            }
            switch message.kind {
            case .infer: infer(message)
            case .reset, .prepareCase, .trialEnd:
                episodeCount += 1
                generator =
                    message.payload["seed"]?.int.map { PhiloxGenerator(seed: UInt64(bitPattern: Int64($0))) }
                    ?? PhiloxGenerator(
                        seed: server.configuration.seed, stream: connectionNumber << 32 | episodeCount)
                send(XPolicyLabMessage(answer, WireMap(), answering: message.fields, sentAt: Self.now))
            case .hello:
                let payload = WireMap([
                    (.text("policy"), .text(server.configuration.policyName)), (.text("vla"), .map(server.description)),
                ])
                send(XPolicyLabMessage(answer, payload, answering: message.fields, sentAt: Self.now))
            default: send(XPolicyLabMessage(answer, WireMap(), answering: message.fields, sentAt: Self.now))
            }
        } catch {
            fail(error)
        }
    }

    private func infer(_ message: XPolicyLabMessage) {
        guard let connection else { return }
        let (payload, request) = (message.payload, message.fields)
        server.infer(on: connection.eventLoop, using: generator) { [server] in
            let observation = try ServedObservation(xPolicyLab: payload, limits: server.configuration.limits)
            return InferenceQueue.Prepared(try server.adapter.observation(observation))
        } complete: { [self] answer in
            guard self.connection != nil else { return }
            generator = answer.generator
            switch answer.result {
            case .success(let chunk):
                let actions = chunk.actions.map { WireValue.map(server.requirements.actionSpace.xPolicyLabAction($0)) }
                send(
                    XPolicyLabMessage(
                        .inferResult,
                        WireMap([
                            (.text("actions"), .list(actions)),
                            (.text("latency_ms"), .double(answer.inferenceTime * 1000)),
                        ]), answering: request, sentAt: Self.now))
                server.statistics.countAnswer()
            case .failure(let error):
                let error = server.wireError(error)
                let code: XPolicyLabMessage.ErrorCode = error.category == .busy ? .timeout : .inferFailed
                fail(XPolicyLabError(code, error.description, request: request))
            }
        }
    }

    private func fail(_ error: XPolicyLabError) {
        server.statistics.countError(error.code.rawValue)
        send(error.message(sentAt: Self.now))
    }

    private func send(_ message: XPolicyLabMessage) {
        connection?.send(message.encoded())
        connection?.finishMessage()
    }

    func end() { connection = nil }

    private static var now: String { Date().formatted(.iso8601) }
}

extension ServedObservation {
    /// Reads `observation`: `vision/<camera>/color`, `state` and `instruction`.
    ///
    /// `cam_head` is the agent's view, `cam_wrist` the wrist's; other cameras keep their names. `ee_pose` is position and
    /// quaternion, w first; one finger position stands for two of opposite signs.
    ///
    /// - Throws: ``WireError`` when an entry is of another type.
    init(xPolicyLab payload: WireMap, limits: ServingLimits) throws(WireError) {
        guard let observation = payload["observation"]?.map else {
            throw WireError(.missing, "the payload has no map 'observation'")
        }
        self.init(images: [:], state: nil, instruction: nil)
        for case .text(let name) in observation["vision"]?.map?.entries.map(\.key) ?? [] {
            guard let color = observation["vision"]?.map?[name]?.map?["color"] else { continue }
            let camera: CameraName =
                switch name {
                case "cam_head": .agentView
                case "cam_wrist": .wrist
                default: CameraName(name)
                }
            images[camera] = try color.imageArray(named: "vision/\(name)/color").image()
        }
        if let value = observation["instruction"] ?? payload["instruction"] {
            instruction = try value.instruction(named: "instruction", limits: limits)
        }
        guard let state = observation["state"]?.map, let value = state["ee_pose"] else { return }
        let pose = try value.vector(named: "state/ee_pose")
        guard pose.count == 7 else {
            throw WireError(.arrayShape, "'state/ee_pose' has \(pose.count) numbers; position and quaternion are 7")
        }
        var fingers = try state["ee_joint_state"]?.vector(named: "state/ee_joint_state") ?? []
        if fingers.count == 1 { fingers.append(-fingers[0]) }
        self.state = .parts(
            RobotState(
                endEffectorPosition: SIMD3(pose[0], pose[1], pose[2]),
                endEffectorOrientation: .quaternionXYZW(SIMD4(pose[4], pose[5], pose[6], pose[3])),
                fingerPositions: fingers,
                jointPositions: try state["arm_joint_state"]?.vector(named: "state/arm_joint_state")))
    }
}

extension ActionSpace {
    /// One action as XPolicyLab's maps have it; the last number is the gripper's.
    func xPolicyLabAction(_ action: [Double]) -> WireMap {
        func vector(_ values: some Collection<Double>) -> WireValue {
            .array(NumericArray(doubles: Array(values), shape: [values.count]))
        }
        // without a stated meaning no number is a gripper's
        if command == .unspecified { return WireMap([(.text("action"), vector(action))]) }
        return WireMap([
            (.text(xPolicyLabMotionName), vector(action.dropLast())),
            (.text("ee_joint_state"), vector(action.suffix(1))),
        ])
    }

    /// What the maps call everything of an action but the gripper.
    var xPolicyLabMotionName: String {
        switch command {
        case .jointPositions: "arm_joint_state"
        case .jointDelta: "arm_joint_delta"
        case .endEffectorPose: "ee_pose"
        case .endEffectorDelta: "ee_delta_pose"
        case .unspecified: "action"
        }
    }
}
