// Splits a sentence into the tokens of a tokenizer.json.
//
//     swift run --package-path Packages/VisionLanguage CountTokens <tokenizer.json> "pick up the black bowl"

import Foundation
import TextTokenizers

guard CommandLine.arguments.count == 3 else {
    print("usage: CountTokens <tokenizer.json> <text>")
    exit(64)
}
let tokenizer = try BPETokenizer(at: URL(fileURLWithPath: CommandLine.arguments[1]))
let ids = tokenizer.encode(CommandLine.arguments[2])
print("\(ids.count) tokens of \(tokenizer.vocabularySize): \(ids)")
print("back: \(tokenizer.decode(ids))")
