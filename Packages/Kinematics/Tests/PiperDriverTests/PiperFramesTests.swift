import Kinematics
import PiperDriver
import TensorCore
import Testing

@Suite struct PiperFramesTests {
    @Test func piperMessagesRoundTrip() throws {
        // 90° is 90 000 units, 0x00015F90
        let frames = try PiperFrames.joints([.pi / 2, 0, -.pi / 2, 0, 0, 1])
        #expect("\(frames[0])" == "155#00015F9000000000")
        #expect("\(frames[1])" == "156#FFFEA07000000000")
        #expect("\(try PiperFrames.gripper(opening: 0.05, effort: 1.5))" == "159#0000C35005DC0100")
        #expect("\(try PiperFrames.mode(.joint, speed: 0.5))" == "151#0101320000000000")

        var decoder = PiperFrames.Decoder()
        var generator = PhiloxGenerator(seed: 5)
        func vector(_ size: Double) -> Vector3 {
            Vector3((0..<3).map { _ in Double.random(in: -size...size, using: &generator) })
        }
        for _ in 0..<100 {
            let q = (0..<6).map { _ in Double.random(in: -3...3, using: &generator) }
            let messages = try PiperFrames.joints(q).compactMap { try decoder.decode($0) }
            guard case .joints(let found) = try #require(messages.first) else { continue }
            #expect(zip(found, q).allSatisfy { abs($0 - $1) <= 0.5 / PiperFrames.unitsPerRadian + 1e-15 })

            let pose = Pose(
                rotation: Rotation(exponential: vector(1)), translation: vector(0.6))
            let parts = try PiperFrames.pose(pose).compactMap { try decoder.decode($0) }
            guard case .pose(let again) = try #require(parts.first) else { continue }
            let error = again.difference(to: pose)
            #expect(error.distance < 1e-6 && error.angle < 3e-5)
        }
        guard case .gripper(0.07, 1, true) = try decoder.decode(PiperFrames.gripper(opening: 0.07)) else {
            Issue.record("the gripper's message is read as something else")
            return
        }
        guard case .mode(.linear, 0.25) = try decoder.decode(PiperFrames.mode(.linear, speed: 0.25)) else {
            Issue.record("the mode message is read as something else")
            return
        }
        #expect(throws: PiperFrames.Failure.count(3)) { try PiperFrames.joints([1, 2, 3]) }
        #expect(throws: PiperFrames.Failure.self) { try PiperFrames.gripper(opening: .nan) }
        #expect(throws: PiperFrames.Failure.self) { try PiperFrames.gripper(opening: 1e9) }
        #expect(throws: PiperFrames.Failure.identifier(0x700)) {
            try decoder.decode(.init(identifier: 0x700, data: []))
        }
        #expect(throws: PiperFrames.Failure.length(0x155, 2)) {
            try decoder.decode(.init(identifier: 0x155, data: [1, 2]))
        }
    }

    /// The first line sets the mode, then three messages follow for every sample.
    @Test func motionIsALogOfMessages() throws {
        let piper = try RobotModel(.piper, configuration: RobotConfiguration.builtIn["piper"])
        #expect(PiperFrames.drive(piper))
        #expect(!PiperFrames.drive(try RobotModel(.panda, configuration: RobotConfiguration.builtIn["panda"])))
        let state = MotionState(
            positions: [.pi / 2, 0, 0, 0, 0, 0], velocities: Array(repeating: 0, count: 6),
            accelerations: Array(repeating: 0, count: 6))
        let log = try PiperFrames.log(JointTrajectory(times: [0, 0.5], states: [state, state]))
        let lines = log.split(separator: "\n")
        #expect(lines.count == 1 + 2 * 3 && lines[0] == "(0.000000) can0 151#0101640000000000")
        #expect(lines[4] == "(0.500000) can0 155#00015F9000000000")
    }
}
