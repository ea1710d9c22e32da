import Parallel
import Kinematics
import TensorCore
import Testing

@Suite(.serialized) struct BatchTests {
    /// More postures than one piece holds, on one thread and on several.
    @Test(arguments: [1, 3]) func batchesAreTheSameBitsAsSinglePostures(threads: Int) throws {
        let before = KernelThreads.count
        defer { KernelThreads.count = before }
        KernelThreads.count = threads
        let model = try TestRobots.random(seed: 5, jointCount: 7)
        var generator = SeededGenerator(state: 5)
        let postures = (0..<150).map { _ in model.randomPositions(using: &generator) }
        let frames = try [model.frame("l6"), model.frame("l2")]
        let poses = model.poses(of: frames, at: postures.flatMap { $0 })
        let jacobians = model.jacobians(of: frames[0], .local, at: postures.flatMap { $0 })
        let state = model.makeState()
        let size = 6 * model.coordinateCount
        for (i, posture) in postures.enumerated() {
            state.update(posture)
            for (place, frame) in frames.enumerated() {
                #expect(poses[2 * i + place].array == state.pose(of: frame).array)
            }
            #expect(Array(jacobians[size * i..<size * (i + 1)]) == state.jacobian(of: frames[0], .local).elements)
        }
    }

    @Test func nothingInNothingOut() throws {
        let model = try TestRobots.planarModel()
        #expect(model.poses(of: [try model.frame("tool")], at: []).isEmpty)
        #expect(model.jacobians(of: try model.frame("tool"), at: []).isEmpty)
    }
}
