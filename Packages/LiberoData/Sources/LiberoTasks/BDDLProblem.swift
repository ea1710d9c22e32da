/// A LIBERO task as its BDDL file states it. All names are lower case.
public struct BDDLProblem: Equatable, Sendable {
    /// The class of scene, such as `libero_kitchen_tabletop_manipulation`.
    public var name: String
    public var domain: String
    /// The words of `:language`; not the instruction for the policy, which is ``LiberoTask/instruction``.
    public var language: String
    /// In the order of the file.
    public var regions: [BDDLRegion]
    /// Things that do not move as a whole, in the order of the file.
    public var fixtures: [BDDLCategory]
    /// Things that can be carried, in the order of the file.
    public var objects: [BDDLCategory]
    public var objectsOfInterest: [String]
    /// What holds at the start.
    public var initialState: [GoalPredicate]
    /// What has to hold at the end, all of it.
    public var goal: [GoalPredicate]

    /// Everything that a predicate can be about: fixtures, objects and regions.
    public var declaredNames: Set<String> {
        Set((fixtures + objects).flatMap(\.instances)).union(regions.map(\.key))
    }

    /// What of another problem's goal is not in this scene, in order; none where the goal can be asked for here.
    public func missingNames(of goal: [GoalPredicate]) -> [String] {
        Set(goal.flatMap(\.arguments)).subtracting(declaredNames).sorted()
    }
}

/// The instances of one category, `a b - category`.
public struct BDDLCategory: Equatable, Sendable {
    public var category: String
    public var instances: [String]
}

/// A named part of a table, a floor or an object.
public struct BDDLRegion: Equatable, Sendable {
    /// A rectangle in the plane of the target, in metres.
    public struct Rectangle: Equatable, Sendable {
        public var lowerX, lowerY, upperX, upperY: Double

        public init(lowerX: Double, lowerY: Double, upperX: Double, upperY: Double) {
            (self.lowerX, self.lowerY) = (lowerX, lowerY)
            (self.upperX, self.upperY) = (upperX, upperY)
        }
    }

    /// The name in the file; predicates use ``key``.
    public var name: String
    /// The instance the region belongs to. It need not be among the scene's fixtures and objects.
    public var target: String
    /// Where things may be put at the start; none for regions that are sites of the target's model.
    public var ranges: [Rectangle]
    /// The range of the angle about the vertical axis, in radians.
    public var yaw: (lower: Double, upper: Double)
    /// The color of the region's site: red, green, blue, alpha in 0…1.
    public var color: SIMD4<Double>

    /// The name by which predicates call the region, `<target>_<name>`.
    public var key: String { "\(target)_\(name)" }

    public static func == (a: BDDLRegion, b: BDDLRegion) -> Bool {
        a.name == b.name && a.target == b.target && a.ranges == b.ranges && a.yaw == b.yaw && a.color == b.color
    }
}
