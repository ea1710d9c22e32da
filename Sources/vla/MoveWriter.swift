import FileSupport
import Foundation
import ImageProcessing
import Kinematics
import TensorCore

/// Writes a motion as data, plot and images.
struct MoveWriter {
    let model: RobotModel
    let frame: RobotModel.Frame
    let trajectory: JointTrajectory
    let limits: MotionLimits
    let collision: CollisionModel?
    let moves: [LinearMove]
    let ends: [Int]

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
    func write(to folder: URL, report: MoveReport) throws -> [String] {
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
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try put("motion.json", try encoder.encode(motion))
        try put("motion.csv", Data(table(poses).utf8))
        if let messages = try canMessages() { try put("can.txt", Data(messages.utf8)) }
        try put("plot.svg", Data(plot(poses).utf8))

        // the animation at 20 images a second, six of them side by side
        let scene = RobotScene(model: model, collision: collision, frame: frame, trajectory: trajectory, poses: poses)
        var animation = AnimatedPNG(width: scene.size, height: scene.size, framesPerSecond: 20)
        let count = max(Int(trajectory.duration * 20), 1)
        for k in 0...count {
            try Interruption.check()
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

    /// Lines as `canplayer` takes them; nil for an arm that is no Piper.
    private func canMessages() throws -> String? {
        guard model.coordinates.map(\.joint) == (1...6).map({ "joint\($0)" }), model.name.contains("piper") else {
            return nil
        }
        var text = ""
        func add(_ time: Double, _ frame: PiperFrames.Frame) {
            text += "(\(String(format: "%.6f", time))) can0 \(frame)\n"
        }
        add(0, try PiperFrames.mode(.joint, speed: 1))
        for (index, sample) in trajectory.states.enumerated() {
            for frame in try PiperFrames.joints(sample.positions) { add(trajectory.times[index], frame) }
        }
        return text
    }

    private func plot(_ poses: [Pose]) -> String {
        let times = trajectory.times
        var angles = LinePlot(
            title: "joint positions", unit: model.coordinates.contains(where: \.isPrismatic) ? "rad, m" : "rad")
        var speeds = LinePlot(title: "velocities, share of the limits", unit: "")
        for (i, coordinate) in model.coordinates.enumerated() {
            angles.curves.append((coordinate.joint, times, trajectory.states.map { $0.positions[i] }))
            speeds.curves.append(
                (coordinate.joint, times, trajectory.states.map { $0.velocities[i] / limits.velocities[i] }))
        }
        let start = poses[0].translation
        var way = LinePlot(title: "\(model.name(of: frame)), way from the start", unit: "mm")
        for (axis, name) in ["x", "y", "z"].enumerated() {
            way.curves.append((name, times, poses.map { 1000 * ($0.translation - start)[axis] }))
        }
        return LinePlot.page([way, angles, speeds])
    }
}

extension PoseReport {
    var values: [Double] { xyz + quaternionWXYZ }
}
