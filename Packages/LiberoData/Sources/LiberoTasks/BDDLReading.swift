/// Turns the nested lists of a BDDL text into a problem.
struct BDDLReading {
    /// The sections by name, with what follows the name.
    private var sections: [String: (items: ArraySlice<SymbolicExpression>, position: BDDLError.Position)] = [:]
    private let end: BDDLError.Position

    private static let known: Set = [
        "problem", ":domain", ":language", ":regions", ":fixtures", ":objects", ":obj_of_interest", ":init", ":goal",
        ":requirements",
    ]

    init(_ tree: SymbolicExpression) throws(BDDLError) {
        let items = try Self.items(of: tree, as: "the whole file")
        guard let first = items.first, case .word("define", _) = first else {
            throw BDDLError(position: tree.position, message: "the text does not begin with '(define'")
        }
        end = tree.position
        for item in items.dropFirst() {
            let list = try Self.items(of: item, as: "a section")
            guard let head = list.first else {
                throw BDDLError(position: item.position, message: "an empty list where a section is expected")
            }
            let name = try Self.word(head, as: "the name of a section")
            guard Self.known.contains(name) else {
                let names = Self.known.sorted().joined(separator: ", ")
                throw BDDLError(position: head.position, message: "unknown section '\(name)'; known are \(names)")
            }
            guard sections.updateValue((list.dropFirst(), item.position), forKey: name) == nil else {
                throw BDDLError(position: item.position, message: "the section '\(name)' occurs twice")
            }
        }
    }

    func problem() throws(BDDLError) -> BDDLProblem {
        let regions = try regions()

        // every name that an atom may be about
        var declared = Set<String>()
        let fixtures = try categories(":fixtures", declaring: &declared)
        let objects = try categories(":objects", declaring: &declared)
        declared.formUnion(regions.map(\.key))

        let initialState = try Self.atoms(section(":init").items, about: declared)
        let goal = try self.goal(about: declared)
        for (name, count, limit) in [
            (
                ":fixtures and :objects",
                fixtures.reduce(0) { $0 + $1.instances.count }
                    + objects.reduce(0) { $0 + $1.instances.count }, 200
            ), (":regions", regions.count, 1000),
            (":init", initialState.count, 2000), (":goal", goal.count, 200),
        ] where count > limit {
            // a scene of thousands is composed and placed without end
            throw BDDLError(position: end, message: "\(count) entries in \(name); at most \(limit) are read")
        }
        return BDDLProblem(
            name: try words("problem", count: 1)[0], domain: try words(":domain", count: 1)[0],
            language: try section(":language").items.map(\.text).joined(separator: " "), regions: regions,
            fixtures: fixtures,
            objects: objects, objectsOfInterest: try words(":obj_of_interest"),
            initialState: initialState, goal: goal)
    }

    // MARK: Sections

    private func section(_ name: String) throws(BDDLError) -> (
        items: ArraySlice<SymbolicExpression>, position: BDDLError.Position
    ) {
        guard let section = sections[name] else {
            throw BDDLError(position: end, message: "the section '\(name)' is missing")
        }
        return section
    }

    private func words(_ name: String, count: Int? = nil) throws(BDDLError) -> [String] {
        let (items, position) = try section(name)
        if let count, items.count != count {
            throw BDDLError(position: position, message: "'\(name)' takes \(count) word, found \(items.count)")
        }
        return try items.map { item throws(BDDLError) in try Self.word(item, as: "a word of '\(name)'") }
    }

    /// `a b - category c - category2`
    private func categories(
        _ name: String, declaring declared: inout Set<String>
    ) throws(BDDLError) -> [BDDLCategory] {
        let (items, position) = try section(name)
        var categories: [BDDLCategory] = []
        var instances: [String] = []
        var iterator = items.makeIterator()
        while let item = iterator.next() {
            let word = try Self.word(item, as: "a name in '\(name)'")
            guard word == "-" else {
                guard declared.insert(word).inserted else {
                    throw BDDLError(position: item.position, message: "'\(word)' is declared twice")
                }
                instances.append(word)
                continue
            }
            guard let next = iterator.next() else {
                throw BDDLError(position: item.position, message: "no category after '-'")
            }
            let category = try Self.word(next, as: "a category")
            guard !instances.isEmpty else {
                throw BDDLError(position: next.position, message: "the category '\(category)' has no instances")
            }
            guard !categories.contains(where: { $0.category == category }) else {
                throw BDDLError(
                    position: next.position, message: "the category '\(category)' occurs twice in '\(name)'")
            }
            categories.append(BDDLCategory(category: category, instances: instances))
            instances = []
        }
        guard instances.isEmpty else {
            throw BDDLError(
                position: position, message: "\(instances) in '\(name)' have no category; write '- category'")
        }
        return categories
    }

    private func goal(about declared: Set<String>) throws(BDDLError) -> [GoalPredicate] {
        let (items, position) = try section(":goal")
        guard items.count == 1, let expression = items.first else {
            throw BDDLError(position: position, message: "':goal' takes one expression, found \(items.count)")
        }
        return try Self.goal(expression, at: position, about: declared)
    }

