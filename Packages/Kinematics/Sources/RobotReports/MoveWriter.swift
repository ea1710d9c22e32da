import FileSupport
import Foundation
import ImageProcessing
import Kinematics
import PiperDriver
import Plotting

/// Writes a motion as data, plot and images.
struct MoveWriter {
    let model: RobotModel
    let frame: RobotModel.Frame
    let limits: MotionLimits
    let collision: CollisionModel?
    let plan: MovePlan

    private var trajectory: JointTrajectory { plan.trajectory }

    private struct Motion: Encodable {
        var report: MoveReport
        var joints: [String]
        var times: [Double]
        var positions: [[Double]]
        var velocities: [[Double]]
        var accelerations: [[Double]]
        /// `[x, y, z, qw, qx, qy, qz]` of the frame.
        var poses: [[Double]]
    }

    /// Where the frame is at every sample.
    private func poses() -> [Pose] {
        let state = model.makeState()
        return trajectory.states.map { sample in
            state.update(sample.positions)
            return state.pose(of: frame)
        }
    }

    /// Returns the paths of what it wrote.
    func write(to folder: URL, report: MoveReport, shouldContinue: () throws -> Void) throws -> [String] {
        do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
            throw SerializationError(
                .cannotWrite, file: folder.path, "the folder cannot be made", advice: "Check its place and permissions."
            )
        }
        let poses = poses()
        var written: [String] = []
        func put(_ name: String, _ bytes: some ContiguousBytes) throws {
            let url = folder.appendingPathComponent(name)
            try AtomicFile.write(bytes, to: url)
            written.append(url.path)
        }

        let motion = Motion(
            report: report, joints: model.coordinates.map(\.joint), times: trajectory.times,
            positions: trajectory.states.map(\.positions), velocities: trajectory.states.map(\.velocities),
            accelerations: trajectory.states.map(\.accelerations), poses: poses.map { PoseReport($0).values })
        try put("motion.json", try JSONEncoder.sorted().encode(motion))
        try put("motion.csv", Data(table(poses).utf8))
        if PiperFrames.drive(model) { try put("can.txt", Data(PiperFrames.log(trajectory).utf8)) }
        try put("plot.svg", Data(plot(poses).utf8))

        // the animation at 20 images a second, six of them side by side
        let scene = RobotScene(model: model, collision: collision, frame: frame, trajectory: trajectory, poses: poses)
        var animation = AnimatedPNG(width: scene.size, height: scene.size, framesPerSecond: 20)
        let count = max(Int(trajectory.duration * 20), 1)
        for k in 0...count {
            try shouldContinue()
            animation.append(scene.image(at: Double(k) / Double(count)))
        }
        try put("motion.png", Data(animation.data()))
        var strip = RGBImage(width: 6 * scene.size, height: scene.size)
        for k in 0..<6 {
            let image = scene.image(at: Double(k) / 5)
            for y in 0..<scene.size {
                for x in 0..<scene.size { strip[k * scene.size + x, y] = image[x, y] }
            }
        }
        try put("steps.png", Data(PNG.encode(strip)))
        return written
    }

    private func table(_ poses: [Pose]) -> String {
        let joints = model.coordinates.map(\.joint)
        let heads =
            ["time"] + joints + joints.map { $0 + "_velocity" } + joints.map { $0 + "_acceleration" }
            + ["x", "y", "z", "qw", "qx", "qy", "qz"]
        var text = heads.joined(separator: ",") + "\n"
        for (index, sample) in trajectory.states.enumerated() {
            let values =
                [trajectory.times[index]] + sample.positions + sample.velocities + sample.accelerations
                + PoseReport(poses[index]).values
            text += values.map { "\($0)" }.joined(separator: ",") + "\n"
        }
        return text
    }

    private func plot(_ poses: [Pose]) -> String {
        let start = poses[0].translation
        func plot(_ title: String, _ unit: String, _ curves: [(name: String, y: [Double])]) -> Plot {
            var plot = Plot(
                title, x: .init("time, s"), y: .init(unit),
                series: curves.map { curve in
                    .line(curve.name, zip(trajectory.times, curve.y).map { Plot.Point(x: $0, y: $1) })
                })
            (plot.width, plot.height) = (760, 260)
            return plot
        }
        let joints = model.coordinates.map(\.joint)
        return Plot.column([
            plot(
                "\(model.name(of: frame)), way from the start", "mm",
                ["x", "y", "z"].enumerated().map { axis, name in
                    (name, poses.map { 1000 * ($0.translation - start)[axis] })
                }),
            plot(
                "joint positions", model.coordinates.contains(where: \.isPrismatic) ? "rad, m" : "rad",
                joints.enumerated().map { i, joint in (joint, trajectory.states.map { $0.positions[i] }) }),
            plot(
                "velocities, share of the limits", "",
                joints.enumerated().map { i, joint in
                    (joint, trajectory.states.map { $0.velocities[i] / limits.velocities[i] })
                }),
        ])
    }
}
