import FileSupport
public import Foundation
public import TensorCore

/// The simulator states from which a task is evaluated, one row each: `time` (1), joint positions `qpos`, joint
/// velocities `qvel`.
///
/// `qpos` begins with the seven joints of the arm and the two fingers; free objects follow with seven numbers each, then
/// the inner joints of fixtures. The rows do not hold where fixtures stand: that is drawn at reset.
/// Read from pickled arrays (LIBERO's `.pruned_init`, `.init`), NumPy archives with an array `states` (LIBERO-PRO's
/// `.pruned_init.npz`) and `.npy` files, told by their first bytes, without running anything in them.
public struct InitialStates: Equatable, Sendable {
    /// The rows, one after the other.
    private let values: [Double]
    /// Numbers of a row, `1 + nq + nv`.
    public let width: Int

    public var count: Int { values.count / width }

    /// Reads a file.
    ///
    /// - Throws: `SerializationError` when it is not such a file, ``InitialStatesError`` for another shape or kind of number.
    public init(at file: URL) throws {
        try self.init(Self.table(at: file), file: file.path)
    }

    /// Takes a table of float64, `[rows, 1 + nq + nv]`, or a single row `[1 + nq + nv]`; errors call its source `file`.
    public init(_ table: Tensor, file: String) throws(InitialStatesError) {
        var shape = table.shape.map { $0 }
        if shape.count == 1 { shape.insert(1, at: 0) }
        guard !shape.contains(0) else { throw .noRows(file: file, shape: table.shape.map { $0 }) }
        guard table.dtype == .float64, shape.count == 2, shape[1] > 10 else {
            throw .notAStateTable(file: file, shape: table.shape.map { $0 }, elementType: "\(table.dtype)")
        }
        values = table.elements(of: Double.self)
        if let bad = values.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(file: file, row: bad / shape[1], column: bad % shape[1])
        }
        width = shape[1]
    }

    /// The array of a file, whichever of the forms it has.
    private static func table(at file: URL) throws -> Tensor {
        let handle = try FileContent.handle(at: file)
        let start = [UInt8](try handle.read(upToCount: 6) ?? Data())
        try handle.close()
        guard !start.isEmpty else { throw InitialStatesError.unknownForm(file: file.path, found: "it is empty") }
        if start == [0x93] + Array("NUMPY".utf8) { return try NumPyArray.read(at: file) }
        if start.first == 0x80 { return try PickledArray.read(at: file) }
        guard start.starts(with: Array("PK".utf8)) else {
            let isPointer = start == Array("versio".utf8)
            throw InitialStatesError.unknownForm(
                file: file.path,
                found: isPointer ? "it is a pointer of Git LFS, not the file itself" : "it begins with bytes \(start)")
        }
        // an archive of NumPy's arrays, or one of torch.save
        let archive: NumPyArchive
        do { archive = try NumPyArchive(at: file) } catch {
            guard file.pathExtension != "npz" else { throw error }
            return try PickledArray.read(at: file)
        }
        guard archive.names.contains("states") || archive.names.count == 1 else {
            throw InitialStatesError.unknownForm(
                file: file.path, found: "it holds the arrays \(archive.names.joined(separator: ", "))")
        }
        return try archive.tensor(archive.names.contains("states") ? "states" : archive.names[0])
    }

    /// One row whole, as the simulator's `set_state_from_flattened` takes it.
    public subscript(row: Int) -> [Double] {
        precondition(0..<count ~= row, "InitialStates: row \(row) of \(count)")
        return Array(values[row * width..<(row + 1) * width])
    }

    /// The angles of the seven joints of the arm, in radians.
    public func armJointPositions(row: Int) -> [Double] { Array(self[row][1..<8]) }

    /// The positions of the two fingers, in metres, of opposite sign.
    public func fingerPositions(row: Int) -> [Double] { Array(self[row][8..<10]) }

    /// One row cut for a model with `nq` positions and `nv` velocities.
    ///
    /// - Throws: ``InitialStatesError/widthMismatch(found:positionCount:velocityCount:)`` when the model is another one.
    public func state(
        row: Int, positionCount nq: Int, velocityCount nv: Int
    ) throws(InitialStatesError) -> (time: Double, positions: [Double], velocities: [Double]) {
        guard width == 1 + nq + nv else {
            throw .widthMismatch(found: width, positionCount: nq, velocityCount: nv)
        }
        let values = self[row]
        return (values[0], Array(values[1...nq]), Array(values[(1 + nq)...]))
    }
}

/// Initial states that cannot be used.
public enum InitialStatesError: Error, Equatable, CustomStringConvertible {
    case notAStateTable(file: String, shape: [Int], elementType: String)
    /// A table without a state in it.
    case noRows(file: String, shape: [Int])
    /// A file of another kind.
    case unknownForm(file: String, found: String)
    case notFinite(file: String, row: Int, column: Int)
    case widthMismatch(found: Int, positionCount: Int, velocityCount: Int)

    public var description: String {
        switch self {
        case .notAStateTable(let file, let shape, let type):
            "\(file) holds \(type) of shape \(shape); initial states are float64 of shape [rows, 1 + nq + nv], or "
                + "[1 + nq + nv] for a single one."
        case .noRows(let file, let shape):
            "\(file) holds no rows: its shape is \(shape). Store states again, or use drawn starts, which need none. "
                + Self.forms
        case .unknownForm(let file, let found):
            "\(file) is no file of initial states: \(found). \(Self.forms)"
        case .notFinite(let file, let row, let column):
            "\(file) has a number that is not finite in row \(row), column \(column)."
        case .widthMismatch(let found, let nq, let nv):
            "The initial states have \(found) numbers a row; a model with \(nq) positions and \(nv) velocities has "
                + "\(1 + nq + nv). Check that they belong to the same task."
        }
    }

    private static let forms =
        "Initial states are float64, [rows, 1 + nq + nv]: a pickled NumPy array (.pruned_init, .init, also of torch.save), a "
        + "NumPy archive with the array 'states' (.npz) or a .npy file."
}

extension LiberoFolder {
    /// Reads the initial states of a task.
    ///
    /// - Throws: ``LiberoTasksError/missingFile(path:task:)`` when there is no file, `SerializationError` or
    ///   ``InitialStatesError`` for what is wrong in it.
    public func initialStates(of task: LiberoTask) throws -> InitialStates {
        let file = initialStatesFile(of: task)
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw LiberoTasksError.missingFile(path: file.path, task: task.name)
        }
        return try InitialStates(at: file)
    }
}
