import Foundation

extension RobotModel {
    /// How a frame lies in another: the joints between them, and the fixed offset where there are none.
    public struct FrameRelation: Sendable, CustomStringConvertible {
        public var outer: String
        public var inner: String
        /// The moving joints between the two, from the outer to the inner.
        public var joints: [String]
        /// The pose of `inner` in `outer`, where no joint is between.
        public var offset: Pose?

        public var description: String {
            guard let offset else {
                return "\(outer) → \(inner): moved by \(joints.joined(separator: ", "))"
            }
            let (p, angles) = (offset.translation, offset.rotation.rollPitchYaw)
            func millimetres(_ x: Double) -> String { String(format: "%.2f", abs(x) < 5e-6 ? 0 : 1000 * x) }
            func degrees(_ x: Double) -> String { String(format: "%.2f", abs(x) < 8e-5 ? 0 : x * 180 / .pi) }
            return "\(outer) → \(inner): rigid, xyz \(millimetres(p.x)) \(millimetres(p.y)) \(millimetres(p.z)) mm, "
                + "rpy \(degrees(angles.roll)) \(degrees(angles.pitch)) \(degrees(angles.yaw))°"
        }
    }

    /// What is between two frames. The names of end effectors are confused more often than anything else.
    public func relation(from outer: Frame, to inner: Frame) -> FrameRelation {
        let (a, b) = (joints(moving: outer), joints(moving: inner))
        let shared = zip(a, b).prefix { $0 == $1 }.count
        let between = a[shared...].reversed() + b[shared...]
        return FrameRelation(
            outer: name(of: outer), inner: name(of: inner), joints: between.map { jointNames[$0] },
            offset: fixedOffset(from: outer, to: inner))
    }
}
