import LiberoTasks

/// One subgoal, for one skill.
enum SkillRequest: Hashable, Sendable {
    case carry(object: String, destination: Destination)
    case insert(object: String, destination: String)
    case drag(object: String, destination: String)
    case pullOpen(joint: String)
    case rakeOpen(joint: String)
    case pushShut(joint: String)
    case turn(joint: String, on: Bool)
}

/// Decides what comes next from the predicates of a goal that do not hold.
///
/// The order: knobs are turned before anything stands in their way; a drawer or door is opened before something is put
/// in; everything is carried before drawers and doors are closed; what stays open is opened last, when nothing else stands
/// out.
enum GoalPlanner {
    ///
    /// - Parameter failures: How often requests have failed; a dish that could not be pushed is carried.
    static func next(_ view: SceneView, failures: [SkillRequest: Int] = [:]) -> SkillRequest? {
        let open = zip(view.geometry.goal, view.goalHolds).filter { !$0.1 }.map(\.0)

        for predicate in open {
            switch predicate {
            case .turnOn(let name):
                if let joint = view.geometry.jointNames[name]?.first { return .turn(joint: joint, on: true) }
            case .turnOff(let name):
                if let joint = view.geometry.jointNames[name]?.first { return .turn(joint: joint, on: false) }
            default: continue
            }
        }
        for predicate in ordered(open) {
            switch predicate {
            case .on(let object, let destination), .in(let object, let destination):
                if let joint = closedAround(view, destination) {
                    // what is in the way, or would be hard to reach below the open drawer
                    if let spot = ClearSpot.find(view, object: object, joint: joint) {
                        return .carry(object: object, destination: .spot(spot))
                    }
                    return opening(view, joint, failures, isFirst: true)
                }
                if view.geometry.regions[destination]?.object == nil, view.geometry.regions[destination] != nil,
                    failures[.drag(object: object, destination: destination)] == nil,
                    DragSkill.suits(view, object: object)
                {
                    return .drag(object: object, destination: destination)
                }
                if Enclosure(view, destination: destination) != nil {
                    return .insert(object: object, destination: destination)
                }
                return .carry(object: object, destination: .named(destination))
            default: continue
            }
        }
        for case .close(let name) in open {
            let joints = view.geometry.jointNames[name] ?? []
            let notShut = joints.first { joint in
                guard let mechanism = view.geometry.joints[joint]?.mechanism, let q = view.jointPositions[joint] else {
                    return false
                }
                return !mechanism.isClosed(q)
            }
            if let joint = notShut ?? joints.first { return .pushShut(joint: joint) }
        }
        for case .open(let name) in open {
            if let joint = view.geometry.jointNames[name]?.first { return opening(view, joint, failures) }
        }
        return nil
    }

    /// How a drawer or door is opened: by its handle; by its bar alone where the hand has no room or has failed.
    ///
    /// - Parameter isFirst: Whether something is put in afterwards; an upright hand on the bar is quickest then.
    private static func opening(
        _ view: SceneView, _ joint: String, _ failures: [SkillRequest: Int], isFirst: Bool = false
    ) -> SkillRequest {
        let (pull, rake) = (SkillRequest.pullOpen(joint: joint), SkillRequest.rakeOpen(joint: joint))
        guard view.geometry.joints[joint]?.kind == .slide else { return pull }
        let (pulled, raked) = (failures[pull] ?? 0, failures[rake] ?? 0)
        if RakeSkill.isNeeded(view, joint: joint) { return raked > pulled + 2 ? pull : rake }
        if isFirst, !RakeSkill.isCovered(view, joint: joint) { return raked > pulled ? pull : rake }
        return pulled > raked ? rake : pull
    }

    /// What others stand on comes first.
    private static func ordered(_ predicates: [GoalPredicate]) -> [GoalPredicate] {
        let bases = Set(
            predicates.compactMap { predicate -> String? in
                switch predicate {
                case .on(_, let destination), .in(_, let destination): destination
                default: nil
                }
            })
        return predicates.filter { bases.contains($0.arguments[0]) }
            + predicates.filter { !bases.contains($0.arguments[0]) }
    }

    /// The joint of the drawer or door that has to be opened before something can be put into a region.
    private static func closedAround(_ view: SceneView, _ destination: String) -> String? {
        guard let region = view.geometry.regions[destination], let parent = region.object else { return nil }
        // a drawer's region moves with its joint; a microwave's is shut off by its door
        var joints = view.geometry.jointNames[destination] ?? []
        if joints.isEmpty {
            joints = (view.geometry.jointNames[parent] ?? []).filter {
                view.geometry.joints[$0]?.mechanism?.kind == .microwave && destination.hasSuffix("heating_region")
            }
        }
        return joints.first { joint in
            guard let mechanism = view.geometry.joints[joint]?.mechanism, let q = view.jointPositions[joint] else {
                return false
            }
            switch mechanism.kind {
            case .drawer: return q > -0.13
            case .microwave: return q > -1.2
            case .shortCabinet, .shortFridge: return !mechanism.isOpen(q)
            case .stove: return false
            }
        }
    }
}
