import FileSupport
import RobotInterface
import Foundation
import ImageProcessing
import NIOCore
import NIOHTTP1
import TensorCore

/// A request of the plain HTTP protocol, `POST /v1/act` as JSON.
private struct ActRequest: Decodable {
    /// PNG or JPEG files in base 64, by the policy's name of the camera.
    var images: [String: Data]?
    var state: [Double]?
    var instruction: String?
    /// Decides what the policy draws; 0 if absent.
    var seed: UInt64?
}

private struct ActAnswer: Encodable {
    var actions: ActionChunk
    var inference_ms: Double
}

extension PolicyServerContext {
    /// One observation, one chunk.
    func act(_ head: HTTPRequestHead, _ body: [UInt8], on eventLoop: any EventLoop) -> EventLoopFuture<HTTPAnswer> {
        guard head.uri.split(separator: "?").first == "/v1/act" else {
            return eventLoop.makeSucceededFuture(HTTPAnswer(.notFound))
        }
        let promise = eventLoop.makePromise(of: HTTPAnswer.self)
        infer(on: eventLoop, using: PhiloxGenerator(seed: configuration.seed)) { [self] in
            let (observation, seed) = try served(body)
            return InferenceQueue.Prepared(
                try adapter.observation(observation), drawingFrom: seed.map { PhiloxGenerator(seed: $0) })
        } complete: { [self] answer in
            do {
                let chunk = try answer.result.get()
                let data = try JSONEncoder().encode(
                    ActAnswer(actions: chunk, inference_ms: answer.inferenceTime * 1000))
                statistics.countAnswer()
                promise.succeed(
                    HTTPAnswer(.ok, String(decoding: data, as: UTF8.self) + "\n", contentType: "application/json"))
            } catch {
                let error = wireError(error)
                let status: HTTPResponseStatus =
                    switch error.category {
                    case .busy: .serviceUnavailable
                    case .execution: .internalServerError
                    default: .unprocessableEntity
                    }
                promise.succeed(HTTPAnswer(status, error.description + "\n"))
            }
        }
        return promise.futureResult
    }

    private func served(_ body: [UInt8]) throws -> (observation: ServedObservation, seed: UInt64?) {
        let request: ActRequest
        do {
            request = try JSONDecoder().decode(ActRequest.self, from: Data(body))
        } catch {
            let found = JSONReading.explanation(of: error, in: Data(body))
            throw WireError(
                .schemaType, "the body is not the JSON that is expected (images, state, instruction): \(found)")
        }
        var images: [CameraName: RGBImage] = [:]
        for (name, file) in request.images ?? [:] {
            do {
                images[CameraName(name)] = try RGBImage(
                    decoding: Array(file), name: quoted(name), limits: configuration.limits.image)
            } catch {
                throw WireError(error.kind == .limitExceeded ? .limitBytes : .imageFormat, "\(error)")
            }
        }
        if let prompt = request.instruction {
            _ = try WireValue.text(prompt).instruction(named: "instruction", limits: configuration.limits)
        }
        let observation = ServedObservation(
            images: images, state: request.state.map { .vector($0) }, instruction: request.instruction)
        return (observation, request.seed)
    }
}
