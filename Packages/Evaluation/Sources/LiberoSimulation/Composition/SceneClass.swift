/// A kind of scene: the room, where things are put, where the robot stands, and the cameras.
struct SceneClass: Sendable {
    /// A table that is given its size when the scene is made.
    struct Table: Sendable {
        /// Full size in metres.
        var size: SIMD3<Double>
        var friction: String
    }

    /// A camera that is moved, or added when the room has none of this name.
    struct Camera: Sendable {
        var name: String
        var position: SIMD3<Double>
        /// w, x, y, z
        var quaternion: SIMD4<Double>
    }

    /// The name in BDDL files.
    var problemName: String
    /// The path of the room's model.
    var arena: String
    /// The body that gets the target zones.
    var workspaceBody: String
    /// The fixture of the BDDL file that is the room's own and no model.
    var workspaceCategory: String
    /// Regions whose key contains this are zones of the workspace.
    var workspaceName: String
    /// Where regions are measured from, in world coordinates.
    var workspaceOffset: SIMD3<Double>
    /// Added to the zones' positions in the frame of the workspace body: the offset's x and y, or nothing.
    var zoneOffset: SIMD3<Double>
    var table: Table?
    /// How far above the offset fixtures are put.
    var fixtureHeight: Double
    /// Whether the ranges in which objects are put shrink by the object's radius.
    var shrinksRanges: Bool
    var robotBase: SIMD3<Double>
    /// The path of what the robot stands on.
    var mount: String
    var mountPosition: SIMD3<Double>
    /// Files that replace those of the room's textures, by texture.
    var textureFiles: [String: String]
    var cameras: [Camera]
}
