import FileSupport
public import Foundation
public import ImageProcessing
import Kinematics
public import TensorCore
import XMLSupport

/// A folder with the layout of GraspNet-1Billion.
///
/// Nothing is read before it is asked for. Source: graspnetAPI, "Data structure".
public struct GraspNetDataset: Sendable {
    /// The cameras of the data set.
    public enum Camera: String, CaseIterable, Sendable { case kinect, realsense }

    /// Groups of scenes.
    public enum Split: String, CaseIterable, Sendable {
        case train, seen, similar, novel

        public var scenes: Range<Int> {
            switch self {
            case .train: 0..<100
            case .seen: 100..<130
            case .similar: 130..<160
            case .novel: 160..<190
            }
        }
    }

    /// Views of a scene.
    public static let viewCount = 256

    public let root: URL

    /// - Throws: `SerializationError` when there is no folder `scenes`.
    public init(at root: URL) throws {
        self.root = root
        var isFolder: ObjCBool = false
        let scenes = root.appendingPathComponent("scenes")
        guard FileManager.default.fileExists(atPath: scenes.path, isDirectory: &isFolder), isFolder.boolValue else {
            throw SerializationError(
                .cannotRead, file: root.path, "there is no folder 'scenes'",
                advice: "Give the folder that holds 'scenes' and 'models' of GraspNet-1Billion.")
        }
    }

