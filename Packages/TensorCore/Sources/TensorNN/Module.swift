public import TensorCore

/// A part of a model: a value that holds parameters and other modules.
///
/// Loading, saving, counting and optimizing all walk ``visitParameters(_:)``; the names met on the way, joined by
/// dots, are the names in weight files.
public protocol Module: Sendable {
    /// Visits every parameter and every module inside, in a fixed order.
    mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws
}

/// What is done to each parameter of a module.
public protocol ParameterVisitor {
    /// The names of the modules around the parameter, outermost first. Kept by the `visit` functions.
    var scope: [String] { get set }
    /// Called for every parameter with its full name.
    mutating func visitParameter(_ name: String, _ parameter: inout Parameter) throws
    /// Called for every module before what is inside of it, with its full name. Does nothing by default.
    mutating func willVisit(_ name: String, _ module: inout some Module) throws
}

extension ParameterVisitor {
    public mutating func willVisit(_ name: String, _ module: inout some Module) throws {}
}

extension ParameterVisitor {
    /// Visits a parameter of the current module.
    public mutating func visit(_ name: String, _ parameter: inout Parameter) throws {
        try visitParameter((scope + [name]).joined(separator: "."), &parameter)
    }

    /// Visits a parameter that may be absent, such as a bias.
    public mutating func visit(_ name: String, _ parameter: inout Parameter?) throws {
        guard var present = parameter else { return }
        parameter = nil
        defer { parameter = present }
        try visit(name, &present)
    }

    /// Visits a module inside the current one.
    public mutating func visit(_ name: String, _ module: inout some Module) throws {
        scope.append(name)
        defer { scope.removeLast() }
        try willVisit(scope.joined(separator: "."), &module)
        try module.visitParameters(&self)
    }

    /// Visits a module that may be absent.
    public mutating func visit<Child: Module>(_ name: String, _ module: inout Child?) throws {
        guard var present = module else { return }
        module = nil
        defer { module = present }
        try visit(name, &present)
    }

    /// Visits a list of modules, named `name.0`, `name.1`, …
    public mutating func visit<Child: Module>(_ name: String, _ modules: inout [Child]) throws {
        for index in modules.indices { try visit("\(name).\(index)", &modules[index]) }
    }
}

/// A visitor made of a closure.
struct ClosureVisitor: ParameterVisitor {
    var scope: [String] = []
    let body: (String, inout Parameter) -> Void
    mutating func visitParameter(_ name: String, _ parameter: inout Parameter) throws { body(name, &parameter) }
}

extension Module {
    /// Calls `body` with the full name of every parameter and the parameter, for changing.
    public mutating func updateParameters(_ body: (String, inout Parameter) -> Void) {
        withoutActuallyEscaping(body) { body in
            var visitor = ClosureVisitor(body: body)
            do {
                try visitParameters(&visitor)
            } catch {
                fatalError("\(Self.self).visitParameters threw '\(error)' though its visitor did not")
            }
        }
    }

    /// Calls `body` with the full name of every parameter and the parameter.
    public func forEachParameter(_ body: (String, Parameter) -> Void) {
        var copy = self
        copy.updateParameters { name, parameter in body(name, parameter) }
    }

    /// The values of all parameters by name.
    public var parameters: [String: Tensor] {
        var result: [String: Tensor] = [:]
        forEachParameter { name, parameter in result[name] = parameter.value }
        return result
    }

    /// Number of parameter elements; `trainableOnly` leaves out frozen ones.
    public func parameterCount(trainableOnly: Bool = false) -> Int {
        var count = 0
        forEachParameter { _, parameter in
            if parameter.isTrainable || !trainableOnly { count += parameter.value.elementCount }
        }
        return count
    }

    /// Freezes (false) or thaws (true) the parameters whose full name the filter accepts.
    public mutating func setTrainable(_ isTrainable: Bool, where accepts: (String) -> Bool = { _ in true }) {
        updateParameters { name, parameter in
            if accepts(name) { parameter.isTrainable = isTrainable }
        }
    }
}
