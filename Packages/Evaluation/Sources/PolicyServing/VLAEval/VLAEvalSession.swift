import RobotInterface
import Evaluation
import Foundation
import ImageProcessing
import NIOCore
import NIOPosix
import TensorCore

/// A connection of a vla-eval benchmark: episodes, and one action for each observation.
///
/// Chunks are kept here and sent row by row, as LIBERO's benchmark takes single actions. An episode's start and end clear
/// them.
///
/// `@unchecked Sendable`: used on the connection's event loop only.
final class VLAEvalSession: WebSocketSession, @unchecked Sendable {
    private let server: PolicyServerContext
    private let connectionNumber: UInt64
    private var episodeCount: UInt64 = 0
    private var generator: PhiloxGenerator
    private var executor: ActionChunkExecutor
    private weak var connection: WebSocketConnection?

    init(_ server: PolicyServerContext, connectionNumber: UInt64) {
        self.server = server
        self.connectionNumber = connectionNumber
        generator = PhiloxGenerator(seed: server.configuration.seed, stream: connectionNumber << 32)
        executor = ActionChunkExecutor(.openLoop(replanInterval: server.configuration.replanInterval))
    }

    func begin(_ connection: WebSocketConnection) { self.connection = connection }

    func receive(_ message: [UInt8], isText: Bool) {
        guard let connection else { return }
        guard !isText else {
            return fail(WireError(.textFrame, "a message is a binary frame"), sequenceNumber: 0)
        }
        let limits = server.configuration.limits
        // images are decompressed beside the network's thread
        server.decodingThreads.runIfActive(eventLoop: connection.eventLoop) {
            Result { try VLAEvalMessage(decoding: message, limits: limits) }
        }.assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(.success(let message)): handle(message)
            case .success(.failure(let error)):
                let error = error as? VLAEvalDecodingError
                let reason = error?.error.explainingPickle(message) ?? WireError(.execution, "the message was not read")
                fail(reason, sequenceNumber: error?.sequenceNumber ?? 0)
            case .failure: connection.close(code: 1001, reason: "shutting down")
            }
        }
    }

    private func handle(_ message: VLAEvalMessage) {
        switch message.kind {
        case .hello:
            send(.hello, server.vlaEvalGreeting, message.sequenceNumber)
            connection?.finishMessage()
        case .episodeStart:
            episodeCount += 1
            startEpisode(seed: message.payload["task"]?.map?["seed"]?.int)
            connection?.finishMessage()
        case .episodeEnd:
            startEpisode(seed: nil)
            connection?.finishMessage()
        case .observation: answer(message)
        case .action, .error:
            fail(
                WireError(.schemaType, "a client does not send messages of type \(message.kind.rawValue)"),
                sequenceNumber: message.sequenceNumber)
        }
    }

    /// Forgets the chunk. A task's entry `seed` decides the draws, else the connection's and episode's numbers.
    private func startEpisode(seed: Int?) {
        executor = ActionChunkExecutor(executor.execution)
        generator =
            seed.map { PhiloxGenerator(seed: UInt64(bitPattern: Int64($0))) }
            ?? PhiloxGenerator(seed: server.configuration.seed, stream: connectionNumber << 32 | episodeCount)
    }

    private func answer(_ message: VLAEvalMessage) {
        guard executor.needsChunk else {
            server.statistics.countRequest()
            return sendAction(message.sequenceNumber)
        }
        guard let connection else { return }
        let payload = message.payload
        server.infer(on: connection.eventLoop, using: generator) { [server] in
            let observation = try VLAEvalObservation(payload, limits: server.configuration.limits)
            return InferenceQueue.Prepared(try server.adapter.observation(ServedObservation(observation)))
        } complete: { [self] answer in
            guard self.connection != nil else { return }
            generator = answer.generator
            switch answer.result {
            case .success(let chunk):
                executor.receive(chunk)
                sendAction(message.sequenceNumber)
            case .failure(let error): fail(error, sequenceNumber: message.sequenceNumber)
            }
        }
    }

    private func sendAction(_ sequenceNumber: Int) {
        let action = executor.nextAction()
        send(
            .action,
            WireMap([(.text("actions"), .array(NumericArray(doubles: action, shape: [action.count])))]),
            sequenceNumber)
        server.statistics.countAnswer()
        connection?.finishMessage()
    }

    private func fail(_ error: any Error, sequenceNumber: Int) {
        let text = server.wireError(error).description
        send(.error, WireMap([(.text("error"), .text(text))]), sequenceNumber)
        connection?.finishMessage()
    }

    private func send(_ kind: VLAEvalMessage.Kind, _ payload: WireMap, _ sequenceNumber: Int) {
        let message = VLAEvalMessage(
            kind, payload, sequenceNumber: sequenceNumber, timestamp: Date().timeIntervalSince1970)
        connection?.send(message.encoded())
    }

    func end() { connection = nil }
}

