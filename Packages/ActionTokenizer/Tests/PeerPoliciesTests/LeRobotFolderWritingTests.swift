import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import Testing

@testable import PeerPolicies

/// What is written is read again, with the same bits.
@Suite struct LeRobotFolderWritingGoldenTests {
    private func temporaryFolder() -> URL {
        FileManager.default.temporaryDirectory.appendingPathComponent("peer-\(UInt64.random(in: 0 ... .max))")
    }

    @Test(arguments: PeerCase.all("act"))
    func actIsReadAgain(peer: PeerCase) throws {
        let io = try peer.io
        for checkpoint in try peer.checkpoints {
            let url = temporaryFolder()
            defer { try? FileManager.default.removeItem(at: url) }
            let folder = try LeRobotFolder(at: checkpoint)
            var policy = try ACTPolicy(folder)
            // a changed model, as after training
            policy.model.head.bias!.value = policy.model.head.bias!.value + 0.25
            try folder.write(policy.model, to: url)
            let again = try LeRobotFolder(at: url)
            #expect(!again.isLegacy && Set(again.weights.keys) == Set(folder.weights.keys))
            let inputs = try peer.inputs(io, "in.")
            #expect(try ACTPolicy(again).chunks(inputs).floats == policy.chunks(inputs).floats)
        }
    }

    @Test(arguments: PeerCase.all("diffusion"))
    func diffusionIsReadAgain(peer: PeerCase) throws {
        let io = try peer.io
        let (noise, stepNoise) = (try io("in.noise"), try io("in.step_noise"))
        for checkpoint in try peer.checkpoints {
            let url = temporaryFolder()
            defer { try? FileManager.default.removeItem(at: url) }
            let folder = try LeRobotFolder(at: checkpoint)
            let policy = try DiffusionPolicy(folder)
            try folder.write(policy.model, to: url)
            let again = try LeRobotFolder(at: url)
            #expect(Set(again.weights.keys) == Set(folder.weights.keys))
            let inputs = try peer.inputs(io, "in.")
            let (a, b) = (
                try policy.chunks(inputs, noise: noise) { stepNoise[$0] },
                try DiffusionPolicy(again).chunks(inputs, noise: noise) { stepNoise[$0] }
            )
            // the rule of old folders adds 1e-8 to ranges
            if folder.isLegacy {
                expectNear(a, b, absolute: 1e-5, relative: 1e-5)
            } else {
                #expect(a.floats == b.floats)
            }
        }
    }
}
