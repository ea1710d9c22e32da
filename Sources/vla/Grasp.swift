import ArgumentParser

struct GraspCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grasp",
        abstract: "Detect, score, evaluate and fuse grasps of a two-finger gripper.",
        discussion: """
            Grasps are GraspNet-1Billion's: .npy arrays [N, 17] of score, width, height, depth, rotation, translation and
            object; x is the approach, y the closing direction.

            EXAMPLES
              vla grasp detect --depth depth.png --meta meta.mat --mask mask.png -o out
              vla grasp detect --cloud scene.ply --weights checkpoint-rs.tar -o out
              vla grasp score grasps.npy --mesh mug.obj
              vla grasp evaluate graspnet --predictions dump --camera realsense --split seen
              vla grasp fuse sequence/frames.json -o out
            """,
        subcommands: [GraspDetect.self, GraspScore.self, GraspEvaluate.self, GraspFuse.self])
}
