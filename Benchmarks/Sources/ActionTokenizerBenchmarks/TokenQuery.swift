import BenchmarkKit
import TensorCore
import VLAPolicy

/// One query of the 2025 system's model: two images, the prefix, seven tokens with the key/value cache.
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
        let coding = try MicroVLA2025Model.coding()
        let inputs = MicroVLA2025Model.inputs(rows: 1, features: false)
        let model = MicroVLA2025Model.make(order: order, withTower: true)
        let prefix = model.instructionPrefix(MicroVLA2025Model.promptIDs)
        var generator = PhiloxGenerator(seed: 3)
        return { _ = model.decode(inputs, coding: coding, prefix: prefix, using: &generator) }
    }
}
