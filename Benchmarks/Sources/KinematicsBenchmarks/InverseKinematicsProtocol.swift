import Parallel
import BenchmarkKit
import CAllocationCounter
import Dispatch
import Kinematics
import TensorCore

/// 500 reachable poses from starts far from them, at 1e-5 m and 1e-5 rad, one thread; the first 20 are not counted.
enum InverseKinematicsProtocol {
    static func benchmark(_ arm: Arm) -> BenchmarkCase {
        BenchmarkCase("\(arm.name)_ik") {
            let (targets, starts) = try arm.targets()
            let solver = InverseKinematics(arm.arm)
            return {
                var (times, reached) = ([Double](), 0)
                for (target, start) in zip(targets, starts) {
                    let begin = DispatchTime.now().uptimeNanoseconds
                    let solution = solver.solve(target, startingAt: start)
                    times.append(Double(DispatchTime.now().uptimeNanoseconds - begin) * 1e-9)
                    if solution.isConverged { reached += 1 }
                }
                let counted = times.dropFirst(20).sorted()
                let median = counted[counted.count / 2]
                let mean = counted.reduce(0, +) / Double(counted.count)
                return [
                    MeasuredValue("\(arm.name)_ik/median_to_rtb", median, unit: "s"),
                    MeasuredValue("\(arm.name)_ik/mean_to_rtb", mean, unit: "s"),
                    MeasuredValue("\(arm.name)_ik/median_to_tracik", median, unit: "s"),
                    MeasuredValue("\(arm.name)_ik/mean_to_tracik", mean, unit: "s"),
                    MeasuredValue("\(arm.name)_ik/reached", Double(reached) / Double(targets.count), unit: "share"),
                    // one more than the allocations, so that none is a ratio of 1
                    MeasuredValue(
                        "\(arm.name)_ik/allocations_and_1", allocations(solver, targets, starts) + 1, unit: "count"),
                    MeasuredValue("\(arm.name)_ik/allocations_and_1", 1, unit: "count", role: .peer),
                ]
            }
        }
    }

    /// Of all targets solved again with one search, after the first.
    private static func allocations(
        _ solver: InverseKinematics, _ targets: [PoseTarget], _ starts: [[Double]]
    ) -> Double {
        let search = solver.makeSearch(for: [targets[0].frame])
        let lists = zip(targets, starts).map { (targets: [$0], starts: [$1]) }
        var solution = InverseKinematics.Solution()
        search.solve(lists[0].targets, startingAt: lists[0].starts, into: &solution)
        let before = counted_allocations()
        for list in lists { search.solve(list.targets, startingAt: list.starts, into: &solution) }
        return Double(counted_allocations() - before)
    }

    /// A thousand targets at once on all threads against one.
    static func batch(_ arm: Arm) -> BenchmarkCase {
        BenchmarkCase("ik_batch") {
            let (targets, starts) = try arm.targets()
            let (twice, all) = (targets + targets, starts + starts)
            let solver = InverseKinematics(arm.arm)
            let threads = KernelThreads.count
            return {
                // the best of five, as for the recursions: the first has cold caches and sleeping threads
                var (alone, together) = (Double.infinity, Double.infinity)
                for _ in 0..<5 {
                    KernelThreads.count = 1
                    alone = min(alone, secondsToRun { _ = solver.solve(batch: twice, startingAt: all) })
                    KernelThreads.count = threads
                    together = min(together, secondsToRun { _ = solver.solve(batch: twice, startingAt: all) })
                }
                return [
                    MeasuredValue("ik_batch", together, unit: "s"),
                    MeasuredValue("ik_batch", alone, unit: "s", role: .peer),
                ]
            }
        }
    }
}
