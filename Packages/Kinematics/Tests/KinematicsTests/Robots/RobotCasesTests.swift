import Foundation
import Kinematics
import TensorTestSupport
import Testing

/// `cases/20…` and `cases/21…`: robot files as users have them.
@Suite struct RobotCasesTests {
    static func files(_ kind: String, _ suffixes: [String]) -> [URL] {
        SharedFixtures.folders(in: "cases") { $0.hasPrefix(kind) }.flatMap {
            SharedFixtures.entries(in: "cases/\($0.lastPathComponent)")
        }.filter { suffixes.contains($0.pathExtension) }
    }

    private static func isXacro(_ file: URL) -> Bool {
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return false }
        return text.contains("<xacro:") || text.contains("${") || text.contains("$(")
    }

    static let robots = files("20", ["urdf", "xacro", "xml"])

    /// A file that has to be expanded says so; nothing is read of it.
    @Test(arguments: robots.filter(isXacro))
    func xacroIsNamed(file: URL) throws {
        let error = #expect(throws: RobotFileError.self) { try RobotModel(at: file) }
        #expect(error?.description.contains("a xacro file") == true)
        #expect(error?.advice?.contains("Expand it first") == true && error?.line != nil)
    }

    /// Legal files are read, whichever way mimic joints are taken, and raise no alarm over links that are only frames.
    @Test(arguments: robots.filter { !isXacro($0) })
    func legalRobotsAreRead(file: URL) throws {
        let model = try RobotModel(at: file)
        let free = try RobotModel(at: file, mimic: .independent)
        for joint in model.description.joints where joint.mimic != nil && joint.limits == nil {
            #expect(!model.coordinates.contains { $0.joint == joint.name })
            let own = try #require(free.coordinates.first { $0.joint == joint.name })
            let leader = try #require(free.coordinates.first { $0.joint == joint.mimic?.joint })
            let tag = try #require(joint.mimic)
            let ends = [leader.lower, leader.upper].map { tag.multiplier * $0 + tag.offset }.sorted()
            #expect([own.lower, own.upper] == ends)
        }
        for finding in model.description.findings() where finding.severity > .note {
            #expect(!finding.found.contains("inertia") && !finding.found.contains("carries no mass"), "\(finding)")
        }
    }

    /// Files of spheres or URDFs that a robot file names and that are not there are named.
    @Test(arguments: files("21", ["yml", "yaml", "json"]))
    func missingFilesAreNamed(file: URL) throws {
        let text = try String(contentsOf: file, encoding: .utf8)
        let named = try #require(text.firstMatch(of: #/collision_spheres:\s*"([^"]+)"/#).map { String($0.1) })
        let error = #expect(throws: RobotFileError.self) { try RobotModel(at: file) }
        #expect(error?.kind == .cannotRead)
        #expect(error?.found.contains("'\(named)' is not there") == true, "\(String(describing: error))")
        #expect(error?.element?.contains("collision_spheres") == true && error?.line != nil)
    }

    // MARK: - Of the same kinds

    private func urdf(_ content: String) -> Data {
        Data("<robot name=\"r\"><link name=\"a\"/><link name=\"b\"/>\(content)</robot>".utf8)
    }

    @Test(arguments: [
        #"<xacro:property name="w" value="1"/>"#, #"<link name="c"><xacro:inertia m="1"/></link>"#,
        #"<joint name="j" type="fixed"><parent link="a"/><child link="${prefix}b"/></joint>"#,
        #"<link name="c"><visual><geometry><mesh filename="$(find arm)/a.stl"/></geometry></visual></link>"#,
    ])
    func xacroIsNamedWhereverItStands(content: String) {
        let error = #expect(throws: RobotFileError.self) { try URDFParser.parse(urdf(content), name: "r") }
        #expect(error?.found.contains("xacro") == true)
    }

    @Test func onlyMimicJointsMayLackLimits() throws {
        for (type, word) in [("revolute", "continuous"), ("prismatic", "<limit")] {
            let joint = """
                <joint name="j" type="\(type)"><parent link="a"/><child link="b"/><axis xyz="0 0 1"/></joint>
                """
            let error = #expect(throws: RobotFileError.self) { try URDFParser.parse(urdf(joint), name: "r") }
            #expect(error?.advice?.contains(word) == true)
            #expect(type == "revolute" || error?.advice?.contains("continuous") == false)
        }
    }

    /// Links of a gram or less without inertia stand for frames; heavier ones and moving ones do not.
    @Test(arguments: [(1e-9, true, false), (1e-3, true, false), (0.5, true, true), (1e-9, false, true)])
    func onlyDummiesAreLeftInPeace(mass: Double, isFixed: Bool, isAlarm: Bool) throws {
        let type = isFixed ? #"type="fixed""# : #"type="continuous""#
        let text = """
            <robot name="r"><link name="a"/><joint name="j" \(type)><parent link="a"/><child link="b"/></joint>
            <link name="b"><inertial><mass value="\(mass)"/><inertia ixx="0" iyy="0" izz="0"/></inertial></link></robot>
            """
        let description = try URDFParser.parse(Data(text.utf8), name: "r")
        #expect(description.findings().contains { $0.severity > .note } == isAlarm)
    }

    @Test func unknownKeysOfRobotFilesAreSaid() throws {
        let configuration = try RobotConfiguration.parse(
            Data("kinematics: {base_link: a, usd_path: null, colision_spheres: {}}".utf8), name: "r.yml")
        #expect(configuration.warnings.map(\.element) == ["key 'colision_spheres'"])
    }
}