    /// The scenes that are there, by number.
    public var scenes: [Int] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path + "/scenes")) ?? []
        return names.compactMap { $0.hasPrefix("scene_") ? Int($0.dropFirst(6)) : nil }.sorted()
    }

    private func number(_ value: Int, digits: Int) -> String { String(format: "%0\(digits)d", value) }

    /// The folder of a scene and camera.
    public func folder(scene: Int, camera: Camera) -> URL {
        root.appendingPathComponent("scenes/scene_\(number(scene, digits: 4))/\(camera.rawValue)")
    }

    /// The views of a scene that have an annotation, by number.
    public func views(scene: Int, camera: Camera) -> [Int] {
        let path = folder(scene: scene, camera: camera).path + "/annotations"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.compactMap { $0.hasSuffix(".xml") ? Int($0.dropLast(4)) : nil }.sorted()
    }

    private func file(_ kind: String, _ ending: String, scene: Int, camera: Camera, view: Int) -> URL {
        folder(scene: scene, camera: camera).appendingPathComponent("\(kind)/\(number(view, digits: 4)).\(ending)")
    }

    // MARK: Images

    public func color(scene: Int, camera: Camera, view: Int) throws -> RGBImage {
        try RGBImage(at: file("rgb", "png", scene: scene, camera: camera, view: view))
    }

    /// Depths in metres, by the view's own scale.
    public func depth(scene: Int, camera: Camera, view: Int) throws -> DepthImage {
        let scale = try meta(scene: scene, camera: camera, view: view).depthScale
        return DepthImage(
            try GrayImage(at: file("depth", "png", scene: scene, camera: camera, view: view)), scale: scale)
    }

    /// 0 for the background, else an object's number + 1.
    public func labels(scene: Int, camera: Camera, view: Int) throws -> GrayImage {
        try GrayImage(at: file("label", "png", scene: scene, camera: camera, view: view))
    }

    // MARK: Poses

    /// An object in a view.
    public struct ObjectPose: Equatable, Sendable {
        /// Counted from 0.
        public var object: Int
        /// Camera from object.
        public var pose: MatrixPose

        public init(object: Int, pose: MatrixPose) { (self.object, self.pose) = (object, pose) }
    }

    /// What a view's `meta` file says.
    public struct Meta: Sendable {
        public var objects: [ObjectPose]
        /// Row-major, 3 × 3.
        public var intrinsics: [Double]
        /// What depths are divided by.
        public var depthScale: Double

        /// Reads `cls_indexes`, `poses`, `intrinsic_matrix` and `factor_depth`.
        ///
        /// - Throws: `SerializationError`.
        public init(at url: URL) throws {
            let file = try MatFile(at: url)
            let indices = try file.numbers("cls_indexes").values
            let (poses, shape) = try file.numbers("poses")
            intrinsics = try file.numbers("intrinsic_matrix").values
            let scale = try file.numbers("factor_depth").values
            guard shape.rank == 2 ? indices.count == 1 : shape.rank == 3 && shape[2] == indices.count,
                shape[0] == 3, shape[1] == 4, intrinsics.count == 9, scale.count == 1, scale[0] > 0,
                (poses + intrinsics).allSatisfy(\.isFinite), indices.allSatisfy({ $0 >= 1 && $0 < 1e6 }),
                intrinsics[0] > 0, intrinsics[4] > 0
            else {
                throw SerializationError(
                    .damaged, file: url.path,
                    "poses of \(shape) for \(indices.count) objects, \(intrinsics.count) intrinsics, scale \(scale)")
            }
            depthScale = scale[0]
            let count = indices.count
            objects = indices.indices.map { i in
                ObjectPose(
                    object: Int(indices[i]) - 1,
                    pose: MatrixPose(rowMajor: (0..<12).map { poses[$0 * count + i] }))
            }
        }

        /// The camera of images of a size.
        public func camera(width: Int, height: Int) -> PinholeCamera {
            PinholeCamera(
                width: width, height: height, focalLength: SIMD2(intrinsics[0], intrinsics[4]),
                principalPoint: SIMD2(intrinsics[2], intrinsics[5]))
        }
    }

    public func meta(scene: Int, camera: Camera, view: Int) throws -> Meta {
        try Meta(at: file("meta", "mat", scene: scene, camera: camera, view: view))
    }

    /// The objects of a view by its annotation, with positions to 0.1 mm.
    public func annotation(scene: Int, camera: Camera, view: Int) throws -> [ObjectPose] {
        let url = file("annotations", "xml", scene: scene, camera: camera, view: view)
        return try SceneAnnotation.read(MappedFile(at: url).withBytes { Data($0) }, name: url.path)
    }

    private func matrices(_ name: String, scene: Int, camera: Camera) throws -> [MatrixPose] {
        let url = folder(scene: scene, camera: camera).appendingPathComponent(name)
        let array = try NumPyArray.read(at: url)
        guard array.rank >= 2, array.shape[-1] == 4, array.shape[-2] == 4, array.dtype.isFloatingPoint else {
            throw SerializationError(.unsupported, file: url.path, "\(array.shape) instead of [4, 4] matrices")
        }
        let v = array.converted(to: .float64).elements(of: Double.self)
        guard v.allSatisfy(\.isFinite) else {
            throw SerializationError(.damaged, file: url.path, "a number is not finite")
        }
        return (0..<v.count / 16).map { MatrixPose(rowMajor: Array(v[16 * $0..<16 * $0 + 16])) }
    }

    /// First view's camera from each view's camera.
    public func cameraPoses(scene: Int, camera: Camera) throws -> [MatrixPose] {
        try matrices("camera_poses.npy", scene: scene, camera: camera)
    }

    /// Table from the first view's camera.
    public func tableFromFirstCamera(scene: Int, camera: Camera) throws -> MatrixPose {
        let all = try matrices("cam0_wrt_table.npy", scene: scene, camera: camera)
        guard let first = all.first, all.count == 1 else {
            throw SerializationError(
                .unsupported, file: folder(scene: scene, camera: camera).path, "cam0_wrt_table.npy is no one matrix")
        }
        return first
    }

    // MARK: Models and labels

    /// The surface points of a model, all of the file's.
    public func modelPoints(_ object: Int) throws -> PointCloud {
        try PLYFile(at: root.appendingPathComponent("models/\(number(object, digits: 3))/nontextured.ply")).cloud
    }

    public func modelDistances(_ object: Int) throws -> SignedDistanceGrid {
        try SignedDistanceGrid(at: root.appendingPathComponent("models/\(number(object, digits: 3))/textured.sdf"))
    }

    /// Grasps of an object's surface points: points × 300 views × 12 angles × 4 depths.
    public struct Labels: Sendable {
        /// `[points, 3]`.
        public var points: Tensor
        /// `[points, 300, 12, 4, 3]`: angle, depth, width.
        public var offsets: Tensor
        /// `[points, 300, 12, 4]`: the smallest sufficient friction, lower is better; -1 where none is.
        public var scores: Tensor
        /// `[points, 300, 12, 4]`: whether the gripper meets the object.
        public var collisions: Tensor
    }

    /// Reads `grasp_label`; the arrays of a large object take a gigabyte.
    public func labels(object: Int) throws -> Labels {
        let url = root.appendingPathComponent("grasp_label/\(number(object, digits: 3))_labels.npz")
        let archive = try NumPyArchive(at: url)
        let labels = Labels(
            points: try archive.tensor("points"), offsets: try archive.tensor("offsets"),
            scores: try archive.tensor("scores"), collisions: try archive.tensor("collision"))
        let count = labels.points.rank == 2 ? labels.points.shape[0] : -1
        let inner = labels.scores.shape.dropFirst()
        guard count >= 0, labels.points.shape[1] == 3, labels.scores.rank == 4, labels.scores.shape[0] == count,
            labels.offsets.shape == Shape([count] + inner + [3]), labels.collisions.shape == labels.scores.shape
        else {
            throw SerializationError(
                .damaged, file: url.path,
                "points \(labels.points.shape), offsets \(labels.offsets.shape), scores \(labels.scores.shape), "
                    + "collision \(labels.collisions.shape)",
                advice: "They should be [N, 3], [N, V, A, D, 3], [N, V, A, D] and [N, V, A, D].")
        }
        return labels
    }

    /// For each object of a scene, in the order of its annotation: whether a labelled grasp meets the scene.
    public func collisionLabels(scene: Int) throws -> [Tensor] {
        let url = root.appendingPathComponent("collision_label/scene_\(number(scene, digits: 4))/collision_labels.npz")
        let archive = try NumPyArchive(at: url)
        return try archive.names.indices.map { try archive.tensor("arr_\($0)") }
    }
}

