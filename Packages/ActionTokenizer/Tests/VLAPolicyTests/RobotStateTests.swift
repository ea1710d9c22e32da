import RobotInterface
import Testing
import VLAPolicy

@Suite struct RobotStateTests {
    let state = RobotState(
        endEffectorPosition: [0.1, -0.2, 1.1], endEffectorOrientation: .quaternionXYZW([1, 0, 0, 0]),
        fingerPositions: [0.04, -0.04])

    /// Half a turn about x: LIBERO's gripper pointing down.
    @Test func valuesAreLiberosEightNumbers() throws {
        let values = try StateLayout.libero.values(of: state)
        #expect(values == [0.1, -0.2, 1.1, .pi, 0, 0, 0.04, -0.04])
    }

    /// The angle is not brought to the shorter way round.
    @Test func negativeQuaternionGoesTheLongWay() {
        var other = state
        other.endEffectorOrientation = .quaternionXYZW([0.6, 0, 0, -0.8])
        #expect(other.axisAngle.x > .pi)
    }

    @Test func missingPartsAreErrors() {
        #expect(throws: ObservationError.missingState("jointPositions")) {
            try StateLayout([.jointPositions]).values(of: state)
        }
    }
}
