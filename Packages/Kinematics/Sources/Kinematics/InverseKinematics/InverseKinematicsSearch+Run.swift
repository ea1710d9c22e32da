import Foundation

extension InverseKinematicsSearch {
    public typealias Solution = InverseKinematics.Solution

    /// What is kept of the start that came nearest; its positions are in `best`.
    private struct Best {
        var isConverged = false
        /// Lower is better; of the converged by the choice, of the others by the cost.
        var score = Double.infinity
        var start = -1
        var positionError = Double.infinity
        var rotationError = Double.infinity
        var isPoseReached = false
        var isSelfFree = true
        var isWorldFree = true
    }

    /// Solves for targets of this search's frames; `solution` is overwritten.
    ///
    /// - Parameters:
    ///   - targets: One for each of the frames.
    ///   - starts: The first starting points, in order; the preferred posture and a sequence come behind them.
    ///   - solution: Reused from call to call, so that nothing is allocated.
    public func solve(_ targets: [PoseTarget], startingAt starts: [[Double]] = [], into solution: inout Solution) {
        precondition(targets.count == frames.count, "solve: \(targets.count) targets for \(frames.count) frames")
        for t in targets.indices {
            precondition(targets[t].frame == frames[t], "solve: target \(t) is for another frame than the search's")
        }
        for start in starts { precondition(start.count == n, "solve: a start of \(start.count) positions for \(n)") }
        let begin = DispatchTime.now().uptimeNanoseconds
        func elapsed() -> Double { Double(DispatchTime.now().uptimeNanoseconds - begin) * 1e-9 }
        (respectsLimits, avoidsCollision, ignoresRotation) = (true, checker != nil, false)
        for i in 0..<n { first[i] = starts.isEmpty ? preferred[i] : starts[0][i] }
        setLimits()

        // beyond the arm's length one descent is enough for the best effort
        let isBeyond = isBeyondReach(targets)
        let startLimit = isBeyond ? 1 : solver.options.startLimit
        var found = Best()
        var (iterations, tried, converged, collided, ranOut) = (0, 0, 0, false, false)
        for s in 0..<startLimit {
            aim(targets, start: s)
            place(start: s, starts)
            let descent = descend()
            iterations += descent.iterationCount
            tried += 1
            if descent.isConverged {
                if let posture = solver.options.posture { iterations += relaxOrKeep(posture) }
                moveNear()
                _ = evaluate(q)
                keep(&found, converged: true, score: score(), start: s)
                converged += 1
                if converged >= solver.options.choice.count { break }
            } else {
                if isReached { collided = true }
                keep(&found, converged: false, score: descent.cost, start: s)
            }
            if let limit = solver.options.timeLimit, elapsed() > limit {
                ranOut = s + 1 < startLimit
                break
            }
        }

        let outcome: InverseKinematics.Outcome =
            found.isConverged
            ? .converged
            : ranOut
                ? .timeLimit(starts: tried)
                : isBeyond
                    ? .outOfReach
                    : collided
                        ? .collision
                        : solver.options.diagnosesFailures
                            ? diagnose(targets, starts, tried) : .localMinimum(starts: tried)
        write(found, outcome, targets, into: &solution)
        (solution.iterationCount, solution.startCount, solution.seconds) = (iterations, tried, elapsed())
    }

    private func write(
        _ found: Best, _ outcome: InverseKinematics.Outcome, _ targets: [PoseTarget], into solution: inout Solution
    ) {
        if solution.positions.count != n { solution.positions = [Double](repeating: 0, count: n) }
        for i in 0..<n { solution.positions[i] = best[i] }
        if solution.poseIndices.count != targets.count {
            solution.poseIndices = [Int](repeating: 0, count: targets.count)
        }
        for t in targets.indices { solution.poseIndices[t] = found.start % targets[t].poses.count }
        solution.outcome = outcome
        (solution.positionError, solution.rotationError) = (found.positionError, found.rotationError)
        solution.isPoseReached = found.isPoseReached
        (solution.isSelfCollisionFree, solution.isWorldCollisionFree) = (found.isSelfFree, found.isWorldFree)
        solution.startIndex = found.start
    }

    /// Keeps the result in `q` where it is better than what there is, earlier starts first.
    private func keep(_ found: inout Best, converged: Bool, score: Double, start: Int) {
        guard
            found.start < 0 || (converged && !found.isConverged)
                || (converged == found.isConverged && score < found.score)
        else { return }
        found = Best(
            isConverged: converged, score: score, start: start, positionError: positionError,
            rotationError: rotationError, isPoseReached: isReached)
        for i in 0..<n { best[i] = q[i] }
        if let checker {
            checker.update(poses)
            found.isSelfFree = checker.selfDistance().distance >= 0
            found.isWorldFree = checker.worldDistance().distance >= 0
        }
    }

