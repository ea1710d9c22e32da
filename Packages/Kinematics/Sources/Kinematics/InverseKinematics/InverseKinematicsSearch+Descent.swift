import Foundation

extension InverseKinematicsSearch {
    /// How a descent from one starting point ended.
    struct Descent {
        var isConverged: Bool
        var cost: Double
        var iterationCount: Int
    }

    var isReached: Bool {
        positionError <= solver.options.positionTolerance && rotationError <= solver.options.rotationTolerance
    }

    /// Levenberg–Marquardt from `q`, which holds the result; the errors are those of the result.
    func descend() -> Descent {
        let damping = solver.options.damping
        var cost = evaluate(q)
        var lambda = 1e-2
        var growth = 2.0
        var checkpoint = cost
        var isCurrent = true
        var iteration = 0
        while iteration < solver.options.iterationLimit {
            if isReached && collisionDeficit <= 0 {
                return Descent(isConverged: true, cost: cost, iterationCount: iteration)
            }
            if isCurrent { linearize() }
            switch damping {
            case .multiplicative: break
            case .errorProportional(let k): if isCurrent { lambda = k * cost }
            case .errorPlus(let w): if isCurrent { lambda = cost + w }
            }
            iteration += 1
            guard solveStep(lambda) else {
                lambda = max(lambda, 1e-9) * 10
                continue
            }
            applyStep()
            let (p, r, d) = (positionError, rotationError, collisionDeficit)
            let next = evaluate(trial)
            if next < cost {
                for i in 0..<n { q[i] = trial[i] }
                cost = next
                isCurrent = true
                lambda = max(lambda * 0.1, 1e-10)
                growth = 2
            } else {
                (positionError, rotationError, collisionDeficit) = (p, r, d)
                isCurrent = false
                lambda *= growth
                growth *= 2
                if lambda > 1e8 { break }
            }
            if iteration % Self.checkInterval == 0 {
                if cost > Self.requiredDecrease * checkpoint { break }
                checkpoint = cost
            }
        }
        // a rejected trial has moved the bodies
        if !isCurrent { cost = evaluate(q) }
        return Descent(isConverged: isReached && collisionDeficit <= 0, cost: cost, iterationCount: iteration)
    }

    /// A descent that has not come down by this factor in this many steps is given up.
    static let checkInterval = 6
    static let requiredDecrease = 0.5

    /// Draws the joints to a posture in the null space, then arrives at the target again.
    ///
    /// A step minimizes `|J δ − e|² + λ |δ − k (q₀ − q)|²`; for a small `λ` the second term acts in the null space only.
    func relax(to posture: InverseKinematics.Posture) -> Int {
        let lambda = 1e-6
        var iterations = 0
        _ = evaluate(q)
        for _ in 0..<60 {
            linearize()
            for i in 0..<n { gradient[i] += lambda * posture.gain * (posture.positions[i] - q[i]) }
            guard solveStep(lambda) else { break }
            applyStep(scale: 0.2)
            var largest = 0.0
            for i in 0..<n {
                largest = max(largest, abs(trial[i] - q[i]))
                q[i] = trial[i]
            }
            _ = evaluate(q)
            iterations += 1
            if largest < 1e-4 { break }
        }
        return iterations + descend().iterationCount
    }
}
