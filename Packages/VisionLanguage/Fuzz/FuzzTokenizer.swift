// Fuzzes tokenizer.json files: what is read encodes, decodes and stays the same tokenizer.
// modules: TextTokenizers
import Foundation
import TextTokenizers

private func trained(_ size: Int) throws -> TrainedBPE {
    var trainer = BPETrainer(vocabularySize: size, specialTokens: ["<|end|>"])
    for _ in 0..<3 { trainer.add("pick up the black bowl and place it on the plate") }
    return try trainer.train()
}

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds {
        let small = Array(try trained(260).json)
        let part = """
            "normalizer":{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Replace","pattern":{"Regex":"a+"},\
            "content":"b"}]},"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":\
            true},{"type":"Split","pattern":{"Regex":"\\\\p{L}+"},"behavior":"Isolated","invert":false},
            """
        let text = String(decoding: small, as: UTF8.self)
        let other = text.replacingOccurrences(of: "\"normalizer\":null,\"pre_tokenizer\":", with: part)
            .replacingOccurrences(of: "\"use_regex\":true},\"post", with: "\"use_regex\":false}]},\"post")
        return [
            ("small", small), ("parts", Array(other.utf8)), ("line", Array(#"{"text": "a\u00e9\n", "n": [1]}"#.utf8)),
        ]
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTokenizer(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Data(UnsafeBufferPointer(start: data, count: count))
    for needsAll in [true, false] {
        guard let tokenizer = try? BPETokenizer(json: bytes, name: "input", requiringEveryByte: needsAll) else {
            continue
        }
        let ids = tokenizer.encode("pick up  the <|end|>\n你🙂 12é")
        precondition(ids.allSatisfy { tokenizer.bytes(of: $0) != nil })
        _ = tokenizer.decode(ids)
        _ = tokenizer.fingerprint
    }
    return 0
}
