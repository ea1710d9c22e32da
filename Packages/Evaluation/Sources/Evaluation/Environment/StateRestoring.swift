public import RobotInterface

/// An environment that can be put into the state of a recorded frame, for data that hold states and no starts.
public protocol StateRestoring: Environment {
    /// Puts the world into a state: time, joint positions and velocities, as LIBERO's files hold them.
    ///
    /// - Throws: When the state is of another scene.
    mutating func restore(task: Int, simulatorState: [Double]) throws -> Observation
}