/// The objects of an `annotations/*.xml` file.
enum SceneAnnotation {
    /// - Throws: `SerializationError` with the line.
    static func read(_ data: Data, name: String) throws -> [GraspNetDataset.ObjectPose] {
        func fail(_ line: Int, _ found: String) -> SerializationError {
            SerializationError(
                .damaged, file: name, "line \(line): \(found)",
                advice: "An annotation is <scene> with <obj> of obj_id, pos_in_world and ori_in_world.")
        }
        // entities are never expanded, and the parser traps where bytes are no UTF-8
        guard data.count < 1 << 22, String(validating: data, as: UTF8.self) != nil,
            data.range(of: Data("<!".utf8)).map({ data[$0.lowerBound...].starts(with: Data("<!--".utf8)) }) ?? true
        else { throw fail(1, "not a small text without declarations") }
        let root: MarkupElement
        do throws(MarkupError) {
            root = try MarkupElement.parse(data, limits: MarkupLimits(textByteCount: 4096))
        } catch { throw fail(error.line, "no well-formed XML") }
        return try root.descendants("obj").map { element in
            let line = element.line
            let entries = Dictionary(element.children.map { ($0.name, $0.text) }) { $1 }
            func numbers(_ key: String, _ count: Int) throws -> [Double] {
                let values = (entries[key] ?? "").split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
                guard values.count == count, values.allSatisfy(\.isFinite) else {
                    throw fail(line, "\(key) is '\((entries[key] ?? "").prefix(40))' instead of \(count) numbers")
                }
                return values
            }
            let id = try numbers("obj_id", 1)[0]
            let (p, q) = (try numbers("pos_in_world", 3), try numbers("ori_in_world", 4))
            guard let object = Int(exactly: id), object >= 0,
                let rotation = try? Rotation(Quaternion(w: q[0], vector: Vector3(q[1], q[2], q[3])))
            else { throw fail(line, "object \(id) has no number or no orientation") }
            return GraspNetDataset.ObjectPose(
                object: object, pose: MatrixPose(rotation: rotation.matrix, translation: Vector3(p[0], p[1], p[2])))
        }
    }
}
