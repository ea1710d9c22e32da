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
