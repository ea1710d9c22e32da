public import RobotInterface

/// A policy that ignores the observation: smooth random motions and a gripper that changes now and then.
///
/// Its success rate is what a task gives without looking.
public struct RandomPolicy: Policy {
    public let requirements = PolicyRequirements(actionSpace: .libero)
    /// Actions per chunk.
    public static let horizon = 8

    public init() {}

    public func actionChunks<Generator: RandomNumberGenerator>(
        for observations: [Observation], using generators: inout [Generator]
    ) throws -> [ActionChunk] {
        observations.indices.map { i in
            // one direction per chunk
            let motion = (0..<6).map { dimension in
                Double.random(in: -1...1, using: &generators[i]) * (dimension < 3 ? 1 : 0.2)
            }
            let gripper = Bool.random(using: &generators[i]) ? 1.0 : -1
            return ActionChunk([[Double]](repeating: motion + [gripper], count: Self.horizon))
        }
    }
}
