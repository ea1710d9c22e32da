import FileSupport
import Foundation
import TensorCore
import TensorTestSupport
import Testing

/// Good and bad weight files of `golden/models/loader*`, at the level of archives: which files open, and which names,
/// shapes and values they hold. What a model makes of other names is tested where models are loaded.
@Suite struct LoaderGoldenTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let url: URL
        let expectation: Expectation
        let legacyNames: [String: String]
        var testDescription: String { url.lastPathComponent }
    }

    struct Expectation: Decodable, Sendable {
        struct Shapes: Decodable, Sendable {
            let file: [Int]
        }
        let ok: Bool
        var dtype: DType?
        var missing: [String]?
        var unexpected: [String]?
        var shape_mismatch: [String: Shapes]?
        var conflict: [String]?
        var not_finite: [String]?
        var wrong_numbers: Bool?
        var note: String?

        /// Whether the file itself is sound, whatever a model says to it.
        var opens: Bool {
            ok || missing != nil || shape_mismatch != nil || conflict != nil || not_finite != nil
        }
    }

    private struct File: Decodable {
        let files: [String: Expectation]
        let legacy_to_current: [String: String]
    }

    static let cases: [Case] = SharedFixtures.folders(in: "golden/models") { $0.hasPrefix("loader") }.flatMap {
        folder in
        let data = try! Data(contentsOf: folder.appendingPathComponent("case.json"))
        let file = try! JSONDecoder().decode(File.self, from: data)
        return file.files.sorted { $0.key < $1.key }.map { name, expectation in
            Case(
                url: folder.appendingPathComponent(name), expectation: expectation, legacyNames: file.legacy_to_current)
        }
    }

    func expected(for file: Case) throws -> SafetensorsFile {
        try SafetensorsFile(at: file.url.deletingLastPathComponent().appendingPathComponent("expected.safetensors"))
    }

    @Test(arguments: cases.filter(\.expectation.opens))
    func soundFilesHoldTheNamesAndValues(file: Case) throws {
        let archive = try TorchArchive(at: file.url)
        let nested = archive.root["model"]?.dictionary != nil
        var stored = try nested ? archive.stateDict("model") : archive.stateDict()
        let prefix = "module."
        if stored.allSatisfy({ $0.name.hasPrefix(prefix) }) {
            stored = stored.map { (String($0.name.dropFirst(prefix.count)), $0.tensor) }
        }

        // names: all that the model asks for, less the missing, plus the unexpected; a tied matrix may be absent
        let expected = try expected(for: file)
        let weights = expected.names.filter { $0.hasPrefix("w/") }.map { String($0.dropFirst(2)) }
        var names = Set(weights).subtracting(file.expectation.missing ?? []).union(file.expectation.unexpected ?? [])
        if file.expectation.ok, !stored.contains(where: { $0.name == "lm_head.weight" }) {
            names.remove("lm_head.weight")
        }
        #expect(Set(stored.map(\.name)) == names)
        #expect(stored.count == names.count)

        for (name, tensor) in stored {
            #expect(tensor.isBorrowed, "\(name) is copied although torch.save aligns it")
            if let shape = file.expectation.shape_mismatch?[name] {
                #expect(tensor.shape == Shape(shape.file))
                continue
            }
            if file.expectation.not_finite?.contains(name) == true {
                #expect(tensor.floats.contains { !$0.isFinite })
                continue
            }
            if let dtype = file.expectation.dtype { #expect(tensor.dtype == dtype, "\(name)") }
            let current = file.legacyNames[name] ?? name
            guard weights.contains(current) else { continue }
            let reference = try expected.tensor("w/" + current)
            if file.expectation.conflict?.contains(name) == true {
                #expect(tensor.shape == reference.shape)
            } else if isPermuted(current, in: file) {
                // the same rows in another order
                let columns = reference.shape[-1]
                #expect(rows(tensor.floats, columns) == rows(reference.floats, columns), "\(name)")
            } else {
                expectIdentical(tensor, reference.converted(to: tensor.dtype), name)
            }
        }
    }

    private func rows(_ values: [Float], _ count: Int) -> Set<[Float]> {
        Set(stride(from: 0, to: values.count, by: count).map { Array(values[$0..<$0 + count]) })
    }

    private func isPermuted(_ name: String, in file: Case) -> Bool {
        let isRotated = name.hasSuffix("q_proj.weight") || name.hasSuffix("k_proj.weight")
        return isRotated
            && (file.expectation.wrong_numbers == true || file.expectation.note?.contains("permut") == true)
    }

    @Test(arguments: cases.filter { $0.expectation.unexpected?.contains("x.view_t") == true })
    func stridedViewsHoldTheirValues(file: Case) throws {
        let stored = try TorchArchive(at: file.url).stateDict()
        let view = try #require(stored.first { $0.name == "x.view_t" }?.tensor)
        #expect(!view.isContiguous)
        expectIdentical(view, try expected(for: file).tensor("view_t"))
        #expect(stored.first { $0.name == "x.bool" }?.tensor.dtype == .bool)
        #expect(stored.first { $0.name == "x.scalar" }?.tensor.shape == [])
    }

    /// Files of the old format, cut ones, and pickles that ask for code to be run: each is declined by what it is, and the
    /// opener of any format says the same.
    @Test(arguments: cases.filter { !$0.expectation.opens })
    func unsoundFilesAreDeclinedByName(file: Case) throws {
        let note = file.expectation.note?.lowercased() ?? ""
        let kinds: Set<SerializationError.Kind>
        if note.contains("legacy") {
            kinds = [.unsupported]
        } else if ["refuse", "code", "global", "unsafe", "malicious"].contains(where: note.contains) {
            kinds = [.refused]
        } else {
            kinds = [.truncated, .damaged, .refused, .wrongFormat, .limitExceeded]
        }
        let error = #expect(throws: SerializationError.self) { try TorchArchive(at: file.url) }
        #expect(error.map { kinds.contains($0.kind) } == true, "\(note): \(String(describing: error))")
        #expect(error?.description.contains(file.url.path) == true)
        let again = #expect(throws: SerializationError.self) { try TensorArchive.open(file.url) }
        #expect(again?.kind == error?.kind)
    }
}
