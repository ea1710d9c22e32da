import RobotInterface
import Evaluation
import ImageProcessing
import NIOCore
import TensorCore

/// A connection of an openpi client: metadata, then one answer to each observation.
///
/// The protocol has no episodes, so a connection is one stream of draws.
///
/// `@unchecked Sendable`: used on the connection's event loop only.
final class OpenPISession: WebSocketSession, @unchecked Sendable {
    private let server: PolicyServerContext
    private var generator: PhiloxGenerator
    private weak var connection: WebSocketConnection?
    /// Seconds between the previous request's arrival and its answer.
    private var previousTotal: Double?

    init(_ server: PolicyServerContext, connectionNumber: UInt64) {
        self.server = server
        generator = PhiloxGenerator(seed: server.configuration.seed, stream: connectionNumber)
    }

    func begin(_ connection: WebSocketConnection) {
        self.connection = connection
        connection.send(OpenPIMetadata(server.openPIMetadata).encoded())
    }

    func receive(_ message: [UInt8], isText: Bool) {
        guard let connection else { return }
        guard !isText else { return fail(WireError(.textFrame, "an observation is a binary frame")) }
        let arrival = ContinuousClock.now
        let required = server.requiredOpenPIKeys
        server.infer(on: connection.eventLoop, using: generator) { [server] in
            do {
                let observation = try OpenPIObservation(
                    decoding: message, requiring: required, limits: server.configuration.limits)
                // a client of this package says where its own draws stand
                return InferenceQueue.Prepared(
                    try server.adapter.observation(ServedObservation(observation)),
                    drawingFrom: PhiloxGenerator(record: observation.fields[PhiloxGenerator.recordKey]))
            } catch let error as WireError {
                throw error.explainingPickle(message)
            }
        } complete: { [self] answer in
            finish(answer, arrival)
        }
    }

    private func finish(_ answer: InferenceQueue.Answer, _ arrival: ContinuousClock.Instant) {
        guard let connection else { return }
        generator = answer.generator
        switch answer.result {
        case .success(let chunk):
            var reply = OpenPIAction(
                chunk, inferenceTime: answer.inferenceTime * 1000, previousTotalTime: previousTotal.map { $0 * 1000 })
            if let draws = answer.clientGenerator { reply.add(draws.record, forKey: PhiloxGenerator.recordKey) }
            connection.send(reply.encoded())
            previousTotal = (ContinuousClock.now - arrival).seconds
            server.statistics.countAnswer()
            connection.finishMessage()
        case .failure(let error): fail(error)
        }
    }

    /// A text that gives the reason, then the connection closes: a client cannot continue.
    private func fail(_ error: any Error) {
        connection?.send(text: server.wireError(error).description)
        connection?.close(code: 1011, reason: "Internal server error. Traceback included in previous frame.")
    }

    func end() { connection = nil }
}

extension ServedObservation {
    /// - Throws: ``WireError`` for an entry of another type.
    init(_ observation: OpenPIObservation) throws(WireError) {
        var images: [CameraName: RGBImage] = [:]
        if let image = try observation.image(OpenPIObservation.imageKey) { images[.agentView] = image }
        if let image = try observation.image(OpenPIObservation.wristImageKey) { images[.wrist] = image }
        self.init(
            images: images, state: try observation.state.map { .vector($0) }, instruction: try observation.prompt())
    }
}

extension PolicyServerContext {
    /// The keys a client has to send for this policy.
    var requiredOpenPIKeys: [String] {
        var keys: [String] = []
        if requirements.cameras[.agentView] != nil { keys.append(OpenPIObservation.imageKey) }
        if requirements.cameras[.wrist] != nil { keys.append(OpenPIObservation.wristImageKey) }
        if requirements.stateLayout != nil { keys.append(OpenPIObservation.stateKey) }
        if configuration.defaultInstruction == nil { keys.append(OpenPIObservation.promptKey) }
        return keys
    }

    var openPIMetadata: WireMap {
        var metadata = WireMap([
            (.text("policy"), .text(configuration.policyName)),
            (.text("action_dim"), .integer(Int64(requirements.actionSpace.dimensionCount))),
            (.text("observation_keys"), .list(requiredOpenPIKeys.map { .text($0) })),
        ])
        if let horizon = configuration.horizon { metadata["action_horizon"] = .integer(Int64(horizon)) }
        metadata["vla"] = .map(description)
        return metadata
    }
}

extension WireError {
    /// The same error, which says what to do where a client sent a pickle; it is never read as one.
    func explainingPickle(_ bytes: [UInt8]) -> WireError {
        guard bytes.count > 2, bytes[0] == 0x80, 2...5 ~= bytes[1], bytes.last == UInt8(ascii: ".") else { return self }
        return WireError(
            category,
            reason + "; this looks like a Python pickle, which is never read: send MessagePack "
                + "(protocols: \(ServingProtocol.allCases.map(\.rawValue).joined(separator: ", ")))")
    }
}
