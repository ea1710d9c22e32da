import Foundation
import XMLSupport

extension MarkupElement {
    /// The outermost element of a robot file. Document types are refused, so no entity is ever expanded or fetched.
    static func parse(_ data: Data, file: String, limits: RobotFileLimits) throws -> MarkupElement {
        guard data.count <= limits.byteCount else {
            throw RobotFileError(.limitExceeded, file: file, "\(data.count) bytes, the limit is \(limits.byteCount)")
        }
        do throws(MarkupError) {
            return try parse(
                data, limits: MarkupLimits(elementCount: limits.elementCount, nestingDepth: limits.nestingDepth))
        } catch {
            func failure(
                _ kind: RobotFileError.Kind, _ found: String, advice: String? = nil
            ) -> RobotFileError {
                RobotFileError(kind, file: file, line: error.line, found, advice: advice)
            }
            switch error.kind {
            case .declaration:
                throw failure(
                    .unsupported, "a document type or entity declaration", advice: "Robot files need none; remove it.")
            case .notUTF8:
                throw failure(
                    .malformed, "bytes that are no UTF-8",
                    advice: "Save the file as UTF-8; other encodings are not read.")
            case .tooManyElements: throw failure(.limitExceeded, "more than \(limits.elementCount) elements")
            case .tooDeep: throw failure(.limitExceeded, "elements nested deeper than \(limits.nestingDepth)")
            case .unclosed, .malformed:
                throw failure(
                    .malformed, "the text is no well-formed XML",
                    advice: "Look for an unclosed element, a missing quote or a stray character at or before this line."
                )
            }
        }
    }
}
