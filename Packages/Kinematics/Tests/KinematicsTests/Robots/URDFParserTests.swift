import Foundation
import Kinematics
import Testing

@Suite struct URDFParserTests {
    struct Malformed: CustomTestStringConvertible, Sendable {
        var what: String
        var kind: RobotFileError.Kind
        var line: Int?
        var text: String
        var testDescription: String { what }
    }

    static func joint(_ name: String, _ parent: String, _ child: String, _ inside: String = "", type: String = "fixed")
        -> String
    {
        "<joint name='\(name)' type='\(type)'><parent link='\(parent)'/><child link='\(child)'/>\(inside)</joint>\n"
    }

    static let links = "<robot name='r'>\n<link name='a'/>\n<link name='b'/>\n<link name='c'/>\n"
    static let limit = "<limit lower='-1' upper='1' effort='1' velocity='1'/>"

    static let malformed: [Malformed] = [
        .init(what: "unclosed element", kind: .malformed, line: 3, text: "<robot name='r'>\n<link name='a'>\n</robot>"),
        .init(what: "empty text", kind: .malformed, line: 1, text: ""),
        .init(what: "another format", kind: .wrongRoot, line: 1, text: "<mujoco model='m'/>"),
        .init(
            what: "entity declaration", kind: .unsupported, line: 2,
            text: "<?xml version='1.0'?>\n<!DOCTYPE r [<!ENTITY x 'y'>]>\n<robot/>"),
        .init(what: "no link", kind: .missing, line: 1, text: "<robot name='r'/>"),
        .init(what: "link without name", kind: .missing, line: 2, text: "<robot name='r'>\n<link/></robot>"),
        .init(
            what: "two links of one name", kind: .duplicateName, line: 5, text: links + "<link name='a'/></robot>"),
        .init(
            what: "two joints of one name", kind: .duplicateName, line: 6,
            text: links + joint("j", "a", "b") + joint("j", "b", "c") + "</robot>"),
        .init(
            what: "joint without parent", kind: .missing, line: 5,
            text: links + "<joint name='j' type='fixed'><child link='b'/></joint></robot>"),
        .init(
            what: "unknown link", kind: .unknownName, line: 5, text: links + joint("j", "a", "d") + "</robot>"),
        .init(
            what: "floating joint", kind: .unsupported, line: 5,
            text: links + joint("j", "a", "b", type: "floating") + "</robot>"),
        .init(
            what: "unknown joint type", kind: .invalidValue, line: 5,
            text: links + joint("j", "a", "b", type: "hinge") + "</robot>"),
        .init(
            what: "axis without direction", kind: .zeroAxis, line: 6,
            text: links + joint("j", "a", "b", "\n<axis xyz='0 0 0'/>" + limit, type: "revolute") + "</robot>"),
        .init(
            what: "revolute joint without limit", kind: .missing, line: 5,
            text: links + joint("j", "a", "b", type: "revolute") + "</robot>"),
        .init(
            what: "two numbers for three", kind: .invalidValue, line: 5,
            text: links + joint("j", "a", "b", "<origin xyz='0 1'/>") + "</robot>"),
        .init(
            what: "no number", kind: .invalidValue, line: 5,
            text: links + joint("j", "a", "b", "<origin xyz='0 1 nan'/>") + "</robot>"),
        .init(
            what: "inertial without mass", kind: .missing, line: 2,
            text: "<robot name='r'>\n<link name='a'><inertial/></link></robot>"),
        .init(
            what: "mimic of nothing", kind: .unknownName, line: 5,
            text: links + joint("j", "a", "b", "<mimic joint='k'/>" + limit, type: "revolute") + "</robot>"),
    ]

    /// Foundation's parser traps on such a text.
    @Test func otherBytesThanUTF8AreRefused() {
        let text = Data("<robot name='r'>\n<li".utf8) + Data([0xff, 0xff]) + Data("nk name='a'/></robot>".utf8)
        let error = #expect(throws: RobotFileError.self) { try URDFParser.parse(text, name: "broken.urdf") }
        #expect(error?.line == 2)
    }

    @Test(arguments: malformed) func malformedFileNamesKindAndLine(sample: Malformed) throws {
        let error = #expect(throws: RobotFileError.self) { try TestRobots.parse(sample.text) }
        #expect(error?.kind == sample.kind)
        #expect(error?.line == sample.line)
        #expect(error?.description.hasPrefix("test.urdf") == true)
    }

