import RobotInterface
import Evaluation
import Foundation
import ImageProcessing
import LiberoData
import TensorCore
import VLAPolicy

extension WorldCheck {
    mutating func compareImages(_ replays: [Replay], _ diagnosisRun: inout DiagnosisRun) throws -> [String] {
        guard let subject = diagnosisRun.subject else { return [] }
        let cameras = subject.checkpoint.observationPipeline.cameras.map(\.name)
        guard !cameras.isEmpty else { return [] }
        // the world's and the data's images of the same moments
        var pairs: [(world: Observation, data: Observation)] = []
        for replay in replays {
            var observation = try rewind(replay)
            for frame in 0..<min(24, replay.episode.length) {
                // later frames count as long as the hand is where it was
                let hand = observation.state.map { Self.changed($0, replay.change) ?? $0 }?.endEffectorPosition
                let way = (hand ?? .zero) - SIMD3((0..<3).map { replay.episode.states[frame, $0] })
                if frame == 0 || (frame % 6 == 0 && (way * way).sum() < 1e-6) {
                    var loaded = observation
                    for (name, camera) in observation.cameras {
                        let image = try camera.image()
                        loaded.cameras[name] = CameraFrame(camera.description) { image }
                    }
                    pairs.append((loaded, try replay.episode.observation(at: frame)))
                }
                observation = try world.step(Array(replay.actions[frame])).observation
            }
        }
        func difference(_ change: Alteration?) throws -> Double? {
            var (sum, count) = (0.0, 0)
            for (seen, recorded) in pairs {
                guard let changed = try change.map({ try $0.observation?(seen, .nothing) }) ?? seen else { return nil }
                for camera in cameras {
                    guard var a = try changed.cameras[camera]?.image(), let b = try recorded.cameras[camera]?.image()
                    else { return nil }
                    if a.width != b.width || a.height != b.height {
                        a = a.resized(to: ImageSize(width: b.width, height: b.height), using: .pillowBilinear)
                    }
                    for i in stride(from: 0, to: a.pixels.count, by: 1) {
                        sum += abs(Double(a.pixels[i]) - Double(b.pixels[i]))
                    }
                    count += a.pixels.count
                }
            }
            return count > 0 ? sum / Double(count) : nil
        }
        guard let asIs = try difference(nil) else { return [] }
        let detail = "images differ by \(Evidence.short(asIs)) of 255"
        guard asIs > 0.5 else { return [detail] }
        var best: (change: Alteration, value: Double, other: Bool)?
        for change in Alteration.ofPixels(cameras: cameras) {
            guard let value = try difference(change) else { continue }
            if value < best?.value ?? .infinity { best = (change, value, false) }
        }
        // changes of the world's images are found by making them to the data's
        swap(&pairs)
        for change in Alteration.ofPixels(cameras: cameras) {
            guard let value = try difference(change) else { continue }
            if value < (best?.value ?? .infinity) * 0.98 { best = (change, value, true) }
        }
        if let best, best.value < 0.7 * asIs {
            diagnosisRun.report.add(
                Finding(
                    best.change.cause, in: side(best.change.cause, diagnosisRun), .proof,
                    certainty: best.value < 0.35 * asIs ? 0.95 : 0.75,
                    detail: "The \(best.other ? "data's" : "world's") images become the "
                        + "\(best.other ? "world's" : "data's") with \(best.change.what).",
                    evidence: [
                        Evidence("mean difference of the pixels", asIs, expected: 0),
                        Evidence("with the change", best.value),
                    ], remedy: best.change.remedy))
            if let pair = pairs.first, let camera = cameras.first,
                let a = try pair.world.cameras[camera]?.image(), let b = try pair.data.cameras[camera]?.image(),
                a.width == b.width, a.height == b.height
            {
                diagnosisRun.report.images["\(camera)-data-and-world.png"] = ContactSheet(columnCount: 2).image(of: [
                    a, b,
                ])
            }
        } else if asIs > 3 {
            diagnosisRun.report.add(
                Finding(
                    .renderProfile, in: .world, .symptom, certainty: min(0.45 + asIs / 60, 0.8),
                    detail: "The world's images of a recorded moment are others than the data's.",
                    evidence: [Evidence("mean difference of the pixels", asIs, expected: 0)],
                    remedy: "draw with the profile and the assets of the data (--render-profile, vla info)"))
        }
        return [detail]
    }

    func swap(_ pairs: inout [(world: Observation, data: Observation)]) {
        pairs = pairs.map { ($0.data, $0.world) }
    }

    mutating func compareWords(_ replays: [Replay], _ diagnosisRun: inout DiagnosisRun) throws {
        var differing: [(String, String)] = []
        for replay in replays {
            _ = try world.reset(to: replay.start)
            let (said, recorded) = (world.instruction, replay.episode.instruction)
            if said.lowercased() != recorded.lowercased() { differing.append((said, recorded)) }
        }
        guard let first = differing.first else { return }
        diagnosisRun.report.add(
            Finding(
                .instruction, in: .world, .proof, certainty: 0.9,
                detail: "The world's task says '\(first.0)', its demonstration '\(first.1)'.",
                remedy: "give the policy the sentences it was trained with"))
    }
}
