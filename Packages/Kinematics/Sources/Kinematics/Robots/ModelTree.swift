/// What the recursions read: joints that all turn about, or slide along, the z axis of their own frame.
///
/// Body `i` is what joint `i` moves; body −1 is the base. Parents come before children.
final class ModelTree: Sendable {
    struct Joint {
        /// The body it hangs on, −1 for the base.
        var parent: Int
        var isPrismatic: Bool
        /// `position = multiplier · q[coordinate] + offset`
        var coordinate: Int
        var multiplier: Double
        var offset: Double
        /// The joint's frame at position 0 in the parent body.
        var placement: Transform
    }

    struct Frame {
        var body: Int
        /// In the body.
        var placement: Transform
    }

    let joints: [Joint]
    /// Of the bodies, in their frames.
    let inertias: [BodyInertia]
    let frames: [Frame]
    let coordinateCount: Int
    /// Whether every coordinate moves exactly one joint, with multiplier 1 and offset 0.
    let isPlain: Bool

    init(joints: [Joint], inertias: [BodyInertia], frames: [Frame], coordinateCount: Int) {
        self.joints = joints
        self.inertias = inertias
        self.frames = frames
        self.coordinateCount = coordinateCount
        isPlain = joints.count == coordinateCount && joints.allSatisfy { $0.multiplier == 1 && $0.offset == 0 }
    }
}

extension UnsafeMutablePointer<ModelTree.Joint> {
    /// Where the joint's body is, `T_parent · T_placement · T_joint(q)`; turning about z mixes the first two columns.
    ///
    /// - Parameter poses: The bodies in front of it have been moved.
    @inline(__always)
    func moved(by q: UnsafePointer<Double>, among poses: UnsafeMutablePointer<Transform>) -> Transform {
        let value = pointee.multiplier * q[pointee.coordinate] + pointee.offset
        let parent = pointee.parent
        var pose = parent < 0 ? pointee.placement : poses[parent] * pointee.placement
        if pointee.isPrismatic {
            pose.translation += value * pose.rotation.columns.2
        } else {
            let (sine, cosine) = sineCosine(value)
            let (x, y) = (pose.rotation.columns.0, pose.rotation.columns.1)
            pose.rotation.columns.0 = cosine * x + sine * y
            pose.rotation.columns.1 = cosine * y - sine * x
        }
        return pose
    }
}
