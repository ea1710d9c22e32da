// Fuzzes MiniMind-V's JSON lines: a line is a conversation or an error with its number.
// modules: VisionLanguage
import FileSupport
import Foundation
import TensorCore
import VisionLanguage

private let file = FileManager.default.temporaryDirectory.appendingPathComponent(
    "fuzz-\(ProcessInfo.processInfo.processIdentifier).jsonl")

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds {
        let lines = [
            #"{"conversations": [{"role": "user", "content": "What?\n<image>"}, {"content": "A bowl."}], "image": "a.png"}"#,
            #"{"conversations": [{"role": "system", "content": ""}], "image": ["a.png", "b.png"]}"#,
            #"{"text": "some words"}"#,
        ]
        return [("lines", Array(lines.joined(separator: "\n\n").utf8))]
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzConversation(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        try Data(UnsafeBufferPointer(start: data, count: count)).write(to: file)
        let lines = try ConversationFile(at: file)
        for index in 0..<lines.count { _ = try? lines.conversation(at: index) }
    } catch {
        precondition(error is SerializationError, "\(error)")
    }
    return 0
}