    /// Structure is checked when a model is built, so that ``RobotDescription/findings(searchPaths:)`` can report it.
    static let unusable: [Malformed] = [
        .init(
            what: "two parents", kind: .severalParents, line: 6,
            text: links + joint("j", "a", "c") + joint("k", "b", "c") + "</robot>"),
        .init(what: "two roots", kind: .severalRoots, line: 4, text: links + joint("j", "a", "b") + "</robot>"),
        .init(
            what: "loop of all links", kind: .cycle, line: 5,
            text: links + joint("j", "a", "b") + joint("k", "b", "c") + joint("l", "c", "a") + "</robot>"),
        .init(
            what: "loop beside the root", kind: .cycle, line: 5,
            text: links + joint("j", "b", "c") + joint("k", "c", "b") + "</robot>"),
        .init(
            what: "limits the wrong way round", kind: .invalidValue, line: 5,
            text: links
                + joint("j", "a", "b", "<limit lower='1' upper='-1'/>", type: "revolute") + joint("k", "b", "c")
                + "</robot>"),
        .init(
            what: "mimic loop", kind: .cycle, line: 5,
            text: links + joint("j", "a", "b", "<mimic joint='k'/>" + limit, type: "revolute")
                + joint("k", "b", "c", "<mimic joint='j'/>" + limit, type: "revolute") + "</robot>"),
    ]

    @Test(arguments: unusable) func unusableRobotNamesKindAndLine(sample: Malformed) throws {
        let description = try TestRobots.parse(sample.text)
        let error = #expect(throws: RobotFileError.self) { try RobotModel(description) }
        #expect(error?.kind == sample.kind)
        #expect(error?.line == sample.line)
        if sample.what != "mimic loop" { #expect(description.findings().first?.severity == .error) }
    }

    @Test func deepAndLongFilesAreRefused() {
        var limits = RobotFileLimits()
        limits.nestingDepth = 3
        limits.elementCount = 10
        let deep = "<robot>" + String(repeating: "<a>", count: 9) + String(repeating: "</a>", count: 9) + "</robot>"
        let long = "<robot>" + String(repeating: "<a/>", count: 20) + "</robot>"
        for text in [deep, long] {
            let error = #expect(throws: RobotFileError.self) {
                try URDFParser.parse(Data(text.utf8), name: "x", limits: limits)
            }
            #expect(error?.kind == .limitExceeded)
        }
    }

    @Test func vendorQuirksAreRead() throws {
        let text = """
            <robot name="r"><link name="a"/><link name="b"/><odd/>
            <joint name="j" type="revolute"><parent link="a"/><child link="b"/><origin xyz=" 8.8259E-05   0. -1"/>
            <limit lower="0" upper="1" effort="1" velocity="0"/><safety_controller k_velocity="1"/></joint></robot>
            """
        let description = try TestRobots.parse(text)
        let joint = try #require(description.joint("j"))
        #expect(joint.origin.translation == Vector3(8.8259e-05, 0, -1))
        #expect(joint.axis == Vector3(1, 0, 0))
        #expect(joint.softLimits?.lower == 0 && joint.softLimits?.upper == 0)
        #expect(description.warnings.map(\.element) == ["<odd>", "joint 'j'"])

        // soft limits that are absent do not narrow the limits; a velocity of 0 is unknown
        let coordinate = try RobotModel(description).coordinates[0]
        #expect(coordinate.lower == 0 && coordinate.upper == 1 && coordinate.velocity == .infinity)
    }

    @Test func findingsNameBadInertias() throws {
        func link(_ moments: String) -> String {
            "<robot name='r'><link name='a'><inertial><mass value='1'/><inertia \(moments)/></inertial></link></robot>"
        }
        func meanings(_ moments: String) throws -> [String] {
            try TestRobots.parse(link(moments)).findings().map(\.found)
        }
        #expect(try meanings("ixx='1' iyy='1' izz='1'") == [])
        #expect(try meanings("ixx='1' iyy='-1' izz='1'").first?.contains("positive definite") == true)
        #expect(try meanings("ixx='1' iyy='1' izz='3'").first?.contains("triangle") == true)
        let missing =
            "<robot name='r'><link name='a'><collision><geometry><mesh filename='package://p/no.stl'/></geometry></collision></link></robot>"
        #expect(try TestRobots.parse(missing).findings().first?.found.contains("no.stl") == true)
    }
}
