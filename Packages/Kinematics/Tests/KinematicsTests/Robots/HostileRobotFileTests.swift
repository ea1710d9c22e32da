import Foundation
import Kinematics
import Testing

/// Robot, scene and mesh files of absurd form or size are refused, and none takes long.
@Suite struct HostileRobotFileTests {
    func error(_ data: Data, _ comment: Comment? = nil) throws -> RobotFileError {
        try #require(throws: RobotFileError.self, comment) { try URDFParser.parse(data, name: "hostile.urdf") }
    }

    static let bomb = """
        <?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">\
        <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><robot name="&c;"><link name="&c;"/></robot>
        """

    /// Entities are refused in every encoding that the parser would read.
    @Test func entitiesAreNeverExpanded() throws {
        for encoding in [String.Encoding.utf8, .utf16, .utf16LittleEndian, .utf16BigEndian, .utf32LittleEndian] {
            let data = try #require(Self.bomb.data(using: encoding))
            #expect([.unsupported, .malformed].contains(try error(data).kind), "\(encoding)")
        }
        // encodings that hide letters, named by the text itself
        for name in ["UTF-7", "utf-16", "IBM037", "ISO-8859-1", "ucs4", ""] {
            let text = "<?xml version='1.0' encoding='\(name)'?><robot name='r'><link name='a'/></robot>"
            #expect(try error(Data(text.utf8), "\(name)").kind == .malformed)
        }
        for name in ["UTF-8", "utf-8", "US-ASCII"] {
            let text = "\u{FEFF}<?xml version=\"1.0\" encoding=\"\(name)\"?><robot name='r'><link name='a'/></robot>"
            #expect(try URDFParser.parse(Data(text.utf8), name: "good.urdf").links.count == 1, "\(name)")
        }
    }

    static func chain(_ count: Int) -> String {
        var text = "<robot name='chain'><link name='l0'/>"
        for k in 1...count {
            text += "<link name='l\(k)'/><joint name='j\(k)' type='revolute'><parent link='l\(k - 1)'/>"
            text += "<child link='l\(k)'/><limit lower='-1' upper='1' effort='1' velocity='1'/></joint>"
        }
        return text + "</robot>"
    }

    @Test func aLongChainIsCheckedInTime() throws {
        let description = try URDFParser.parse(Data(Self.chain(2000).utf8), name: "chain.urdf")
        let start = ContinuousClock.now
        #expect(description.findings().count >= 2000)
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test(arguments: [
        "<sphere radius='1e19'/>", "<cylinder radius='1e300' length='1'/>", "<box size='1 1 1e15'/>",
        "<sphere radius='nan'/>", "<sphere radius='inf'/>", "<mesh filename='a.stl' scale='1e12 1 1'/>",
    ])
    func absurdSolidsAreRefused(shape: String) throws {
        let text = "<robot name='r'><link name='a'><collision><geometry>\(shape)</geometry></collision></link></robot>"
        let error = try error(Data(text.utf8))
        #expect(error.kind == .invalidValue && error.element == "link 'a'", "\(error)")
    }

    @Test(arguments: ["1e-300", "1e-7"]) func velocitiesThatTakeForeverAreRefused(velocity: String) throws {
        let joint = "<parent link='a'/><child link='b'/><limit lower='-1' upper='1' effort='1' velocity='\(velocity)'/>"
        let text =
            "<robot name='r'><link name='a'/><link name='b'/><joint name='j' type='revolute'>\(joint)</joint></robot>"
        #expect(try error(Data(text.utf8)).found.contains("velocity"))
    }

    @Test(arguments: [
        "sphere: {s: {radius: 1.0e+19}}", "sphere: {s: {radius: .nan}}",
        "sphere: {s: {radius: 1, position: [1e300, 0, 0]}}",
        "cuboid: {c: {dims: [1, 1, 1e7]}}", "cuboid: {c: {dims: [1, 1, 1], pose: [0, 0, .inf, 1, 0, 0, 0]}}",
        "cylinder: {c: {radius: 1, height: 1e12}}", "cuboid: {c: {dims: [1, 1, 1], pose: [0, 0, 0, .nan, 0, 0, 0]}}",
        "capsule: {c: {radius: 1, base: [0, 0, -1e9], tip: [0, 0, 1]}}",
    ])
    func absurdScenesAreRefused(scene: String) throws {
        let error = try #require(throws: RobotFileError.self, "\(scene)") {
            try CollisionWorld.parse(Data(scene.utf8), name: "scene.yml")
        }
        #expect(error.kind == .invalidValue, "\(error)")
    }

