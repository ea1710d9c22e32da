// modules: TFRecord
// fixtures: data/samples/corrupt/rlds/*.tfrecord

import TFRecord

/// Reads the input as a file of records, and as one record whose checksums are right.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = inputBytes(data, count)
    for content in [bytes, TFRecordFile.framed(bytes)] {
        guard let file = try? TFRecordFile(bytes: content, name: "input") else { continue }
        for record in file.records.indices {
            try? file.withRecord(record) { bytes in
                _ = try? TFExample(serialized: bytes, name: "input")
                guard let index = try? TFExampleIndex(bytes, name: "input") else { return }
                for key in index.features.keys {
                    _ = try? index.feature(key, of: bytes)
                    _ = try? index.byteStrings(key, of: bytes)
                }
            }
        }
    }
    return 0
}