    /// The atoms of `(and atom…)`, or of a single atom.
    static func goal(
        _ expression: SymbolicExpression, at position: BDDLError.Position, about declared: Set<String>
    ) throws(BDDLError) -> [GoalPredicate] {
        let list = try Self.items(of: expression, as: "the goal")
        let goal: [GoalPredicate]
        if let head = list.first, case .word("and", _) = head {
            goal = try atoms(list.dropFirst(), about: declared)
        } else {
            goal = try atoms([expression], about: declared)
        }
        guard !goal.isEmpty else { throw BDDLError(position: position, message: "the goal is empty") }
        return goal
    }

    // MARK: Atoms

    private static func atoms(
        _ items: ArraySlice<SymbolicExpression>, about declared: Set<String>
    ) throws(BDDLError) -> [GoalPredicate] {
        try items.map { item throws(BDDLError) in
            let list = try Self.items(of: item, as: "an atom")
            guard let head = list.first else {
                throw BDDLError(position: item.position, message: "an empty list where an atom is expected")
            }
            let name = try Self.word(head, as: "the name of a predicate")
            let arguments = try list.dropFirst().map { argument throws(BDDLError) in
                let word = try Self.word(argument, as: "an argument of '\(name)'")
                guard declared.contains(word) else {
                    throw BDDLError(
                        position: argument.position,
                        message: "'\(word)' is neither a fixture, an object nor a region of this file")
                }
                return word
            }
            if let predicate = GoalPredicate(name: name, arguments: arguments) { return predicate }
            guard let count = GoalPredicate.argumentCounts[name] else {
                let known = GoalPredicate.argumentCounts.keys.sorted().joined(separator: ", ")
                throw BDDLError(position: head.position, message: "unknown predicate '\(name)'; known are \(known)")
            }
            throw BDDLError(
                position: item.position, message: "'\(name)' takes \(count) arguments, found \(arguments.count)")
        }
    }

    // MARK: Regions

    private func regions() throws(BDDLError) -> [BDDLRegion] {
        var regions: [BDDLRegion] = []
        var keys = Set<String>()
        for item in try section(":regions").items {
            let region = try Self.region(item)
            guard keys.insert(region.key).inserted else {
                throw BDDLError(position: item.position, message: "the region '\(region.key)' occurs twice")
            }
            regions.append(region)
        }
        return regions
    }

    private static func region(_ item: SymbolicExpression) throws(BDDLError) -> BDDLRegion {
        let list = try items(of: item, as: "a region")
        guard let head = list.first else {
            throw BDDLError(position: item.position, message: "an empty list where a region is expected")
        }
        let name = try word(head, as: "the name of a region")
        var target: String?
        var region = BDDLRegion(name: name, target: "", ranges: [], yaw: (0, 0), color: [0, 0, 1, 0])
        var seen = Set<String>()

        for property in list.dropFirst() {
            let parts = try items(of: property, as: "a property of a region")
            guard let key = parts.first, parts.count == 2, let value = parts.last else {
                throw BDDLError(
                    position: property.position, message: "a property of a region has a name and one value")
            }
            let keyword = try word(key, as: "a property of a region")
            guard seen.insert(keyword).inserted else {
                throw BDDLError(position: key.position, message: "'\(keyword)' occurs twice")
            }
            switch keyword {
            case ":target": target = try word(value, as: "the target")
            case ":ranges":
                region.ranges = try items(of: value, as: "the ranges").map { rectangle throws(BDDLError) in
                    let r = try numbers(rectangle, count: 4, as: "a range")
                    return .init(lowerX: r[0], lowerY: r[1], upperX: r[2], upperY: r[3])
                }
            case ":yaw_rotation":
                let ranges = try items(of: value, as: "the yaw ranges")
                guard let range = ranges.first, ranges.count == 1 else {
                    throw BDDLError(
                        position: value.position, message: "one yaw range is expected, found \(ranges.count)")
                }
                let yaw = try numbers(range, count: 2, as: "a yaw range")
                region.yaw = (yaw[0], yaw[1])
            case ":rgba":
                region.color = SIMD4(try numbers(value, count: 4, as: "a color"))
            default:
                throw BDDLError(position: key.position, message: "unknown property '\(keyword)' of a region")
            }
        }
        guard let target else {
            throw BDDLError(position: item.position, message: "the region '\(name)' has no ':target'")
        }
        region.target = target
        return region
    }

    // MARK: Parts

    private static func items(
        of expression: SymbolicExpression, as role: String
    ) throws(BDDLError) -> ArraySlice<SymbolicExpression> {
        guard case .list(let items, _) = expression else {
            throw BDDLError(
                position: expression.position, message: "\(role) is a list, found \(expression.summary)")
        }
        return items[...]
    }

    private static func word(_ expression: SymbolicExpression, as role: String) throws(BDDLError) -> String {
        guard case .word(let word, _) = expression else {
            throw BDDLError(position: expression.position, message: "\(role) is a word, found \(expression.summary)")
        }
        return word
    }

    private static func numbers(
        _ expression: SymbolicExpression, count: Int, as role: String
    ) throws(BDDLError) -> [Double] {
        let items = try items(of: expression, as: role)
        guard items.count == count else {
            throw BDDLError(
                position: expression.position, message: "\(role) has \(count) numbers, found \(items.count)")
        }
        return try items.map { item throws(BDDLError) in
            let text = try word(item, as: "a number")
            guard let number = Double(text), number.isFinite else {
                throw BDDLError(position: item.position, message: "'\(text)' is not a finite number")
            }
            return number
        }
    }
}
