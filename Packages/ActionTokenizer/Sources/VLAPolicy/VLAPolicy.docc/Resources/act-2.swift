import Foundation
import ImageProcessing
import RobotInterface
import TensorCore
import VLAPolicy

let folder = URL(fileURLWithPath: CommandLine.arguments.dropFirst().first ?? "Checkpoints/libero-object")
let policy = try PolicyCheckpoint(at: folder).policy()

// what your robot or simulator observes; here grey images
let observation = Observation(
    cameras: policy.requirements.cameras.mapValues { camera in
        CameraFrame(camera) { RGBImage(width: camera.width, height: camera.height, color: [128, 128, 128]) }
    },
    state: RobotState(
        endEffectorPosition: [-0.1, 0, 1.1], endEffectorOrientation: .axisAngle([3.14, 0, 0]),
        fingerPositions: [0.04, -0.04]),
    instruction: "pick up the alphabet soup and place it in the basket")
