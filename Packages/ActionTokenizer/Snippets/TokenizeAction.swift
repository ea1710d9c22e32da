// Turns an action into tokens and back.
//
//     swift run --package-path Packages/ActionTokenizer TokenizeAction

import ActionTokenizer

let tokenizer = BinActionTokenizer(vocabularySize: 32_000)
let action = [0.25, -0.5, 0.0, 0.1, 0.0, -1.0, 1.0]
let tokenIDs = try tokenizer.tokenIDs(for: action)
print("tokens \(tokenIDs)")
print("back   \(try tokenizer.action(for: tokenIDs))")
