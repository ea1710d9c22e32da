import RobotInterface
import Foundation
import Testing
import VLAPolicy

@Suite struct CameraProjectionTests {
    /// One metre above the origin, looking down with x to the right and y up; 90° see one metre to each side.
    let above = CameraProjection(
        position: [0, 0, 1], quaternionWXYZ: [1, 0, 0, 0], fieldOfView: 90, orientation: .raw)

    @Test func pointsLieWhereTheyAreSeen() throws {
        #expect(above.place(of: .zero) == [0, 0])
        let place = try #require(above.place(of: [0.5, -0.25, 0]))
        #expect(abs(place.x - 0.5) < 1e-12 && abs(place.y + 0.25) < 1e-12)
        // half as far away, twice as far from the middle
        let near = try #require(above.place(of: [0.25, 0, 0.5]))
        #expect(abs(near.x - 0.5) < 1e-12)
        #expect(above.place(of: [0, 0, 2]) == nil && above.place(of: [3, 0, 0]) == nil)
    }

    @Test(arguments: [(ImageOrientation.raw, 1.0, 1.0), (.rotated180, -1, -1), (.upright, 1, -1)])
    func orientationTurnsThePlace(orientation: ImageOrientation, x: Double, y: Double) throws {
        var camera = above
        camera.orientation = orientation
        let place = try #require(camera.place(of: [0.5, 0.25, 0]))
        #expect(abs(place.x - 0.5 * x) < 1e-12 && abs(place.y - 0.25 * y) < 1e-12)
    }

    /// LIBERO's `agentview` of the floor scenes: the gripper's rest position is above and in the middle of the image, a
    /// point to the robot's left (+y) on the right of it.
    @Test func liberosCameraSeesTheFloor() throws {
        let camera = CameraProjection(
            position: [0.8965773716836134, 5.216182733499864e-07, 0.65],
            quaternionWXYZ: [0.6182166934013367, 0.3432307541370392, 0.3432314395904541, 0.6182177066802979],
            fieldOfView: 45, orientation: .raw)
        let rest = try #require(camera.place(of: [-0.2, 0, 0.27]))
        #expect(abs(rest.x) < 1e-4 && rest.y > 0)
        let left = try #require(camera.place(of: [0, 0.2, 0]))
        #expect(left.x > 0.1)
    }
}
