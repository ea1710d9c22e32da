import RobotInterface
import Diagnosis
import Foundation
import TensorCore
import VLAPolicy
import ActionTokenizer
import ImageProcessing
import Evaluation

extension Fault {
    private static func world(
        _ name: String, _ causes: Set<Cause>, reportedFault: Int? = nil,
        _ change: @escaping @Sendable (inout WorldFault) -> Void
    ) -> Fault {
        Fault(name, causes, reportedFault: reportedFault) { patient, _ in change(&patient.world) }
    }

    static let ofWorlds: [Fault] = [
        .world(
            "the world's images are only flipped, the data are turned", [.columnsReversed, .rowsReversed],
            reportedFault: 4
        ) {
            $0.image = { image, _ in image.flippedVertically() }
        },
        .world("the world hands images over as BGR", [.channelsExchanged]) {
            $0.image = { image, _ in
                var pixels = image.pixels
                for i in stride(from: 0, to: pixels.count, by: 3) { pixels.swapAt(i, i + 2) }
                return RGBImage(width: image.width, height: image.height, pixels: pixels)
            }
        },
        .world("the world's cameras have each other's names", [.camerasExchanged]) { $0.exchangesCameras = true },
        .world("the world renders at seven eighths of the size and enlarges", [.sourceSize], reportedFault: 1) {
            $0.image = { image, _ in image.byWayOf(image.width * 7 / 8) }
        },
        .world("the world takes the quaternion as w, x, y, z", [.quaternionOrder], reportedFault: 2) {
            $0.state = { state in
                var state = state
                state.endEffectorOrientation = .axisAngle(Mixup.wrongOrder(state.axisAngle))
                return state
            }
        },
        .world("the world gives Euler angles", [.rotationFormat], reportedFault: 3) {
            $0.state = { state in
                var state = state
                state.endEffectorOrientation = .axisAngle(Mixup.euler(state.axisAngle))
                return state
            }
        },
        .world("the world's gripper has the other sign", [.gripperSign]) {
            $0.action = { Array($0.dropLast()) + [-$0.last!] }
        },
        .world("the world is drawn in another light", [.renderProfile]) {
            $0.image = { image, _ in
                RGBImage(width: image.width, height: image.height, pixels: image.pixels.map { UInt8(Double($0) * 0.7) })
            }
        },
        .world("the world says its tasks in other words", [.instruction]) {
            $0.instruction = { "please " + $0 }
        },
    ]

    private static func trained(_ name: String, _ causes: Set<Cause>, _ folder: String, reportedFault: Int? = nil)
        -> Fault
    {
        Fault(name, causes, reportedFault: reportedFault) { patient, healthy in
            patient.use(checkpointAt: healthy.url("sick-\(try patient.family.rawValue)-\(folder)"))
        }
    }

    static let ofTraining: [Fault] = [
        .trained(
            "most frames of the training were idle: the policy stands still", [.standsStill, .constantAction],
            "collapsed",
            reportedFault: 9),
        .trained("weights kept long after the best validation", [.overfitted], "overfitted", reportedFault: 8),
        // numbers that are learnt as a mean creep where the likeliest token stands
        Fault(
            "the demonstrations wait before they move: it freezes", [.freezes, .standsStill], families: [.token]
        ) { patient, healthy in
            patient.use(checkpointAt: healthy.url("sick-token-waiting"))
            patient.data = healthy.url("sample-waiting")
        },
        .trained("trained with images of other frames: it does not look", [.ignoresImages], "blind"),
        .trained("trained with instructions of other tasks: it does not listen", [.ignoresInstruction], "deaf"),
        Fault("the loss learns action ids inside the instruction", [.lossMask], families: [.token], reportedFault: 6) {
            patient, _ in
            try patient.edit { checkpoint in
                var object = try JSONSerialization.jsonObject(with: checkpoint.configuration) as! [String: Any]
                var settings = object["settings"] as! [String: Any]
                var loss = settings["loss"] as! [String: Any]
                loss["variant"] = "actionByValue"
                settings["loss"] = loss
                object["settings"] = settings
                checkpoint.configuration = try JSONSerialization.data(withJSONObject: object)
            }
        },
        Fault("one task's 2 of 2 episodes taken for a success rate", [.tooFewEpisodes], reportedFault: 7) {
            patient, _ in
            patient.evaluation = try SmallEvaluation.write(to: patient.folder.appendingPathComponent("evaluation"))
        },
        Fault("the policy is run with a cache of the observation before", [.staleObservation], reportedFault: 10) {
            patient, _ in
            patient.served = StalePolicy(try PolicyCheckpoint(at: patient.checkpoint).policy())
        },
        Fault("the program that runs the policy exchanges red and blue", [.otherInference]) { patient, _ in
            patient.served = RepaintingPolicy(base: try PolicyCheckpoint(at: patient.checkpoint).policy())
        },
    ]
}

/// A policy behind a cache that is emptied too late: it answers the observation of before.
final class StalePolicy: Policy, @unchecked Sendable {
    private let base: any Policy
    private let lock = NSLock()
    private var last: Observation?

    init(_ base: any Policy) { self.base = base }

    var requirements: PolicyRequirements { base.requirements }

    func actionChunks<Generator: RandomNumberGenerator>(
        for observations: [Observation], using generators: inout [Generator]
    ) throws -> [ActionChunk] {
        let seen = lock.withLock { () -> [Observation] in
            observations.map { observation in
                defer { last = observation }
                return last ?? observation
            }
        }
        return try base.actionChunks(for: seen, using: &generators)
    }
}

/// A server that exchanges red and blue on the way.
struct RepaintingPolicy: Policy {
    let base: any Policy
    var requirements: PolicyRequirements { base.requirements }

    func actionChunks<Generator: RandomNumberGenerator>(
        for observations: [Observation], using generators: inout [Generator]
    ) throws -> [ActionChunk] {
        let changed = observations.map { observation in
            var observation = observation
            observation.cameras = observation.cameras.mapValues { frame in
                CameraFrame(frame.description) { try frame.image().blueFirst }
            }
            return observation
        }
        return try base.actionChunks(for: changed, using: &generators)
    }
}
