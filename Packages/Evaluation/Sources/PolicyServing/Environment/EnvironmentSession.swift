import Foundation
import NIOCore
import NIOPosix
import RobotInterface

/// A connection of an environment server: worlds that are made, reset and stepped by requests, one at a time.
///
/// `@unchecked Sendable`: `connection` is used on the event loop only, `batch` under the lock.
final class EnvironmentSession: WebSocketSession, @unchecked Sendable {
    private let server: EnvironmentServerContext
    private weak var connection: WebSocketConnection?
    private let lock = NSLock()
    private var batch: WorldBatch?

    init(_ server: EnvironmentServerContext) { self.server = server }

    func begin(_ connection: WebSocketConnection) {
        self.connection = connection
        connection.send(WireValue.map(server.greeting).encoded(.vlaEval))
    }

    func receive(_ message: [UInt8], isText: Bool) {
        guard let connection else { return }
        server.statistics.countRequest()
        server.threads.runIfActive(eventLoop: connection.eventLoop) { [self] in
            lock.withLock { isText ? Self.textRefusal : answer(message) }
        }.assumeIsolated().whenComplete { [self] result in
            guard let connection = self.connection else { return }
            switch result {
            case .success(let answer):
                connection.send(WireValue.map(answer).encoded(.vlaEval))
                connection.finishMessage()
            case .failure: connection.close(code: 1001, reason: "shutting down")
            }
        }
    }

    func end() {
        connection = nil
        // what runs is finished first; when the threads have ended, so has the process
        server.threads.submit { [self] _ in lock.withLock { batch = nil } }
    }

    private static let textRefusal = WireMap([
        (.text("error"), .text(WireError(.textFrame, "a request is a binary frame").description))
    ])

    /// The answer to a request, an error included.
    private func answer(_ message: [UInt8]) -> WireMap {
        var id: WireValue?
        var answer: WireMap
        do {
            let value = try WireValue(decoding: message, .vlaEval, limits: server.configuration.limits)
            guard let map = value.map else { throw WireError(.notMap, "a request is a map, not \(value.typeName)") }
            id = map["id"]
            answer = try self.answer(EnvironmentRequest(map))
            server.statistics.countAnswer()
        } catch {
            answer = WireMap([(.text("error"), .text(server.wireError(error).description))])
        }
        if let id { answer["id"] = id }
        return answer
    }

    private func answer(_ request: EnvironmentRequest) throws -> WireMap {
        switch try request.operation {
        case .make:
            batch = nil
            let new = try WorldBatch(server, request.settings(server.configuration), count: request.worldCount)
            batch = new
            return try new.description
        case .reset:
            let batch = try made()
            let worlds = try request.worlds(of: batch.count)
            let cameras = try request.cameras(of: batch.cameraNames)
            try batch.reset(
                worlds, to: request.starts(worlds.count, in: batch), settlingStepCount: request.settlingStepCount)
            return try batch.report(on: worlds, cameras: cameras, isStep: false)
        case .step:
            let batch = try made()
            let worlds = try request.worlds(of: batch.count)
            let cameras = try request.cameras(of: batch.cameraNames)
            try batch.step(worlds, request.actions(worlds.count, dimensionCount: batch.dimensionCount))
            return try batch.report(on: worlds, cameras: cameras, isStep: true)
        case .render:
            let batch = try made()
            let cameras = try request.cameras(of: batch.cameraNames) ?? batch.cameraNames
            return WireMap([
                (.text("images"), .map(try batch.images(of: request.worlds(of: batch.count), cameras: cameras)))
            ])
        case .close:
            batch = nil
            return WireMap()
        }
    }

    private func made() throws(WireError) -> WorldBatch {
        guard let batch else { throw WireError(.missing, "no worlds yet: send 'make' first") }
        return batch
    }
}
