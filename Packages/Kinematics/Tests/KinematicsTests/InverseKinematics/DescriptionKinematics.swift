import Kinematics

/// Forward kinematics straight from the description with ``Pose``: shares no code with the model's recursions.
struct DescriptionKinematics {
    let description: RobotDescription
    /// By joint name; joints without an entry are at 0.
    var positions: [String: Double]

    /// The pose of a link in the root.
    func pose(of link: String) -> Pose {
        guard let joint = description.joints.first(where: { $0.child == link }) else { return .identity }
        let position = position(of: joint)
        let motion =
            switch joint.kind {
            case .fixed: Pose.identity
            case .prismatic: Pose(translation: joint.axis * position)
            case .revolute, .continuous: Pose(rotation: Rotation(exponential: joint.axis * position))
            }
        return pose(of: joint.parent) * joint.origin * motion
    }

    private func position(of joint: RobotDescription.Joint) -> Double {
        if let position = positions[joint.name] { return position }
        guard let mimic = joint.mimic, let other = description.joint(mimic.joint) else { return 0 }
        return mimic.multiplier * position(of: other) + mimic.offset
    }
}
