import Foundation
import Kinematics
import TensorCore
import TensorTestSupport
import Testing

/// A fixture of `golden/kinematics/*.safetensors`, written by Pinocchio, and the robot it belongs to.
struct RobotGolden: CustomTestStringConvertible, Sendable {
    let url: URL

    var testDescription: String { url.deletingPathExtension().lastPathComponent }

    static let all: [RobotGolden] = SharedFixtures.entries(in: "golden/kinematics")
        .filter { $0.pathExtension == "safetensors" }.map { RobotGolden(url: $0) }

    /// Those with spheres.
    static let withSpheres = all.filter { (try? $0.open())?.golden.file.contains("spheres_q") == true }
    /// Those with dynamics.
    static let withDynamics = all.filter { (try? $0.open())?.golden.file.contains("M") == true }
    /// Those with targets for inverse kinematics.
    static let withTargets = all.filter { golden in
        guard let opened = try? golden.open(), let q = try? opened.rows("ik_q_witness") else { return false }
        return !q.isEmpty
    }

    func open() throws -> Opened { try Opened(Golden(url)) }

    struct Opened {
        let golden: Golden

        init(_ golden: Golden) throws { self.golden = golden }

        func text(_ key: String) throws -> String {
            guard let value = golden.file.metadata[key] else { throw FixtureError(description: "no metadata \(key)") }
            return value
        }

        func list<Element: Decodable>(_ key: String, of _: Element.Type = Element.self) throws -> [Element] {
            try JSONDecoder().decode([Element].self, from: Data(text(key).utf8))
        }

        func shape(_ name: String) throws -> [Int] { try golden.file.info(name).shape.sizes }

        /// All numbers of a tensor.
        func values(_ name: String) throws -> [Double] {
            try golden(name).converted(to: .float64).elements(of: Double.self)
        }

        /// A tensor split along its first axis.
        func rows(_ name: String) throws -> [[Double]] {
            let shape = try shape(name)
            guard let count = shape.first, count > 0 else { return [] }
            let values = try values(name)
            let width = values.count / count
            return (0..<count).map { Array(values[$0 * width..<($0 + 1) * width]) }
        }

        /// The frames for which there are tensors `prefix/<frame>`.
        func frames(_ prefix: String) -> [String] {
            golden.names.filter { $0.hasPrefix(prefix + "/") }.map { String($0.dropFirst(prefix.count + 1)) }
        }

        /// The URDF of the robot's name, wherever below `robots` it is.
        func urdf() throws -> URL {
            let name = try text("robot") + ".urdf"
            for folder in SharedFixtures.folders(in: "robots") {
                let url = folder.appendingPathComponent(name)
                if FileManager.default.fileExists(atPath: url.path) { return url }
            }
            throw FixtureError(description: "no \(name) below robots")
        }

        /// As the fixture was made: mimic tags count where there are fewer coordinates than joints.
        func model() throws -> RobotModel {
            let joints: [String] = try list("joints")
            let mimic: RobotModel.MimicRule = Int(try text("nq"))! < joints.count ? .honoured : .independent
            let gravity: [Double] = try list("gravity")
            return try RobotModel(URDFParser.read(urdf()), mimic: mimic, gravity: Vector3(gravity))
        }

        /// The robot file beside the URDF.
        func configuration() throws -> RobotConfiguration {
            let url = try urdf()
            return try .read(url.deletingPathExtension().appendingPathExtension("robot.json"))
        }

        /// The coordinates of the arm in the fixture's numbers: those of the robot file that are not locked.
        func coordinates(of model: RobotModel) throws -> [Int] {
            let full = try self.model()
            return try model.coordinates.map { coordinate in
                guard let index = full.coordinate(ofJoint: coordinate.joint) else {
                    throw FixtureError(description: "no joint \(coordinate.joint)")
                }
                return index
            }
        }
    }
}

struct FixtureError: Error, CustomStringConvertible { let description: String }

extension Pose {
    /// A homogeneous 4 × 4 matrix, row by row.
    init(rowMajor m: [Double]) throws {
        self.init(
            rotation: try Rotation(
                matrix: Matrix3(rows: Vector3(m[0], m[1], m[2]), Vector3(m[4], m[5], m[6]), Vector3(m[8], m[9], m[10]))),
            translation: Vector3(m[3], m[7], m[11]))
    }
}

extension RobotState {
    /// The pose of a frame as a homogeneous 4 × 4 matrix, row by row.
    func matrix(of frame: RobotModel.Frame) -> [Double] {
        let (r, p) = (rotationMatrix(of: frame), position(of: frame))
        return (0..<3).flatMap { [r[$0, 0], r[$0, 1], r[$0, 2], p[$0]] } + [0, 0, 0, 1]
    }
}
