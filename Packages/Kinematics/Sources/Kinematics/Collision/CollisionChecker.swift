/// Distances of a robot's spheres at one posture after the other; used by one thread at a time.
///
/// Nothing is allocated after the first posture.
public final class CollisionChecker {
    /// The nearest of all tested pairs.
    public struct SelfDistance: Equatable, Sendable {
        /// `|c₁ − c₂| − r₁ − r₂`, in metres; below zero it is a collision. Infinite when nothing is tested.
        public var distance: Double
        /// Indices of the spheres.
        public var pair: (Int, Int)?

        public static func == (a: SelfDistance, b: SelfDistance) -> Bool {
            a.distance == b.distance && a.pair?.0 == b.pair?.0 && a.pair?.1 == b.pair?.1
        }
    }

    /// The nearest of all spheres and obstacles.
    public struct WorldDistance: Equatable, Sendable {
        /// In metres; below zero it is a collision. Infinite when there is no obstacle.
        public var distance: Double
        public var sphere: Int?
        /// The index in the world.
        public var obstacle: Int?
    }

    /// Two spheres, or a sphere and an obstacle, that are closer than the margin.
    struct Violation {
        var bodyA: Int
        var pointA: Vector3
        /// −1 for the base and the world.
        var bodyB: Int
        var pointB: Vector3
        /// The direction in which the first moves away.
        var normal: Vector3
        /// How much closer than the margin.
        var deficit: Double
        /// How deep; zero without a collision.
        var depth: Double
    }

    public let model: CollisionModel
    /// The distance to obstacles, and between own spheres, below which a pair counts as a violation.
    var margin = 0.002
    var selfMargin = 0.002
    private(set) var violations: [Violation] = []

    let count: Int
    let centers: UnsafeMutablePointer<Vector3>
    let places: UnsafeMutablePointer<(body: Int, center: Vector3)>
    let worldRadii: UnsafeMutablePointer<Double>
    private let selfRadii: UnsafeMutablePointer<Double>
    private let pairs: UnsafeMutablePointer<(Int32, Int32)>
    private let pairCount: Int
    let obstacles: [Obstacle.Solid]

    init(_ model: CollisionModel) {
        self.model = model
        count = model.spheres.count
        pairCount = model.selfPairs.count
        centers = .allocate(capacity: max(count, 1))
        centers.initialize(repeating: .zero, count: max(count, 1))
        places = .allocate(capacity: max(count, 1))
        places.initialize(from: model.places, count: count)
        worldRadii = .allocate(capacity: max(count, 1))
        worldRadii.initialize(from: model.spheres.map(\.worldRadius), count: count)
        selfRadii = .allocate(capacity: max(count, 1))
        selfRadii.initialize(from: model.spheres.map(\.selfRadius), count: count)
        pairs = .allocate(capacity: max(pairCount, 1))
        pairs.initialize(from: model.selfPairs.map { (Int32($0), Int32($1)) }, count: pairCount)
        obstacles = model.world.obstacles.map { Obstacle.Solid($0) }
    }

    deinit {
        centers.deallocate()
        places.deallocate()
        worldRadii.deallocate()
        selfRadii.deallocate()
        pairs.deallocate()
    }

    /// Moves the spheres to where a state's bodies are.
    public func update(_ state: RobotState) { update(state.poses) }

    func update(_ poses: UnsafeMutablePointer<Transform>) {
        for i in 0..<count {
            let body = places[i].body
            centers[i] = body < 0 ? places[i].center : poses[body] * places[i].center
        }
    }

    /// Where the center of a sphere is, in the base.
    public func center(_ sphere: Int) -> Vector3 {
        precondition(0..<count ~= sphere, "center: no sphere \(sphere)")
        return centers[sphere]
    }

    /// The nearest pair of the robot's own spheres.
    public func selfDistance() -> SelfDistance {
        var (best, pair) = (Double.infinity, -1)
        for k in 0..<pairCount {
            let (i, j) = (Int(pairs[k].0), Int(pairs[k].1))
            let d = centers[i] - centers[j]
            let reach = best + selfRadii[i] + selfRadii[j]
            let square = d.dot(d)
            // the root only where the pair can be nearer
            if reach > 0 && square < reach * reach {
                best = square.squareRoot() - selfRadii[i] - selfRadii[j]
                pair = k
            }
        }
        return SelfDistance(distance: best, pair: pair < 0 ? nil : (Int(pairs[pair].0), Int(pairs[pair].1)))
    }

    /// The nearest sphere and obstacle.
    public func worldDistance() -> WorldDistance {
        var result = WorldDistance(distance: .infinity, sphere: nil, obstacle: nil)
        for (o, obstacle) in obstacles.enumerated() where obstacle.isEnabled {
            for i in 0..<count where worldRadii[i] >= 0 {
                // nothing of the obstacle is nearer than its bounding sphere
                let limit = result.distance + worldRadii[i]
                guard obstacle.isNearer(than: limit, to: centers[i]) else { continue }
                let distance = obstacle.distance(to: centers[i]) - worldRadii[i]
                if distance < result.distance { result = WorldDistance(distance: distance, sphere: i, obstacle: o) }
            }
        }
        return result
    }

    /// Whether no pair and no obstacle is nearer than `clearance`.
    public func isFree(clearance: Double = 0) -> Bool {
        selfDistance().distance >= clearance && worldDistance().distance >= clearance
    }

    /// Collects every pair that is closer than the margin.
    func findViolations() {
        violations.removeAll(keepingCapacity: true)
        for k in 0..<pairCount {
            let (i, j) = (Int(pairs[k].0), Int(pairs[k].1))
            let d = centers[i] - centers[j]
            let reach = selfMargin + selfRadii[i] + selfRadii[j]
            let square = d.dot(d)
            guard square < reach * reach, places[i].body != places[j].body else { continue }
            let length = square.squareRoot()
            let normal = length > 1e-12 ? d / length : Vector3(0, 0, 1)
            violations.append(
                Violation(
                    bodyA: places[i].body, pointA: centers[i], bodyB: places[j].body, pointB: centers[j],
                    normal: normal, deficit: reach - length, depth: max(reach - selfMargin - length, 0)))
        }
        for obstacle in obstacles where obstacle.isEnabled {
            for i in 0..<count where worldRadii[i] >= 0 && places[i].body >= 0 {
                let reach = margin + worldRadii[i]
                guard obstacle.isNearer(than: reach, to: centers[i]) else { continue }
                let (distance, gradient) = obstacle.distanceAndGradient(at: centers[i])
                guard distance < reach else { continue }
                violations.append(
                    Violation(
                        bodyA: places[i].body, pointA: centers[i], bodyB: -1, pointB: .zero, normal: gradient,
                        deficit: reach - distance, depth: max(worldRadii[i] - distance, 0)))
            }
        }
    }
}
