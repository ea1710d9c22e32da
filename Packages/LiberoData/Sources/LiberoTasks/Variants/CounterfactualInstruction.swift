/// An instruction that tells a policy to move another object of the scene to the place of the task's own goal.
///
/// A policy that goes by the scene alone still moves the task's own object. Both goals are judged from the simulator's
/// state. After LIBERO-CF (arXiv:2602.17659).
public struct CounterfactualInstruction: Hashable, Sendable {
    /// What the task's own goal moves.
    public var baseObject: String
    /// What the policy is told to move.
    public var toldObject: String
    public var toldCategory: String
    /// "put the X in/on PLACE".
    public var instruction: String
    /// The one atom that has to hold when the policy does what it is told.
    public var toldGoal: [GoalPredicate]
    /// The task's own goal.
    public var baseGoal: [GoalPredicate]

    /// Categories that others are put into.
    private static let containers: Set = ["basket", "wooden_tray", "desk_caddy", "red_basket", "yellow_desk_caddy"]

    /// All counterfactual instructions of a problem, in the order in which it declares the objects.
    ///
    /// Empty where the goal has no `on` or `in` whose first argument can be carried. A told object can be carried, is
    /// named by no atom of the goal, is no container, and is the only one of its category, which none of the goal's objects
    /// shares.
    public static func all(of problem: BDDLProblem) -> [CounterfactualInstruction] {
        let categories = Dictionary(
            (problem.objects + problem.fixtures).flatMap { entry in entry.instances.map { ($0, entry.category) } }
        ) { first, _ in first }
        let movable = problem.objects.flatMap(\.instances)
        let moves = problem.goal.filter { atom in
            switch atom {
            case .on(let object, _), .in(let object, _): movable.contains(object)
            case .open, .close, .turnOn, .turnOff: false
            }
        }
        guard let move = moves.first, let object = move.arguments.first, let place = move.arguments.last,
            let phrase = PlacePhrase(move, problem: problem, categories: categories)
        else { return [] }

        let regions = Dictionary(problem.regions.map { ($0.key, $0.target) }) { first, _ in first }
        let involved = Set(problem.goal.flatMap(\.arguments).map { regions[$0] ?? $0 })
        let involvedCategories = Set(involved.compactMap { categories[$0] })
        return problem.objects.filter { entry in
            entry.instances.count == 1 && !containers.contains(entry.category)
                && !involvedCategories.contains(entry.category)
        }.map { entry in
            let told = entry.instances[0]
            let goal: GoalPredicate = if case .in = move { .in(told, place) } else { .on(told, place) }
            return CounterfactualInstruction(
                baseObject: object, toldObject: told, toldCategory: entry.category,
                instruction: "put the \(spokenName(of: entry.category)) \(phrase.text)", toldGoal: [goal],
                baseGoal: problem.goal)
        }
    }

    /// What people call an object of a category.
    public static func spokenName(of category: String) -> String {
        let names = [
            "akita_black_bowl": "black bowl", "black_book": "book", "chefmate_8_frypan": "frying pan",
            "cookies": "cookie box", "glazed_rim_porcelain_ramekin": "ramekin", "new_salad_dressing": "salad dressing",
            "porcelain_mug": "white mug", "red_coffee_mug": "red mug", "white_yellow_mug": "yellow and white mug",
            "wooden_two_layer_shelf": "shelf", "wooden_tray": "tray", "flat_stove": "stove", "wine_rack": "rack",
            "desk_caddy": "caddy", "white_cabinet": "cabinet", "wooden_cabinet": "cabinet",
        ]
        return names[category] ?? category.split(separator: "_").joined(separator: " ")
    }

    /// The words for the place a goal names.
    private struct PlacePhrase {
        let text: String

        init?(_ atom: GoalPredicate, problem: BDDLProblem, categories: [String: String]) {
            guard let place = atom.arguments.last else { return nil }
            let isInside = if case .in = atom { true } else { false }
            guard let region = problem.regions.first(where: { $0.key == place }) else {
                guard let category = categories[place] else { return nil }
                // LIBERO says that something is on a bowl and means that it lies in it
                let preposition = isInside || category.hasSuffix("bowl") ? "in" : "on"
                text = "\(preposition) the \(spokenName(of: category))"
                return
            }
            guard let category = categories[region.target] else { return nil }
            let holder = spokenName(of: category)
            let words = region.name.split(separator: "_").map(String.init)
            switch (words.first ?? "", region.name) {
            case (_, "top_side"): text = "on top of the \(holder)"
            case (let layer, _) where isInside && holder.hasSuffix("cabinet") && words.last == "region":
                text = "in the \(layer) drawer of the \(holder)"
            case (let part, _) where isInside && words.suffix(2) == ["contain", "region"] && words.count > 2:
                text = "in the \(part) compartment of the \(holder)"
            case (let thing, _) where words.contains("front"): text = "in front of the \(thing)"
            case (let thing, _) where words.contains("left"): text = "to the left of the \(thing)"
            case (let thing, _) where words.contains("right"): text = "to the right of the \(thing)"
            default: text = "\(isInside ? "in" : "on") the \(holder)"
            }
        }
    }
}
