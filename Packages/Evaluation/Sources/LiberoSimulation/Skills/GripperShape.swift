/// The shape of the gripper from above: what has to be free where it comes down. Metres.
struct GripperShape {
    /// The fingers' inner faces when open, from the middle.
    var halfOpening = 0.037
    /// The fingers' outer faces when open.
    var outerReach = 0.063
    /// Half the fingers' width.
    var halfWidth = 0.013
    /// The fingertips below the grip point.
    var tipDepth = 0.014
    /// The palm above the grip point.
    var palmHeight = 0.028
    /// Half the size of the hand, along and across the closing axis.
    var handReach = 0.108
    var handHalfWidth = 0.042
}
