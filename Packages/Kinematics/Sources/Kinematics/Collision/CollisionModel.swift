/// A robot as spheres, which of them are tested against each other, and the world around it.
public struct CollisionModel: Sendable {
    /// A sphere of the robot.
    public struct Sphere: Equatable, Sendable {
        public var link: String
        /// In the link's frame.
        public var center: Vector3
        /// As in the robot file; below zero it keeps a place and collides with nothing.
        public var radius: Double
        /// With the sphere buffer, against the world; not tested below zero.
        public var worldRadius: Double
        /// With the link's self-collision buffer, against other links; not tested below zero.
        public var selfRadius: Double
    }

    public let model: RobotModel
    public let spheres: [Sphere]
    /// Pairs of indices of ``spheres`` that are tested, the smaller first.
    public let selfPairs: [(Int, Int)]
    public var world: CollisionWorld
    public let warnings: [RobotDescription.Warning]
    /// Body of each sphere, −1 for the base, and its center there.
    let places: [(body: Int, center: Vector3)]

    /// The spheres of the model's robot file.
    ///
    /// - Throws: ``RobotFileError`` when the model has no robot file, or a link with spheres does not exist.
    public init(_ model: RobotModel, world: CollisionWorld = CollisionWorld()) throws {
        guard let configuration = model.configuration, !configuration.collisionSpheres.isEmpty else {
            throw RobotFileError(
                .missing, file: model.configuration?.file ?? model.description.file, element: "key 'collision_spheres'",
                "the robot '\(model.name)' has no spheres",
                advice: "Load the robot from a robot file that has them, or fit them with `SphereFitting`.")
        }
        try self.init(model, configuration: configuration, world: world)
    }

    /// The spheres of a robot file of one's own.
    public init(
        _ model: RobotModel, configuration: RobotConfiguration, world: CollisionWorld = CollisionWorld()
    ) throws {
        var (spheres, places): ([Sphere], [(body: Int, center: Vector3)]) = ([], [])
        for link in configuration.collisionLinks {
            guard let list = configuration.collisionSpheres[link] else { continue }
            let place = model.tree.frames[try model.frame(link).index]
            let buffer = configuration.linkSphereBuffers[link] ?? configuration.sphereBuffer
            for sphere in list {
                spheres.append(
                    Sphere(
                        link: link, center: sphere.center, radius: sphere.radius, worldRadius: sphere.radius + buffer,
                        selfRadius: sphere.radius + (configuration.selfCollisionBuffers[link] ?? 0)))
                places.append((place.body, place.placement * sphere.center))
            }
        }

        // links that are never tested, both ways round
        var (ignored, warnings): (Set<[String]>, [RobotDescription.Warning]) = ([], [])
        let known = Set(model.frameNames)
        for (link, others) in configuration.selfCollisionIgnore.sorted(by: { $0.key < $1.key }) {
            for other in others { ignored.insert([link, other].sorted()) }
            for name in ([link] + others) where !known.contains(name) {
                let warning = RobotDescription.Warning(
                    line: nil, element: "key 'self_collision_ignore'",
                    message: "there is no link '\(name)'; nearest are \(nearestNames(to: name, among: known, count: 2))"
                )
                if !warnings.contains(warning) { warnings.append(warning) }
            }
        }
        var pairs: [(Int, Int)] = []
        for i in spheres.indices where spheres[i].selfRadius >= 0 {
            for j in spheres.indices.dropFirst(i + 1) where spheres[j].selfRadius >= 0 {
                let (a, b) = (spheres[i].link, spheres[j].link)
                if a != b && !ignored.contains([a, b].sorted()) { pairs.append((i, j)) }
            }
        }
        self.model = model
        self.spheres = spheres
        self.places = places
        self.world = world
        self.warnings = warnings
        selfPairs = pairs
    }

    /// A memory for tests at one posture at a time.
    public func makeChecker() -> CollisionChecker { CollisionChecker(self) }
}
