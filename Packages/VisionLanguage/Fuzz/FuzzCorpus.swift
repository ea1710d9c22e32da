// Fuzzes the lines of JSON-lines corpora.
// modules: TextTokenizers
import Foundation
import TextTokenizers

private let file = FileManager.default.temporaryDirectory.appendingPathComponent("fuzz-\(getpid()).jsonl")
private let tokenizer: BPETokenizer? = try? BPETrainer(vocabularySize: 256).train().tokenizer()

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds {
        [
            ("text", Array(#"{"text": "a\u00e9\ud83d\ude42\n\"", "n": [1, -2.5e3, true, null]}"#.utf8)),
            ("turns", Array("{\"conversations\": [{\"content\": \"a\"}]}\n\n[\"x\"]\n".utf8)),
        ]
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCorpus(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let tokenizer,
        FileManager.default.createFile(
            atPath: file.path, contents: Data(UnsafeBufferPointer(start: data, count: count)))
    else { return 0 }
    let corpus = Corpus(files: [file], format: .miniMind)
    guard var counter = try? CorpusTokenCounter(corpus, tokenizer: tokenizer, blockByteCount: 64) else { return 0 }
    _ = try? counter.countAll()
    precondition(counter.progress.countedBytes <= count)
    return 0
}