extension ServedObservation {
    init(_ observation: VLAEvalObservation) {
        var images: [CameraName: RGBImage] = [:]
        for (name, image) in observation.images {
            switch name {
            case VLAEvalObservation.agentViewKey: images[.agentView] = image
            case VLAEvalObservation.wristKey: images[.wrist] = image
            default: images[CameraName(name)] = image
            }
        }
        self.init(images: images, state: observation.state.map { .vector($0) }, instruction: observation.instruction)
    }
}

extension PolicyServerContext {
    /// The server's hello: what the benchmark should send, and what actions and observations mean.
    var vlaEvalGreeting: WireMap {
        let space = requirements.actionSpace
        func component(_ name: String, _ dimensions: Int, _ format: String, _ range: (Double, Double)? = nil)
            -> WireValue
        {
            var map = WireMap([
                (.text("name"), .text(name)), (.text("dims"), .integer(Int64(dimensions))),
                (.text("format"), .text(format)),
            ])
            if let range { map["range"] = .list([.double(range.0), .double(range.1)]) }
            return .map(map)
        }
        let gripper = component(
            "gripper", 1, space.gripperConvention == .environment ? "binary_close_positive" : "binary_close_01",
            space.gripperConvention == .environment ? (-1, 1) : (0, 1))
        let limits = (-space.limit, space.limit)
        let rotation = space.rotationFormat == .axisAngle ? "axis_angle" : "euler_xyz"
        let action: WireMap =
            switch space.command {
            case .endEffectorDelta, .endEffectorPose:
                WireMap([
                    (
                        .text("position"),
                        component(
                            "position", 3, space.command == .endEffectorDelta ? "delta_xyz" : "absolute_xyz", limits)
                    ), (.text("rotation"), component("rotation", 3, rotation, limits)), (.text("gripper"), gripper),
                ])
            case .jointDelta, .jointPositions:
                WireMap([
                    (
                        .text("joints"),
                        component(
                            "joints", space.dimensionCount - 1,
                            space.command == .jointPositions ? "joint_positions" : "raw", limits)
                    ), (.text("gripper"), gripper),
                ])
            case .unspecified:
                WireMap([(.text("action"), component("action", space.dimensionCount, "raw", nil))])
            }
        var observation = WireMap()
        var parameters = WireMap()
        if requirements.cameras[.agentView] != nil {
            observation["agentview"] = component("image", 0, "rgb_hwc_uint8")
        }
        if requirements.cameras[.wrist] != nil {
            observation["wrist"] = component("image", 0, "rgb_hwc_uint8")
            parameters["send_wrist_image"] = true
        }
        if requirements.stateLayout != nil {
            observation["state"] = component("state", 8, "eef_pos3_axisangle3_gripper2")
            parameters["send_state"] = true
            // the angle in 0…2π, as LIBERO's demonstrations have it
            parameters["quat_no_antipodal"] = true
        }
        observation["language"] = component("language", 0, "language")
        return WireMap([
            (.text("harness_version"), "0.0.0"),
            (.text("protocol_version"), .integer(Int64(VLAEvalMessage.protocolVersion))),
            (.text("model_server"), .text(configuration.policyName)), (.text("capabilities"), [:]),
            (.text("observation_params"), .map(parameters)), (.text("action_spec"), .map(action)),
            (.text("observation_spec"), .map(observation)), (.text("vla"), .map(description)),
        ])
    }
}
