public import Foundation

/// One row of LIBERO-Para's table: another sentence for a task of `libero_goal`, and how far it is from the original.
///
/// Source: LIBERO-Para, commit dec2d93, `para_metadata.csv`.
public struct Paraphrase: Hashable, Sendable {
    /// What is rewritten.
    public enum Part: String, CaseIterable, Hashable, Sendable {
        case action = "act"
        case object = "obj"
        case both = "comp"
    }

    public var part: Part
    /// The family of the rewriting, such as `lexical`.
    public var family: String
    /// The rewriting, such as `coordination`; of ``Part/both`` that of the object, `+`, that of the action.
    public var kind: String
    /// The task: its place among the ten tasks in alphabetical order.
    public var task: Int
    public var batch: Int
    public var instruction: String
    public var original: String
    /// `S_T` of the dependency trees, 0…1.
    public var structuralSimilarity: Double
    /// `S_K` of the content words, 0…1 and a rounding error of `Float`.
    public var keywordSimilarity: Double

    /// The cell of the table of types: part and kind.
    public var type: String { "\(part.rawValue)/\(kind)" }

    /// The distance `PD = 1 − (α S_K + (1 − α) S_T)`.
    public func distance(alpha: Double = 0.5) -> Double {
        1 - (alpha * keywordSimilarity + (1 - alpha) * structuralSimilarity)
    }
}

/// LIBERO-Para's table: 4,092 paraphrases of 43 types.
public struct ParaphraseTable: Sendable {
    /// In the order of the file; the same text may stand in two rows of different types, so rows are joined by place.
    public let rows: [Paraphrase]

    /// Longer tables are refused; the released one has 0.7 MB.
    public static let sizeLimit = 64 << 20

    private static let columns = [
        "high", "mid", "low", "eval", "batch_idx", "new_instruction", "original_instruction", "structural_similarity",
        "keyword_similarity",
    ]

    /// Reads `para_metadata.csv`.
    ///
    /// - Throws: ``VariantListError`` with the line.
    public init(at file: URL) throws {
        let table = try CSVTable(VariantListError.text(of: file, sizeLimit: Self.sizeLimit), file: file.path)
        let places = try Self.columns.map { name in
            guard let place = table.index(of: name) else {
                throw VariantListError(file: file.path, line: 1, reason: "there is no column '\(name)'")
            }
            return place
        }
        rows = try zip(table.rows, table.lines).map { row, line in
            let fields = places.map { row[$0] }
            func fail(_ what: String, _ text: String) -> VariantListError {
                VariantListError(file: file.path, line: line, reason: "'\(text)' is no \(what)")
            }
            func number(_ i: Int) throws -> Int {
                guard let value = Int(fields[i]), value >= 0 else { throw fail(Self.columns[i], fields[i]) }
                return value
            }
            func similarity(_ i: Int) throws -> Double {
                // cosines in Float exceed 1 by a few units in the last place
                guard let value = Double(fields[i]), -1.001...1.001 ~= value else {
                    throw fail(Self.columns[i], fields[i])
                }
                return value
            }
            guard let part = Paraphrase.Part(rawValue: fields[0]) else { throw fail("high", fields[0]) }
            return Paraphrase(
                part: part, family: fields[1], kind: fields[2], task: try number(3), batch: try number(4),
                instruction: fields[5], original: fields[6], structuralSimilarity: try similarity(7),
                keywordSimilarity: try similarity(8))
        }
    }

    /// The task of `libero_goal` that a row's number means: the ten tasks in alphabetical order of their names.
    public static func task(_ number: Int) -> LiberoTask? {
        let sorted = LiberoSuite.goal.tasks.sorted { $0.name < $1.name }
        return sorted.indices.contains(number) ? sorted[number] : nil
    }
}

/// The success rate over paraphrases, weighted by how far they are from the original sentence.
public enum PRIDE {
    /// `100 · Σ success_i · PD_i / Σ PD_i`, in percent; nil when all distances are 0.
    ///
    /// - Parameter episodes: A row and whether its episode succeeded; those of all seeds pooled.
    /// Source: LIBERO-Para, eq. of PRIDE; the paper reports α = 0.5.
    public static func score(
        _ episodes: some Sequence<(paraphrase: Paraphrase, isSuccess: Bool)>, alpha: Double = 0.5
    ) -> Double? {
        var (reached, total) = (0.0, 0.0)
        for (paraphrase, isSuccess) in episodes {
            let distance = paraphrase.distance(alpha: alpha)
            total += distance
            if isSuccess { reached += distance }
        }
        return total == 0 ? nil : 100 * reached / total
    }
}
