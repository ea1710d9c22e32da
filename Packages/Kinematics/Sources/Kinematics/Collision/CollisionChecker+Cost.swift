/// What being near an obstacle costs: nothing farther than `η` from a sphere's surface, then a parabola, and from contact on
/// a straight line of slope 1.
///
///     x = η − d        c = 0 for x ≤ 0,  x² / 2η for x ≤ η,  x − η/2 beyond
///
/// `d` is the signed distance of the surfaces in metres. Value and slope are continuous; without `η` it is the depth.
/// Source: Ratliff et al. 2009 (CHOMP); Sundaralingam et al. 2023 (cuRobo), arXiv:2310.17274.
public struct CollisionCost: Sendable {
    /// `η`, in metres.
    public var activation: Double

    public init(activation: Double = 0) {
        precondition(activation >= 0, "CollisionCost: an activation distance of \(activation) m")
        self.activation = activation
    }

    /// The cost at a distance, in metres, and how fast it grows while the distance falls, 0…1.
    public func value(at distance: Double) -> (cost: Double, slope: Double) {
        let x = activation - distance
        if x <= 0 { return (0, 0) }
        return x <= activation ? (x * x / (2 * activation), x / activation) : (x - activation / 2, 1)
    }
}

extension CollisionChecker {
    /// The sum of the costs of all spheres and obstacles at the posture of the last update, in metres.
    ///
    /// - Parameters:
    ///   - cost: What nearness costs.
    ///   - state: The state that the update was from.
    ///   - gradient: The derivative by each coordinate is added to it. It goes back through the joints as a force on each
    ///     sphere would.
    public func worldCost(_ cost: CollisionCost, of state: RobotState, gradient: inout [Double]) -> Double {
        precondition(
            gradient.count == model.model.coordinateCount,
            "worldCost: a gradient of \(gradient.count) numbers for \(model.model.coordinateCount)")
        var sum = 0.0
        for i in 0..<count where worldRadii[i] >= 0 {
            let found = costOfSphere(i, at: centers[i], cost)
            guard found.cost > 0 else { continue }
            sum += found.cost
            state.addMotion(of: places[i].body, at: centers[i], along: found.gradient, to: &gradient)
        }
        return sum
    }

    /// The cost of a path of evenly timed waypoints, in m²: of each sphere's way between the waypoints, too, and of a length
    /// of way rather than of a time, so that hurrying past an obstacle does not pay.
    ///
    /// From its center at a waypoint, a sphere's cost is summed along the straight ways to the middles towards both
    /// neighbours, in steps of its distance there, at most three each way. The sum `c` counts times the way `|v| Δt` of the
    /// sphere, `v = (x₊ − x₋) / 2Δt`. The gradient is that of the functional `∫ c |v| dt`:
    ///
    ///     |v| ((I − v̂ v̂ᵀ) ∇c − c κ)        κ = (I − v̂ v̂ᵀ) a / |v|²
    ///
    /// Start and goal stay where they are. Source: Ratliff et al. 2009 (CHOMP), equation 8.
    ///
    /// - Parameters:
    ///   - cost: What nearness costs.
    ///   - waypoints: At least 3 postures.
    ///   - period: Seconds between two waypoints.
    ///   - state: A state of this model, to move; it is left at the last waypoint.
    ///   - gradient: For each waypoint, the derivative by each coordinate is added to it.
    public func sweptWorldCost(
        _ cost: CollisionCost, along waypoints: [[Double]], period: Double, moving state: RobotState,
        gradient: inout [[Double]]
    ) -> Double {
        let last = waypoints.count - 1
        precondition(last >= 2, "sweptWorldCost: \(waypoints.count) waypoints; it needs 3")
        precondition(
            gradient.count == waypoints.count && gradient.allSatisfy { $0.count == model.model.coordinateCount },
            "sweptWorldCost: a gradient of \(gradient.count) rows for \(waypoints.count) waypoints")
        precondition(period > 0, "sweptWorldCost: a period of \(period) s")

        let ways = waypoints.map { positions -> [Vector3] in
            state.update(positions)
            update(state)
            return (0..<count).map { centers[$0] }
        }
        var sum = 0.0
        for t in 1..<last {
            state.update(waypoints[t])
            for i in 0..<count where worldRadii[i] >= 0 && places[i].body >= 0 {
                let (before, here, after) = (ways[t - 1][i], ways[t][i], ways[t + 1][i])
                let velocity = (after - before) / (2 * period)
                let speed = velocity.length
                guard speed > 0 else { continue }

                // here, then towards both neighbours
                var total = costOfSphere(i, at: here, cost)
                for next in [before, after] {
                    let part = costOfWay(i, from: here, to: next, cost)
                    total.cost += part.cost
                    total.gradient += part.gradient
                }
                guard total.cost > 0 else { continue }
                sum += total.cost * speed * period

                // what is along the way changes when the sphere passes, not where
                let direction = velocity / speed
                func across(_ v: Vector3) -> Vector3 { v - direction.dot(v) * direction }
                let curvature = across(after - 2 * here + before) / (period * period * speed * speed)
                let force = (speed * period) * (across(total.gradient) - total.cost * curvature)
                state.addMotion(of: places[i].body, at: here, along: force, to: &gradient[t])
            }
        }
        state.update(waypoints[last])
        update(state)
        return sum
    }

    /// The cost of one sphere with its center at a point, and its gradient there.
    private func costOfSphere(_ i: Int, at point: Vector3, _ cost: CollisionCost) -> (cost: Double, gradient: Vector3) {
        var (sum, gradient) = (0.0, Vector3.zero)
        for obstacle in obstacles where obstacle.isEnabled {
            guard obstacle.isNearer(than: worldRadii[i] + cost.activation, to: point) else { continue }
            let (distance, direction) = obstacle.distanceAndGradient(at: point)
            let found = cost.value(at: distance - worldRadii[i])
            sum += found.cost
            gradient -= found.slope * direction
        }
        return (sum, gradient)
    }

    /// The cost of one sphere on the way to the middle towards another point, without the first; the gradient by the first.
    private func costOfWay(
        _ i: Int, from: Vector3, to: Vector3, _ cost: CollisionCost
    ) -> (cost: Double, gradient: Vector3) {
        let way = (to - from).length
        var (sum, gradient, gone) = (0.0, Vector3.zero, 0.0)
        for _ in 0..<3 {
            let point = way > 0 ? from + (gone / way) * (to - from) : from
            // no nearer to anything than this; by its own size where it is in contact
            let room = distance(at: point) - worldRadii[i]
            gone += room > 0 ? max(room, 1e-3) : max(worldRadii[i], 1e-3)
            guard gone < way / 2 else { break }
            let found = costOfSphere(i, at: from + (gone / way) * (to - from), cost)
            sum += found.cost
            gradient += (1 - gone / way) * found.gradient
        }
        return (sum, gradient)
    }

    private func distance(at point: Vector3) -> Double {
        obstacles.reduce(.infinity) { $1.isEnabled ? min($0, $1.distance(to: point)) : $0 }
    }
}