    @Test(arguments: ["1e12", "1e300", "nan", "-1e7"]) func absurdVerticesAreRefused(value: String) throws {
        let text = "v 0 0 0\nv 1 0 \(value)\nv 0 1 0\nf 1 2 3\n"
        #expect(throws: RobotFileError.self) { try TriangleMesh.parse(Data(text.utf8), name: "a.obj") }
    }

    /// A tree that grows with the product of its aliases, as values and as keys, which a parser hashes.
    @Test(arguments: [false, true]) func aliasesDoNotMultiply(asKeys: Bool) throws {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for k in 1..<30 {
            let aliases = [String](repeating: "*a\(k - 1)", count: 9).joined(separator: ", ")
            text += asKeys ? "a\(k): &a\(k)\n  ? [\(aliases)]\n  : 1\n" : "a\(k): &a\(k) [\(aliases)]\n"
        }
        let start = ContinuousClock.now
        let error = try #require(throws: RobotFileError.self) {
            try RobotConfiguration.parse(Data(text.utf8), name: "robot.yml")
        }
        #expect(error.kind == .limitExceeded && ContinuousClock.now - start < .seconds(5), "\(error)")
    }

    @Test func aFewAliasesAreRead() throws {
        let text = "sphere:\n  s: {radius: 0.1, position: &p [1, 2, 3]}\n  t: {radius: 0.2, position: *p}\n"
        #expect(try CollisionWorld.parse(Data(text.utf8), name: "scene.yml").obstacles.count == 2)
        // a star in a text is none
        let starred = "sphere:\n" + (0..<40).map { "  's *\($0)': {radius: 0.1}\n" }.joined()
        #expect(try CollisionWorld.parse(Data(starred.utf8), name: "scene.yml").obstacles.count == 40)
    }

    @Test func whatIsNoFileIsRefused() throws {
        let pipe = FileManager.default.temporaryDirectory.appendingPathComponent("pipe-\(UUID()).urdf")
        #expect(mkfifo(pipe.path, 0o600) == 0)
        defer { try? FileManager.default.removeItem(at: pipe) }
        for url in [pipe, URL(fileURLWithPath: "/dev/zero"), FileManager.default.temporaryDirectory] {
            let error = try #require(throws: RobotFileError.self, "\(url.path)") { try URDFParser.read(url) }
            #expect(error.kind == .cannotRead, "\(error)")
            #expect(throws: RobotFileError.self, "\(url.path)") { try TriangleMesh.read(url) }
            #expect(throws: RobotFileError.self, "\(url.path)") { try CollisionWorld.read(url) }
        }
    }

    /// Limits that a file may give, and the motion they lead to.
    @Test func motionsThatTakeForeverHaveNoSamples() {
        let limits = MotionLimits(velocities: [1e-9], accelerations: [1e-9])
        let motion = PointToPointMotion(from: [0], to: [1], limits: limits)
        #expect(motion.duration > 1e8 && motion.sampleCount(rate: 200) == nil)
        #expect(PointToPointMotion(from: [0], to: [1], duration: 1).sampleCount(rate: 200) == 200)
        #expect(PointToPointMotion(from: [0], to: [1], duration: .infinity).sampleCount(rate: 1) == nil)
    }

    @Test func aSingularMassMatrixLeavesTheBias() {
        let controller = OperationalSpaceController(posture: [0, 0])
        func torques(_ mass: [Double]) -> [Double] {
            let state = OperationalSpaceController.State(
                linearJacobian: Matrix(rowCount: 3, columnCount: 2, elements: [1, 0, 0, 1, 0, 0]),
                angularJacobian: Matrix(rowCount: 3, columnCount: 2, elements: [0, 0, 0, 0, 1, 1]),
                massMatrix: Matrix(rowCount: 2, columnCount: 2, elements: mass), jointPositions: [0, 0],
                jointVelocities: [0, 0], position: .zero, rotation: .identity, linearVelocity: .zero,
                angularVelocity: .zero)
            let goal = OperationalSpaceController.Goal(position: Vector3(1, 0, 0), rotation: .identity)
            return controller.torques(for: state, goal: goal, bias: [3, 4])
        }
        for mass in [[0.0, 0, 0, 0], [1, 1, 1, 1], [.nan, 0, 0, 1]] { #expect(torques(mass) == [3, 4], "\(mass)") }
        #expect(torques([1, 0, 0, 1]) != [3, 4])
    }
}
