// Fuzzes conversations: templates, label masks, encoding and streaming decoding keep their laws on any text.
// modules: TextTokenizers
import Foundation
import TextTokenizers

private let tokenizer: BPETokenizer? = {
    var trainer = BPETrainer(vocabularySize: 300, specialTokens: ["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    for _ in 0..<3 { trainer.add("system user assistant\n<think>\n</think>\n\npick up the black bowl 你好 🙂") }
    return try? trainer.train().tokenizer()
}()

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds {
        let turns: [(role: UInt8, text: String)] = [
            (0, "Be brief."), (1, "Pick up <|im_end|>\n the bowl"), (2, "<think>\nhm\n</think>\n\nDone 🙂"), (3, "{}"),
        ]
        return [("turns", turns.flatMap { [$0.role] + Array($0.text.utf8) + [0xFF] })]
    }
    return 0
}

/// Turns end with 0xFF, which no text holds; the first byte of each says whose it is.
private func messages(_ bytes: [UInt8]) -> [ChatMessage] {
    let roles: [ChatMessage.Role] = [.system, .user, .assistant, .tool]
    return bytes.split(separator: 0xFF).map { turn in
        ChatMessage(roles[Int(turn.first! % 4)], String(decoding: turn.dropFirst(), as: UTF8.self))
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzChat(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let tokenizer else { fatalError("the tokenizer was not trained") }
    let messages = messages(Array(UnsafeBufferPointer(start: data, count: count)))
    for template in ChatTemplate.allCases {
        for continuation in [ChatTemplate.Continuation.none, .answer, .thinking] {
            let text = template.text(for: messages, continuation: continuation)
            let ids = tokenizer.encode(text)
            precondition(tokenizer.decode(ids).utf8.elementsEqual(text.utf8), "another text comes back")

            var decoder = StreamingDecoder(tokenizer)
            let streamed = ids.map { decoder.append($0) }.joined() + decoder.finish()
            precondition(streamed.utf8.elementsEqual(text.utf8), "another text is streamed")

            let labels = LabelMask(template, tokenizer: tokenizer).labels(for: ids)
            precondition(zip(labels, ids).allSatisfy { $0 == $1 || $0 == LabelMask.ignoredLabel })
            precondition(labels.count == ids.count)
        }
    }
    return 0
}
