/// An environment that tells where its objects are: for judging an episode; policies do not get to know it.
public protocol SceneObserving: Environment {
    /// How far the point between the fingertips is from each object that can be carried or that the goal speaks of, now.
    var objectDistances: [ObjectDistance] { get }
}

/// How near the hand is to an object.
public struct ObjectDistance: Hashable, Codable, Sendable {
    /// The scene's name of it, such as `alphabet_soup_1`.
    public var object: String
    /// Whether the goal asks that it be moved.
    public var isGoal: Bool
    /// From the point between the fingertips to the nearest point of the object, metres; 0 inside of it.
    public var distance: Double

    public init(object: String, isGoal: Bool, distance: Double) {
        (self.object, self.isGoal, self.distance) = (object, isGoal, distance)
    }
}
