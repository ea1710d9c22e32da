import Foundation

extension InverseKinematicsSearch {
    typealias Solution = InverseKinematics.Solution

    /// The search over starting points.
    func run(_ targets: [PoseTarget], start: [Double]?) -> Solution {
        let options = solver.options
        precondition(targets.map(\.frame) == frames, "InverseKinematics: targets of other frames")
        precondition(start == nil || start?.count == n, "InverseKinematics: \(start?.count ?? 0) of \(n) positions")
        let first = start ?? solver.model.preferredPositions
        let clock = options.timeLimit.map { (limit: $0, begin: DispatchTime.now().uptimeNanoseconds) }
        (respectsLimits, avoidsCollision) = (true, checker != nil)

        // beyond the arm's length one descent is enough for the best effort
        let isBeyond = isBeyondReach(targets)
        let startLimit = isBeyond ? 1 : options.startLimit
        let sequence = StartSequence(dimension: n, seed: options.seed)
        var (found, bestEffort): ([(Solution, Double)], (Solution, Double)?) = ([], nil)
        var (iterations, starts, collided, ranOut) = (0, 0, false, false)
        for s in 0..<startLimit {
            let indices = aim(targets, start: s)
            place(start: s, first: first, sequence)
            let descent = descend()
            iterations += descent.iterationCount
            starts += 1
            if descent.isConverged {
                if let posture = options.posture {
                    for i in 0..<n { trial[i] = q[i] }
                    let kept = Array(UnsafeBufferPointer(start: q, count: n))
                    iterations += relax(to: posture)
                    if !(isReached && collisionDeficit <= 0) {
                        for i in 0..<n { q[i] = kept[i] }
                    }
                }
                moveNear(first)
                _ = evaluate(q)
                let solution = solution(.converged, indices, iterations, starts, index: s)
                found.append((solution, score(solution, first)))
                if found.count >= options.choice.count { break }
            } else {
                if isReached { collided = true }
                if bestEffort.map({ descent.cost < $0.1 }) ?? true {
                    bestEffort = (
                        solution(.localMinimum(starts: s), indices, iterations, starts, index: s), descent.cost
                    )
                }
            }
            if let clock, Double(DispatchTime.now().uptimeNanoseconds - clock.begin) * 1e-9 > clock.limit {
                ranOut = s + 1 < startLimit
                break
            }
        }

        // the best of what was found, earlier starts first
        if var chosen = found.min(by: { $0.1 < $1.1 })?.0 {
            (chosen.iterationCount, chosen.startCount) = (iterations, starts)
            return chosen
        }
        var result = bestEffort!.0
        (result.iterationCount, result.startCount) = (iterations, starts)
        result.outcome =
            ranOut
            ? .timeLimit(starts: starts)
            : isBeyond
                ? .outOfReach
                : collided
                    ? .collision
                    : options.diagnosesFailures ? diagnose(targets, first, starts) : .localMinimum(starts: starts)
        return result
    }

    /// Why a target was not reached: tried again without limits, then for its position alone.
    private func diagnose(_ targets: [PoseTarget], _ first: [Double], _ starts: Int) -> InverseKinematics.Outcome {
        defer { (respectsLimits, avoidsCollision) = (true, checker != nil) }
        func isReached(_ targets: [PoseTarget]) -> Bool {
            let sequence = StartSequence(dimension: n, seed: solver.options.seed)
            for s in 0..<min(starts, 100) {
                _ = aim(targets, start: s)
                place(start: s, first: first, sequence)
                if descend().isConverged { return true }
            }
            return false
        }
        avoidsCollision = false
        if checker != nil, isReached(targets) { return .collision }
        respectsLimits = false
        if isReached(targets) { return .limits }
        respectsLimits = true
        let points = targets.map { target in
            var point = target
            point.rotationWeights = .zero
            return point
        }
        return isReached(points) ? .localMinimum(starts: starts) : .outOfReach
    }

