import Parallel
import Foundation

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
    ///
    /// - Parameters:
    ///   - target: The frame and where it is to be.
    ///   - start: The first starting point; the preferred posture when nil.
    public func solve(_ target: PoseTarget, startingAt start: [Double]? = nil) -> Solution {
        solve([target], startingAt: start)
    }

    /// Joint positions for several targets at once.
    public func solve(_ targets: [PoseTarget], startingAt start: [Double]? = nil) -> Solution {
        solve(targets, startingAtAnyOf: start.map { [$0] } ?? [])
    }

    /// Joint positions for several targets at once, from these starting points first.
    public func solve(_ targets: [PoseTarget], startingAtAnyOf starts: [[Double]]) -> Solution {
        var solution = Solution()
        makeSearch(for: targets.map(\.frame)).solve(targets, startingAt: starts, into: &solution)
        return solution
    }

    /// Memory for searches of one thread: solving with it allocates nothing.
    public func makeSearch(for frames: [RobotModel.Frame]) -> InverseKinematicsSearch {
        InverseKinematicsSearch(self, frames: frames)
    }

    /// Solutions for many targets, each from its own start, on all threads.
    public func solve(batch targets: [PoseTarget], startingAt starts: [[Double]]? = nil) -> [Solution] {
        solve(batch: targets, startingAtAnyOf: starts?.map { [$0] })
    }

    /// Solutions for many targets, each from its own starting points, on all threads.
    public func solve(batch targets: [PoseTarget], startingAtAnyOf starts: [[[Double]]]?) -> [Solution] {
        precondition(
            starts == nil || starts?.count == targets.count,
            "solve: \(starts?.count ?? 0) starts for \(targets.count) targets")
        let chunk = 8
        return [Solution](unsafeUninitializedCapacity: targets.count) { buffer, count in
            // each entry is written by the one thread that has its piece
            nonisolated(unsafe) let memory = buffer.baseAddress
            parallelFor((targets.count + chunk - 1) / chunk) { piece in
                var search: InverseKinematicsSearch?
                for index in piece * chunk..<min((piece + 1) * chunk, targets.count) {
                    if search?.frames[0] != targets[index].frame { search = makeSearch(for: [targets[index].frame]) }
                    var solution = Solution()
                    search?.solve([targets[index]], startingAt: starts?[index] ?? [], into: &solution)
                    (memory! + index).initialize(to: solution)
                }
            }
            count = targets.count
        }
    }

    /// Solutions along a path, each started from the one before and without restarts: joints move continuously or the
    /// path ends. Ends after the first target that is not reached.
    public func follow(_ path: [PoseTarget], startingAt start: [Double]) -> [Solution] {
        guard let first = path.first else { return [] }
        var solver = self
        solver.options.startLimit = 1
        solver.options.diagnosesFailures = false
        var search = solver.makeSearch(for: [first.frame])
        var (current, found) = (start, [Solution]())
        for target in path {
            if search.frames[0] != target.frame { search = solver.makeSearch(for: [target.frame]) }
            var solution = Solution()
            search.solve([target], startingAt: [current], into: &solution)
            found.append(solution)
            guard solution.isConverged else { break }
            current = solution.positions
        }
        return found
    }
}
