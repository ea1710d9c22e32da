/// An instance of a category in a scene.
struct SceneObject: Equatable, Sendable {
    var name: String
    var categoryName: String
    var category: ObjectCategory
    /// Fixtures have no free joint; their pose is part of the model.
    var isFixture: Bool
    /// All joints, in the order of the model; the free joint of things that move among them.
    var joints: [String]
    /// The geoms that touch things.
    var contactGeoms: [String]
    /// From the origin of the object to its lowest and highest point, in metres.
    var bottomOffset: SIMD3<Double>
    var topOffset: SIMD3<Double>
    /// The radius of its footprint for placing, in metres.
    var horizontalRadius: Double

    var rootBody: String { "\(name)_main" }
    var freeJoint: String { "\(name)_joint0" }
}

/// A region of a BDDL file: a box around a site of the model.
struct SceneRegion: Equatable, Sendable {
    /// Also the name of the site.
    var key: String
    /// The instance whose part it is; nil for zones of the workspace.
    var parent: String?
    /// The joints of the part, such as a drawer's.
    var joints: [String]
    /// Half the size of the box, in metres.
    var halfSize: SIMD3<Double>
}

/// A scene as MuJoCo reads it, with what the text does not say.
struct ComposedScene: Sendable {
    /// MJCF with absolute paths.
    var xml: String
    var sceneClass: SceneClass
    /// Things that can be carried, then fixtures; each in the order of the model.
    var objects: [SceneObject]
    /// By key.
    var regions: [String: SceneRegion]
}
