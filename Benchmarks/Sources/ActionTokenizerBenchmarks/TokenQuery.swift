import BenchmarkKit
import TensorCore
import VLAPolicy

/// One query of the story's model: two pictures, the prefix, seven tokens with the key/value cache.
enum TokenQuery {
    static var benchmark: BenchmarkCase {
        BenchmarkCase("token_query") {
            let whole = try query()
            // the same with the instruction in front, whose keys and values an episode's queries share
            let other = try query(order: .instructionFirst)
            whole()
            other()
            return {
                let seconds = secondsToRun(whole)
                return [
                    MeasuredValue("token_query", seconds, unit: "s"),
                    MeasuredValue("token_query/cached_instruction", secondsToRun(other), unit: "s"),
                    MeasuredValue("token_query/cached_instruction", seconds, unit: "s", role: .peer),
                ]
            }
        }
    }

    /// - Parameter order: With the instruction first, its keys and values are computed before.
    static func query(order: TokenLayout.Order = .imagesFirst) throws -> () -> Void {
        let coding = try StoryModel.coding()
        let inputs = StoryModel.inputs(rows: 1, features: false)
        let model = StoryModel.make(order: order, withTower: true)
        let prefix = model.instructionPrefix(StoryModel.promptIDs)
        var generator = CounterGenerator(seed: 3)
        return { _ = model.decode(inputs, coding: coding, prefix: prefix, using: &generator) }
    }
}