    private func relaxOrKeep(_ posture: InverseKinematics.Posture) -> Int {
        for i in 0..<n { kept[i] = q[i] }
        let iterations = relax(to: posture)
        if !(isReached && collisionDeficit <= 0) { for i in 0..<n { q[i] = kept[i] } }
        return iterations
    }

    /// Why a target was not reached: tried again without limits, then for its position alone.
    private func diagnose(_ targets: [PoseTarget], _ starts: [[Double]], _ tried: Int) -> InverseKinematics.Outcome {
        defer { (respectsLimits, avoidsCollision, ignoresRotation) = (true, checker != nil, false) }
        func isReached() -> Bool {
            for s in 0..<min(tried, 100) {
                aim(targets, start: s)
                place(start: s, starts)
                if descend().isConverged { return true }
            }
            return false
        }
        avoidsCollision = false
        if checker != nil, isReached() { return .collision }
        respectsLimits = false
        if isReached() { return .limits }
        (respectsLimits, ignoresRotation) = (true, true)
        return isReached() ? .localMinimum(starts: tried) : .outOfReach
    }

    /// The model's limits, narrowed to what the joints reach from the first start where a period is given.
    private func setLimits() {
        for i in 0..<n {
            (lower[i], upper[i]) = (modelLower[i], modelUpper[i])
            guard let period = solver.options.period, speeds[i].isFinite else { continue }
            let start = min(max(first[i], lower[i]), upper[i])
            lower[i] = max(lower[i], start - period * speeds[i])
            upper[i] = min(upper[i], start + period * speeds[i])
        }
    }

    /// Whether some target is farther from the first joint of its path than the path is long.
    private func isBeyondReach(_ targets: [PoseTarget]) -> Bool {
        for t in targets.indices {
            guard targets[t].positionWeights.min() > 0, let base = paths[t].first else { continue }
            let origin = joints[base].placement.translation
            var isBeyond = true
            for pose in targets[t].poses {
                let distance = (pose.translation - origin).length
                if distance <= reaches[t] + solver.options.positionTolerance { isBeyond = false }
            }
            if isBeyond { return true }
        }
        return false
    }

    /// Sets what the frames are aimed at; of several poses, start `s` takes the one of its turn.
    private func aim(_ targets: [PoseTarget], start s: Int) {
        let one = Vector3(1, 1, 1)
        for t in targets.indices {
            let index = s % targets[t].poses.count
            let rotationWeights = ignoresRotation ? .zero : targets[t].rotationWeights
            aims[t] = Aim(
                rotation: targets[t].poses[index].rotation.matrix, translation: targets[t].poses[index].translation,
                positionWeights: targets[t].positionWeights, rotationWeights: rotationWeights,
                isUniform: targets[t].positionWeights == one && rotationWeights == one)
        }
    }

    /// Starting point `s`: the given ones, the preferred posture, then the sequence.
    private func place(start s: Int, _ starts: [[Double]]) {
        let k = s - starts.count + 1
        for i in 0..<n {
            var value = preferred[i]
            if k < 1 {
                value = starts[s][i]
            } else if k > 1 {
                let (low, high) = lower[i].isFinite && upper[i].isFinite ? (lower[i], upper[i]) : (-Double.pi, .pi)
                value = low + (high - low) * sequence.value(k, i)
            }
            q[i] = respectsLimits ? min(max(value, lower[i]), upper[i]) : value
        }
    }

    /// Turns joints by whole circles towards the first start where the limits let them.
    private func moveNear() {
        let circle = 2 * Double.pi
        for i in 0..<n where isTurning[i] {
            let turns = ((first[i] - q[i]) / circle).rounded()
            guard turns != 0 else { continue }
            var value = q[i] + turns * circle
            // as many of the turns as fit
            if value < lower[i] { value += ((lower[i] - value) / circle).rounded(.up) * circle }
            if value > upper[i] { value -= ((value - upper[i]) / circle).rounded(.up) * circle }
            if value >= lower[i], value <= upper[i], abs(value - first[i]) < abs(q[i] - first[i]) { q[i] = value }
        }
    }

    /// Of the result in `q`, by the choice that is made; lower is better.
    private func score() -> Double {
        switch solver.options.choice {
        case .first: return 0
        case .closest:
            var largest = 0.0
            for i in 0..<n { largest = max(largest, abs(q[i] - first[i])) }
            return largest
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