    /// Whether some target is farther from the first joint of its path than the path is long.
    private func isBeyondReach(_ targets: [PoseTarget]) -> Bool {
        targets.indices.contains { t in
            guard targets[t].positionWeights.min() > 0, let base = paths[t].first else { return false }
            var length = places[t].placement.translation.length
            for i in paths[t].dropFirst() { length += joints[i].placement.translation.length }
            for i in paths[t] where joints[i].isPrismatic {
                let c = joints[i].coordinate
                let extent = max(
                    abs(joints[i].multiplier * lower[c] + joints[i].offset),
                    abs(joints[i].multiplier * upper[c] + joints[i].offset))
                length += extent
            }
            let origin = joints[base].placement.translation
            return targets[t].poses.allSatisfy {
                ($0.translation - origin).length > length + solver.options.positionTolerance
            }
        }
    }

    /// Sets what the frames are aimed at; of several poses, start `s` takes the one of its turn.
    private func aim(_ targets: [PoseTarget], start s: Int) -> [Int] {
        targets.indices.map { t in
            let target = targets[t]
            let index = s % target.poses.count
            let one = Vector3(1, 1, 1)
            aims[t] = Aim(
                rotation: target.poses[index].rotation.matrix, translation: target.poses[index].translation,
                positionWeights: target.positionWeights, rotationWeights: target.rotationWeights,
                isUniform: target.positionWeights == one && target.rotationWeights == one)
            return index
        }
    }

    /// Starting point `s`: the given one, the preferred posture, then the sequence.
    private func place(start s: Int, first: [Double], _ sequence: StartSequence) {
        for i in 0..<n {
            let coordinate = solver.model.coordinates[i]
            var value = s == 0 ? first[i] : coordinate.preferred
            if s > 1 {
                let (low, high) = coordinate.isContinuous ? (-Double.pi, Double.pi) : (lower[i], upper[i])
                value = low + (high - low) * sequence.value(s, i)
            }
            q[i] = respectsLimits ? min(max(value, lower[i]), upper[i]) : value
        }
    }

    /// Turns joints by whole circles towards the start where the limits let them.
    private func moveNear(_ first: [Double]) {
        for i in 0..<n where !solver.model.coordinates[i].isPrismatic {
            let turns = ((first[i] - q[i]) / (2 * .pi)).rounded()
            guard turns != 0 else { continue }
            var value = q[i] + turns * 2 * .pi
            // as many of the turns as fit
            while value < lower[i] { value += 2 * .pi }
            while value > upper[i] { value -= 2 * .pi }
            if value >= lower[i], abs(value - first[i]) < abs(q[i] - first[i]) { q[i] = value }
        }
    }

    private func solution(
        _ outcome: InverseKinematics.Outcome, _ indices: [Int], _ iterations: Int, _ starts: Int, index: Int
    ) -> Solution {
        var (isSelfFree, isWorldFree) = (true, true)
        if let checker {
            checker.update(poses)
            isSelfFree = checker.selfDistance().distance >= 0
            isWorldFree = checker.worldDistance().distance >= 0
        }
        return Solution(
            outcome: outcome, positions: Array(UnsafeBufferPointer(start: q, count: n)), positionError: positionError,
            rotationError: rotationError, poseIndices: indices, isSelfCollisionFree: isSelfFree,
            isWorldCollisionFree: isWorldFree, iterationCount: iterations, startCount: starts, startIndex: index)
    }

    /// Lower is better.
    private func score(_ solution: Solution, _ first: [Double]) -> Double {
        switch solver.options.choice {
        case .first: return 0
        case .closest: return zip(solution.positions, first).reduce(0) { max($0, abs($1.0 - $1.1)) }
        case .manipulability:
            linearize()
            var product = Matrix(rowCount: 6, columnCount: 6)
            for r in 0..<6 {
                for c in 0..<6 {
                    for i in 0..<n { product[r, c] += jacobian[i * rows + r] * jacobian[i * rows + c] }
                }
            }
            return -product.symmetricEigenvalues.reduce(1) { $0 * max($1, 0) }
        case .clearance:
            guard let checker else { return 0 }
            return -min(checker.selfDistance().distance, checker.worldDistance().distance)
        }
    }
}
