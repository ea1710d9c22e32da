// Expresses a grasp, known in the camera's frame, in the world's.
//
//     swift run --package-path Packages/Kinematics PlaceGrasp

import Kinematics

// a camera 1.2 m above the origin that looks straight down
let worldFromCamera = Pose(
    rotation: try Rotation(axis: Vector3(1, 0, 0), angle: .pi), translation: Vector3(0, 0, 1.2))
let cameraFromGrasp = Pose(translation: Vector3(0.1, 0.2, 0.9))

let worldFromGrasp = worldFromCamera * cameraFromGrasp
print("the grasp is at \(worldFromGrasp.translation) m")
