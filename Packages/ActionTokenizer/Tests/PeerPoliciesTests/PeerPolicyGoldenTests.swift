import RobotInterface
import Foundation
import ImageProcessing
import TensorCore
import TensorTestSupport
import Testing

@testable import PeerPolicies

/// Foreign folders as policies of a world, and what is said of them.
@Suite struct PeerPolicyGoldenTests {
    /// Every checkpoint folder of the fixtures whose family is built here.
    static let cases: [PeerCase] = SharedFixtures.folders(in: "golden/peers").map(PeerCase.init)
        .filter { ((try? $0.checkpoints) ?? []).count > 0 }

    private func options(_ peer: PeerCase) throws -> PeerPolicyOptions {
        var options = PeerPolicyOptions()
        options.statistics = try peer.settings["unnorm_key"]?.string
        options.visionLanguageModel = try peer.settings["vlm_folder"]?.string
            .map { peer.url.appendingPathComponent($0).path }
        return options
    }

    private func observation(_ policy: any Policy, instruction: String) -> Observation {
        var cameras: [CameraName: CameraFrame] = [:]
        for (name, camera) in policy.requirements.cameras {
            let image = RGBImage(width: camera.width, height: camera.height, color: [90, 120, 40])
            cameras[name] = CameraFrame(
                image, orientation: camera.orientation, renderProfile: camera.renderProfile)
        }
        let state = RobotState(
            endEffectorPosition: [0.1, 0, 0.9], endEffectorOrientation: .axisAngle([3.1, 0, 0]),
            fingerPositions: [0.04, -0.04])
        return Observation(cameras: cameras, state: state, instruction: instruction)
    }

    @Test(arguments: cases)
    func foldersAreRecognizedAndDescribed(peer: PeerCase) throws {
        for checkpoint in try peer.checkpoints {
            let inspection = try #require(PeerInspection(of: checkpoint, options: try options(peer)))
            #expect(inspection.problem == nil, "\(inspection.text)")
            #expect(!inspection.facts.isEmpty && (inspection.parameterCount ?? 0) > 0)
        }
        #expect(PeerFamily(at: peer.url) == nil)
    }

    /// Follows what each error asks for until the policy loads, or is one of another robot.
    @Test(arguments: cases)
    func whatIsMissingIsAskedForAndThenItActs(peer: PeerCase) throws {
        let checkpoint = try peer.checkpoints[0]
        var options = try options(peer)
        var loaded: (any Policy)?
        for _ in 0..<16 where loaded == nil {
            do {
                loaded = try PeerPolicy.load(checkpoint, options: options)
            } catch let error as PeerPolicyError where error.kind == .needsOption {
                #expect(error.remedy.contains("="), "\(error)")
                switch error.key {
                case "orientation": options.orientation = .rotated180
                case "gripper": options.gripper = .environment
                case "chunk": options.chunkSize = 8
                case "state": options.stateLayout = StateLayout([.endEffectorPosition, .axisAngle])
                case let key? where key.hasPrefix("camera."):
                    let feature = String(key.dropFirst("camera.".count))
                    options.cameras[feature] = options.cameras.isEmpty ? .agentView : .wrist
                default:
                    Issue.record(error)
                    return
                }
            } catch let error as PeerPolicyError {
                // other robots' actions and states of the environment have no place in this world
                #expect(error.kind == .unsupported, "\(error)")
                return
            }
        }
        let policy = try #require(loaded)
        #expect(policy.actionSpace == .libero)
        let observations = ["pick up the black bowl", "open the drawer"].map { observation(policy, instruction: $0) }
        var generators = [PhiloxGenerator(seed: 1), PhiloxGenerator(seed: 2)]
        let both = try policy.actionChunks(for: observations, using: &generators)
        for (index, observation) in observations.enumerated() {
            var generator = PhiloxGenerator(seed: UInt64(index + 1))
            #expect(try policy.actionChunk(for: observation, using: &generator) == both[index])
            #expect(both[index].dimensionCount == 7 && both[index].values.allSatisfy { abs($0) <= 1 })
        }
    }

    @Test func settingsAreReadAndMisspeltOnesRefused() throws {
        let options = try PeerPolicyOptions([
            "camera.observation.images.top=agentview", "orientation=upright", "gripper=openVLA", "steps=4",
            "state=endEffectorPosition,fingerPositions", "statistics=so100", "weights=int8",
        ])
        #expect(options.cameras == ["observation.images.top": .agentView] && options.orientation == .upright)
        #expect(options.gripper == .openVLA && options.actionSteps == 4 && options.usesByteWeights)
        #expect(options.stateLayout?.count == 5 && options.statistics == "so100")
        for wrong in ["orientaton=upright", "orientation=up", "steps=0", "steps", "camera.=x", "state=hand"] {
            #expect(throws: PeerPolicyError.self) { try PeerPolicyOptions([wrong]) }
        }
    }
}
