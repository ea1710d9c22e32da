import Foundation
import TensorCore

/// Finds joint positions that bring frames to where they shall be.
///
/// A Levenberg–Marquardt search within the joint limits, from many starting points until one arrives. The same targets
/// and starts give the same results on any number of threads. The error is the distance of the origins and the rotation
/// vector between the frames, `e = [Wₚ R*ᵀ (p* − p); Wᵣ log(Rᵀ R*)]`, with its exact Jacobian; a step solves
/// `(JᵀJ + λI) δ = Jᵀe` over the joints that are not held at a limit.
///
/// Source: Levenberg 1944; Marquardt 1963; restarts as in Beeson & Ames 2015 (TRAC-IK).
public struct InverseKinematics: Sendable {
    public let model: RobotModel
    public var options: Options
    /// Keeps solutions clear of the robot itself and of a world, when given.
    public var collision: CollisionModel?

    public init(_ model: RobotModel, options: Options = Options(), avoiding collision: CollisionModel? = nil) {
        self.model = model
        self.options = options
        self.collision = collision
    }

    /// Joint positions for one target.
    public func solve(_ target: PoseTarget, startingAt start: [Double]? = nil) -> Solution {
        solve([target], startingAt: start)
    }

    /// Joint positions for several targets at once.
    ///
    /// - Parameter start: The first starting point; the preferred posture when nil.
    public func solve(_ targets: [PoseTarget], startingAt start: [Double]? = nil) -> Solution {
        let search = InverseKinematicsSearch(self, frames: targets.map(\.frame))
        return search.run(targets, start: start)
    }

    /// Solutions for many targets, each from its own start, on all threads.
    public func solve(batch targets: [PoseTarget], startingAt starts: [[Double]]? = nil) -> [Solution] {
        precondition(
            starts == nil || starts?.count == targets.count,
            "solve: \(starts?.count ?? 0) starts for \(targets.count) targets")
        guard !targets.isEmpty else { return [] }
        let chunk = 8
        let chunkCount = (targets.count + chunk - 1) / chunk
        let pieces = [[Solution]](unsafeUninitializedCapacity: chunkCount) { buffer, count in
            // each piece is written by the one thread that has its index
            nonisolated(unsafe) let memory = buffer.baseAddress!
            parallelFor(chunkCount) { piece in
                var search: InverseKinematicsSearch?
                var found: [Solution] = []
                for index in piece * chunk..<min((piece + 1) * chunk, targets.count) {
                    let target = targets[index]
                    if search?.frames != [target.frame] {
                        search = InverseKinematicsSearch(self, frames: [target.frame])
                    }
                    found.append(search!.run([target], start: starts?[index]))
                }
                (memory + piece).initialize(to: found)
            }
            count = chunkCount
        }
        return pieces.flatMap { $0 }
    }

    /// Solutions along a path, each started from the one before and without restarts: joints move continuously or the
    /// path ends. Ends after the first target that is not reached.
    public func follow(_ path: [PoseTarget], startingAt start: [Double]) -> [Solution] {
        guard let first = path.first else { return [] }
        var solver = self
        solver.options.startLimit = 1
        solver.options.diagnosesFailures = false
        var search = InverseKinematicsSearch(solver, frames: [first.frame])
        var (current, found) = (start, [Solution]())
        for target in path {
            if search.frames != [target.frame] { search = InverseKinematicsSearch(solver, frames: [target.frame]) }
            let solution = search.run([target], start: current)
            found.append(solution)
            guard solution.isConverged else { break }
            current = solution.positions
        }
        return found
    }
}
