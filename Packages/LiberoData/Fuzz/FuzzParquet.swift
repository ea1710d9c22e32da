// modules: Parquet
// fixtures: data/samples/parquet/*.parquet data/samples/corrupt/parquet/*.parquet

import Parquet

/// Reads every field of the input by rows, as a matrix and by pages.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let file = try? ParquetFile(bytes: inputBytes(data, count), name: "input") else { return 0 }
    for field in file.fields { _ = try? file.rows(of: field) }
    for leaf in file.leaves.indices {
        _ = try? file.matrix(leaf)
        let pages = ParquetPages(file, leaf: leaf)
        for row in 0..<min(file.rowCount, 64) { _ = try? pages.value(row: row) }
    }
    return 0
}
