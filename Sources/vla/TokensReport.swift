import ActionTokenizer
import ArgumentParser
import Foundation
import LiberoData
import TensorCore
import TextTokenizers
import VLAPolicy

/// What a recipe's tokens cost on data.
struct TokensReport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Measure a recipe's action tokens on demonstrations, by dimension.",
        discussion: """
            EXAMPLES
              vla tokens report --data demonstrations --recipe Recipes/token-small.json
            """)

    @OptionGroup var common: CommonOptions
    @Option(help: "A folder or file of demonstrations; several may be given.") var data: [String]
    @Option(help: "The recipe.") var recipe: String
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        common.apply()
        let file = URL(fileURLWithPath: recipe)
        let recipe = try PolicyRecipe(at: file)
        let demonstrations = try LiberoDemonstrations(at: data.map { URL(fileURLWithPath: $0) })
        let assembly = try PolicyAssembly(
            recipe, demonstrations, recipeFolder: file.deletingLastPathComponent())
        guard let coding = assembly.actionPipeline.tokens else {
            throw RecipeError(file: self.recipe, reason: "it has no action.tokens")
        }
        let width = assembly.actionPipeline.dimensionCount
        let examples = assembly.trainingExamples
        let chunks = try (0..<examples.count).map { try assembly.actionPipeline.encode(examples[$0].actions) }
        let report =
            try coding.fast.map { try ActionTokenReport(coding, fast: $0, chunks: chunks) }
            ?? ActionTokenReport(coding, actions: chunks.map { $0.prefix(width).map(Double.init) })
        if json { return try printJSON(report) }
        if let count = report.tokensPerChunk {
            print(String(format: "%.1f tokens a chunk of %d numbers", count, assembly.actionPipeline.horizon * width))
        }
        print("\(report.actionCount) actions, \(coding.tokenIDs.count) tokens; normalized units")
        print("dimension              bound   largest      mean      cut   used  bits")
        for (d, name) in assembly.actionPipeline.space.dimensionNames.enumerated() {
            print(
                name.padding(toLength: 16, withPad: " ", startingAt: 0)
                    + String(
                        format: "  %9.6f %9.6f %9.6f  %5.2f%%  %5d %5.2f", report.errorBound[d],
                        report.maximumError[d], report.meanError[d], 100 * report.cutShare[d], report.usedCount[d],
                        report.entropy[d]))
        }
    }
}

/// Whether a map's ids survive being text.
struct TokensCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say which ids of a map do not survive being written as text and read again.",
        discussion: """
            Exit status 1 when an id is special or outside of the vocabulary.

            EXAMPLES
              vla tokens check action_token_map_256.json --tokenizer tokenizer.json
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The map.") var map: String
    @Option(help: "The tokenizer.json whose ids they are.") var tokenizer: String
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        common.apply()
        let tokenizer = try BPETokenizer(at: URL(fileURLWithPath: tokenizer))
        let map = try ActionTokenMap(at: URL(fileURLWithPath: map), vocabularySize: tokenizer.vocabularySize)
        let evidence = ActionTokenEvidence(map, tokenizer: tokenizer)
        if json {
            try printJSON(evidence)
        } else {
            print("\(map.binCount) ids, \(evidence.survivingCount) survive being text")
            for (id, again) in evidence.lost.sorted(by: { $0.key < $1.key }) {
                print("  \(id) '\(tokenizer.decode([id]))' becomes \(again)")
            }
            if !evidence.special.isEmpty { print("special, not to be used: \(evidence.special)") }
        }
        if !evidence.special.isEmpty { throw ExitCode(1) }
    }
}
