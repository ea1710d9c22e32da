import FileSupport
import Foundation

/// Reads the BDDL files of LIBERO, a dialect of PDDL.
///
///     (define (problem NAME) (:domain D) (:language words…) (:regions R…) (:fixtures a b - category …)
///             (:objects …) (:obj_of_interest names…) (:init atoms…) (:goal (and atoms…)))
///     R = (name (:target T) [(:ranges ((x0 y0 x1 y1)…))] [(:yaw_rotation ((a b)))] [(:rgba (r g b a))])
///
/// Sections come in any order; `:requirements` is skipped. Names are made lower case. A section or predicate of another
/// name, and an atom about something the file does not declare, are errors.
/// Not supported: quantifiers, `or`, `not`, `:scene_properties`; no LIBERO suite has them.
public struct BDDLParser: Sendable {
    /// The most bytes a text may have.
    public var sizeLimit: Int
    /// The deepest nesting of lists; LIBERO's files reach 6.
    public var depthLimit: Int

    public init(sizeLimit: Int = 1 << 20, depthLimit: Int = 64) {
        self.sizeLimit = sizeLimit
        self.depthLimit = depthLimit
    }

    /// Reads a file.
    ///
    /// - Throws: ``BDDLError`` with line and column; the system's error when the file cannot be read.
    public func problem(at file: URL) throws -> BDDLProblem {
        let handle = try FileContent.handle(at: file)
        defer { try? handle.close() }
        let data = try handle.read(upToCount: sizeLimit + 1) ?? Data()
        do {
            return try problem(utf8: data)
        } catch {
            throw BDDLError(file: file.path, position: error.position, message: error.message)
        }
    }

    /// Reads a text.
    public func problem(text: String) throws(BDDLError) -> BDDLProblem { try problem(utf8: Array(text.utf8)) }

    /// Reads the bytes of a text.
    public func problem(utf8 bytes: some Collection<UInt8>) throws(BDDLError) -> BDDLProblem {
        guard bytes.count <= sizeLimit else {
            throw BDDLError(
                position: .init(line: 1, column: 1), message: "the text is longer than the limit of \(sizeLimit) bytes")
        }
        // a byte order mark is no part of the text
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        let tree = try SymbolicExpression.read(bytes.dropFirst(hasMark ? 3 : 0), depthLimit: depthLimit)
        return try BDDLReading(tree).problem()
    }

    /// Reads a goal by itself, `(and atom…)` or a single atom, about the names that a scene declares.
    ///
    /// - Throws: ``BDDLError`` as for a whole problem.
    public func goal(text: String, about declared: Set<String>) throws(BDDLError) -> [GoalPredicate] {
        let start = BDDLError.Position(line: 1, column: 1)
        guard text.utf8.count <= sizeLimit else {
            throw BDDLError(position: start, message: "the text is longer than the limit of \(sizeLimit) bytes")
        }
        let tree = try SymbolicExpression.read(text.utf8, depthLimit: depthLimit)
        return try BDDLReading.goal(tree, at: start, about: declared)
    }
}
