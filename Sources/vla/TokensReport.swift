import ActionTokenizer
import ArgumentParser
import Foundation
import LiberoData
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
    @Option(help: "A folder or file of demonstrations; may be repeated.") var data: [String]
    @Option(help: "The recipe.") var recipe: String
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        common.apply()
        let file = URL(fileURLWithPath: recipe)
        let recipe = try PolicyRecipe(at: file)
        let demonstrations = try LiberoDemonstrations(at: data.map { URL(fileURLWithPath: $0) })
        let assembly = try PolicyAssembly(
            recipe, demonstrations, recipeFolder: file.deletingLastPathComponent())
        let pipeline = assembly.actionPipeline
        guard pipeline.tokens != nil else { throw RecipeError(file: self.recipe, reason: "it has no action.tokens") }
        let examples = assembly.trainingExamples
        let report = try ActionTokenReport(pipeline, actions: (0..<examples.count).map { try examples[$0].actions })
        if json { try printJSON(report) } else { print(report.text(pipeline)) }
    }
}

/// Whether a map's ids survive being text.
struct TokensCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "List the ids of a map that do not survive a round trip through text.",
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
        if json { try printJSON(evidence) } else { print(evidence.text(map, tokenizer: tokenizer)) }
        if !evidence.special.isEmpty { throw ExitCode(1) }
    }
}
