/// A solid in the world, with a name, a place and a switch.
public struct Obstacle: Sendable {
    /// Sizes in metres, in the obstacle's own frame.
    public enum Shape: Sendable {
        /// Edge lengths, centered.
        case cuboid(Vector3)
        /// Centered.
        case sphere(radius: Double)
        /// All points within `radius` of the segment.
        case capsule(base: Vector3, tip: Vector3, radius: Double)
        /// The axis is z, centered.
        case cylinder(radius: Double, height: Double)
        /// Everything below z = 0.
        case halfSpace
        case mesh(MeshDistance)
        case field(VoxelField)
    }

    public var name: String
    public var shape: Shape
    /// In the base.
    public var pose: Pose
    public var isEnabled: Bool

    public init(_ name: String, _ shape: Shape, pose: Pose = .identity, isEnabled: Bool = true) {
        self.name = name
        self.shape = shape
        self.pose = pose
        self.isEnabled = isEnabled
    }

    /// The signed distance of a point of the base: positive outside, negative inside.
    public func signedDistance(to point: Vector3) -> Double { Solid(self).distance(to: point) }

    /// The signed distance and its gradient: the unit direction away from the surface.
    public func signedDistanceAndGradient(at point: Vector3) -> (distance: Double, gradient: Vector3) {
        Solid(self).distanceAndGradient(at: point)
    }

    /// An obstacle prepared for many points.
    struct Solid {
        let shape: Shape
        let isEnabled: Bool
        private let transform: Transform
        private let inverse: Transform
        /// A sphere around everything, in the base; infinite for what has no end.
        private let boundingCenter: Vector3
        private let boundingRadius: Double

        init(_ obstacle: Obstacle) {
            shape = obstacle.shape
            isEnabled = obstacle.isEnabled
            transform = Transform(obstacle.pose)
            inverse = transform.inverse
            let (center, radius) = Solid.bounds(obstacle.shape)
            boundingCenter = transform * center
            boundingRadius = radius
        }

        private static func bounds(_ shape: Shape) -> (center: Vector3, radius: Double) {
            switch shape {
            case .cuboid(let size): (.zero, size.length / 2)
            case .sphere(let radius): (.zero, radius)
            case .capsule(let base, let tip, let radius): ((base + tip) / 2, (tip - base).length / 2 + radius)
            case .cylinder(let radius, let height): (.zero, (radius * radius + height * height / 4).squareRoot())
            case .halfSpace, .field: (.zero, .infinity)
            case .mesh(let mesh): mesh.boundingSphere
            }
        }

        /// False when the solid is surely not nearer to the point than `limit`.
        @inline(__always)
        func isNearer(than limit: Double, to point: Vector3) -> Bool {
            let reach = boundingRadius + limit
            guard reach.isFinite else { return true }
            let d = point - boundingCenter
            return reach > 0 && d.dot(d) < reach * reach
        }

        @inline(__always)
        func distance(to point: Vector3) -> Double {
            switch shape {
            case .cuboid(let size):
                let p = inverse * point
                let q = Vector3(abs(p.x), abs(p.y), abs(p.z)) - 0.5 * size
                let outside = pointwiseMax(q, .zero)
                return outside.dot(outside).squareRoot() + min(max(q.x, max(q.y, q.z)), 0)
            case .sphere(let radius): return (point - transform.translation).length - radius
            default: return distanceAndGradient(at: point).distance
            }
        }

        /// The gradient has unit length; at a ridge one of the nearest directions.
        func distanceAndGradient(at point: Vector3) -> (distance: Double, gradient: Vector3) {
            let p = inverse * point
            let (distance, local) =
                switch shape {
                case .cuboid(let size): Solid.cuboid(p, half: 0.5 * size)
                case .sphere(let radius): Solid.away(p, from: .zero, radius: radius)
                case .capsule(let base, let tip, let radius): Solid.capsule(p, base, tip, radius)
                case .cylinder(let radius, let height): Solid.cylinder(p, radius, height)
                case .halfSpace: (p.z, Vector3(0, 0, 1))
                case .mesh(let mesh): mesh.signedDistanceAndGradient(at: p)
                case .field(let field): field.distanceAndGradient(at: p)
                }
            return (distance, transform.rotation * local)
        }

        private static func away(_ p: Vector3, from center: Vector3, radius: Double) -> (Double, Vector3) {
            let d = p - center
            let length = d.length
            return (length - radius, length > 0 ? d / length : Vector3(0, 0, 1))
        }

        private static func cuboid(_ p: Vector3, half: Vector3) -> (Double, Vector3) {
            let q = Vector3(abs(p.x), abs(p.y), abs(p.z)) - half
            let sign = Vector3(p.x < 0 ? -1 : 1, p.y < 0 ? -1 : 1, p.z < 0 ? -1 : 1)
            let outside = pointwiseMax(q, .zero)
            let length = outside.length
            if length > 0 { return (length, sign * outside / length) }
            let inside = max(q.x, max(q.y, q.z))
            let axis = q.x == inside ? Vector3(1, 0, 0) : q.y == inside ? Vector3(0, 1, 0) : Vector3(0, 0, 1)
            return (inside, sign * axis)
        }

        private static func capsule(_ p: Vector3, _ base: Vector3, _ tip: Vector3, _ radius: Double) -> (
            Double, Vector3
        ) {
            let axis = tip - base
            let square = axis.dot(axis)
            let t = square > 0 ? min(max((p - base).dot(axis) / square, 0), 1) : 0
            return away(p, from: base + t * axis, radius: radius)
        }

        private static func cylinder(_ p: Vector3, _ radius: Double, _ height: Double) -> (Double, Vector3) {
            let rho = (p.x * p.x + p.y * p.y).squareRoot()
            let outward = rho > 0 ? Vector3(p.x / rho, p.y / rho, 0) : Vector3(1, 0, 0)
            let up = Vector3(0, 0, p.z < 0 ? -1 : 1)
            let (side, cap) = (rho - radius, abs(p.z) - height / 2)
            let (s, c) = (max(side, 0), max(cap, 0))
            let length = (s * s + c * c).squareRoot()
            if length > 0 { return (length, (s * outward + c * up) / length) }
            return side > cap ? (side, outward) : (cap, up)
        }
    }
}
