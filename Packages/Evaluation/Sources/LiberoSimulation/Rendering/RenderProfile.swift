/// How images of the simulated world are drawn.
///
/// Only ``faithful`` gives LIBERO's own pixels. The others change them for speed; a policy is trained and judged with
/// one profile, whose name its pipeline records. Physics is the same under all of them.
public struct RenderProfile: Hashable, Codable, Sendable {
    /// Recorded with every image; one name means one set of values.
    public let name: String
    /// Whether lights that cast shadows do.
    public let shadows: Bool
    /// Whether reflective floors and boxes mirror the scene, which draws it once more for each of them.
    public let reflections: Bool
    /// Samples a pixel; 1 leaves edges jagged.
    public let sampleCount: Int
    /// Pixels along an edge of a shadow map, where the model does not ask for fewer.
    public let shadowMapSize: Int
    /// Simplifies each mesh by clustering its vertices in a grid of this many cells along the mesh's largest extent;
    /// nil draws the meshes as they are.
    public let meshGridSize: Int?

    /// As LIBERO renders: MuJoCo's defaults, full meshes.
    public static let faithful = RenderProfile(
        name: "faithful", shadows: true, reflections: true, sampleCount: 4, shadowMapSize: 4096, meshGridSize: nil)

    /// Full meshes without shadows, mirrors and smooth edges.
    public static let plain = RenderProfile(
        name: "plain", shadows: false, reflections: false, sampleCount: 1, shadowMapSize: 1024, meshGridSize: nil)

    /// As ``plain``, with meshes simplified on a grid of 32 cells: hardly told from it at 128 × 128.
    public static let light = RenderProfile(
        name: "light", shadows: false, reflections: false, sampleCount: 1, shadowMapSize: 1024, meshGridSize: 32)

    /// As ``plain``, with meshes simplified on a grid of 16 cells: for collecting data and training on a CPU.
    public static let fast = RenderProfile(
        name: "fast", shadows: false, reflections: false, sampleCount: 1, shadowMapSize: 1024, meshGridSize: 16)

    /// Every profile that has a name.
    public static let all: [RenderProfile] = [faithful, plain, light, fast]

    /// The profile of a name.
    ///
    /// - Throws: ``RenderingError/unknownProfile(_:known:)``.
    public init(named name: String) throws(RenderingError) {
        guard let found = Self.all.first(where: { $0.name == name }) else {
            throw .unknownProfile(name, known: Self.all.map(\.name))
        }
        self = found
    }

    private init(
        name: String, shadows: Bool, reflections: Bool, sampleCount: Int, shadowMapSize: Int, meshGridSize: Int?
    ) {
        self.name = name
        self.shadows = shadows
        self.reflections = reflections
        self.sampleCount = sampleCount
        self.shadowMapSize = shadowMapSize
        self.meshGridSize = meshGridSize
    }
}
