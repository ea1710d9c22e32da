// modules: LiberoTasks
// fixtures: golden/variants/tasks.tsv golden/variants/pro_lists.json golden/variants/bddl/*.bddl

import Foundation
import LiberoTasks

private let file = FileManager.default.temporaryDirectory.appendingPathComponent("fuzz-lists-\(getpid())")

/// Reads the input as each list of variants, as a problem, and as a name.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = inputBytes(data, count)
    guard (try? Data(bytes).write(to: file)) != nil else { return 0 }
    _ = try? LiberoPlusTasks(table: file)
    _ = try? LiberoPlusTasks(taskMap: file)
    _ = try? LiberoProLists(at: file)
    _ = try? ParaphraseTable(at: file)
    _ = try? InitialStates(at: file)
    if let problem = try? BDDLParser().problem(utf8: bytes) { _ = CounterfactualInstruction.all(of: problem) }
    let text = String(decoding: bytes.prefix(4_096), as: UTF8.self)
    _ = LiberoPlusName(text, suite: .goal)
    _ = VariantSuiteName(text)
    return 0
}
