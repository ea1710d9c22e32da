import Kinematics
import LiberoTasks

/// Does LIBERO's tasks, knowing where everything is: a teacher for policies.
///
/// A planner turns the predicates of the goal that do not hold into a request, and a skill carries it out. Skills are
/// feedback laws: every action follows from what the scene is like now, so that the expert goes on sensibly after a push
/// and from states that somebody else has brought about.
public struct ScriptedExpert: Sendable {
    /// An action as it should be, and as it is carried out.
    public struct Decision: Equatable, Sendable {
        /// What the expert would do: the label.
        public var label: [Double]
        /// The label with the episode's noise and pushes.
        public var executed: [Double]
    }

    public let style: Style
    private var skill: (request: SkillRequest, skill: any Skill)?
    private var attempts: [SkillRequest: Int] = [:]
    private var push: (remaining: Int, direction: Vector3) = (0, .zero)

    public init(style: Style = Style()) { self.style = style }

    /// What it is doing, such as `lift akita_black_bowl_1`; `nil` when nothing is left to do.
    public var activity: String? { skill?.skill.activity }

    /// The next action, in LIBERO's action space.
    public mutating func action(
        for view: SceneView, using generator: inout some RandomNumberGenerator
    ) -> Decision {
        let label = decide(view)
        return Decision(label: label, executed: disturbed(label, using: &generator))
    }

    /// Asks the skill under way; plans the next when it is done.
    private mutating func decide(_ view: SceneView) -> [Double] {
        for _ in 0..<4 {
            if skill == nil {
                guard let request = GoalPlanner.next(view, failures: attempts) else { break }
                skill = (request, makeSkill(request))
            }
            guard let request = skill?.request, var current = skill?.skill else { break }
            let step = current.step(view)
            skill = (request, current)
            switch step {
            case .move(let command): return HandMotion.action(view, command)
            case .done: skill = nil
            case .failed:
                attempts[request, default: 0] += 1
                skill = nil
            }
        }
        return [0, 0, 0, 0, 0, 0, -1]
    }

    private func makeSkill(_ request: SkillRequest) -> any Skill {
        let attempt = attempts[request] ?? 0
        switch request {
        case .carry(let object, let destination):
            return CarrySkill(object: object, destination: destination, style: style, attempt: attempt)
        case .insert(let object, let destination):
            return InsertSkill(object: object, destination: destination, style: style, attempt: attempt)
        case .drag(let object, let destination):
            return DragSkill(object: object, destination: destination, style: style, attempt: attempt)
        case .pullOpen(let joint): return PullSkill(joint: joint, style: style, attempt: attempt)
        case .rakeOpen(let joint): return RakeSkill(joint: joint, style: style, attempt: attempt)
        case .pushShut(let joint): return ShutSkill(joint: joint, style: style, attempt: attempt)
        case .turn(let joint, let on): return TurnSkill(joint: joint, turnsOn: on, style: style, attempt: attempt)
        }
    }

    /// Adds noise to the motion, and now and then a push of some steps.
    private mutating func disturbed(
        _ label: [Double], using generator: inout some RandomNumberGenerator
    ) -> [Double] {
        var executed = label
        if push.remaining > 0 {
            push.remaining -= 1
        } else if style.pushProbability > 0, Double.random(in: 0..<1, using: &generator) < style.pushProbability {
            func component() -> Double { .random(in: -1...1, using: &generator) }
            push = (Int.random(in: 2...5, using: &generator), Vector3(component(), component(), component()))
        }
        let isDelicate = skill?.skill.isDelicate ?? false
        for i in 0..<3 where style.noise > 0 || push.remaining > 0 {
            let noise = style.noise * generator.normal() + (push.remaining > 0 ? push.direction[i] : 0)
            executed[i] = min(max(executed[i] + (isDelicate ? 0.3 : 1) * noise, -1), 1)
        }
        return executed
    }
}
