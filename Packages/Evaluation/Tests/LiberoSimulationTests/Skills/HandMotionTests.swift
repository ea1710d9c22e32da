import Foundation
import Kinematics
import Testing

@testable import LiberoSimulation

@Suite struct HandMotionTests {
    /// Right-handed and pointing where it is asked to, with the smaller of the two possible turns.
    @Test(arguments: [Vector3(0, -1, 0), Vector3(0, 0.6, -0.8), Vector3(0.8, 0, -0.6), Vector3(0, 0, -1)])
    func orientationPointsAlongTheApproach(approach: Vector3) {
        let made = HandMotion.orientation(approach: approach, closing: approach.cross(Vector3(1, 0.1, 0)))
        #expect((made.columns.2 - approach).length < 1e-12)
        #expect(abs(made.determinant - 1) < 1e-12)
        #expect((made * made.transposed - .identity).columns.0.length < 1e-12)
        let flipped = Matrix3(columns: -made.columns.0, -made.columns.1, made.columns.2)
        // turns to the left are the shorter ones
        let start = HandMotion.upright(yaw: 0.35).transposed
        #expect((made * start).trace >= (flipped * start).trace)
    }

    /// Upright at a yaw of zero, the fingers close along y.
    @Test func uprightHandClosesAlongY() {
        let hand = HandMotion.upright(yaw: 0)
        #expect(hand.columns.0 == Vector3(0, 1, 0) && hand.columns.2 == Vector3(0, 0, -1))
        let turned = HandMotion.upright(yaw: .pi / 2)
        #expect((turned.columns.0 - Vector3(-1, 0, 0)).length < 1e-12)
    }

    /// High away from the goal, low above it, never higher than the way there.
    @Test func funnelComesDownAboveTheGoal() {
        #expect(HandMotion.funnel(0.9, 1.1, distance: 0.005) == 0.9)
        #expect(HandMotion.funnel(0.9, 1.1, distance: 0.5) == 1.1)
        #expect(abs(HandMotion.funnel(0.9, 1.1, distance: 0.03) - 0.98) < 1e-12)
        #expect(HandMotion.funnel(0.9, 0.8, distance: 0.5) == 0.9)
    }
}
