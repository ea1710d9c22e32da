import LiberoTasks

/// Builds the MuJoCo model of a BDDL problem as robosuite 1.4 and LIBERO do: base, room, robot, objects, fixtures.
struct SceneComposer {
    let problem: BDDLProblem
    let assets: any SceneAssets
    private let sceneClass: SceneClass
    /// What has been added, to skip assets that are there.
    private var root: MJCFElement
    private var assetNames: Set<[String]> = []

    private init(_ problem: BDDLProblem, assets: any SceneAssets) throws(LiberoSimulationError) {
        self.problem = problem
        self.assets = assets
        sceneClass = try assets.sceneClass(problem.name)
        root = try assets.document(assets.robotFiles.base)
    }

    /// Composes the scene of a problem.
    ///
    /// - Parameter isDrawn: Whether images are wanted. Without, what is only seen is left out, which compiles several times
    ///   faster; bodies, joints, sites and collision shapes stay, in their order.
    /// - Throws: ``LiberoSimulationError`` when a name is unknown or a file is missing or damaged.
    static func compose(
        _ problem: BDDLProblem, assets: any SceneAssets, isDrawn: Bool = true
    ) throws(LiberoSimulationError) -> ComposedScene {
        var composer = try SceneComposer(problem, assets: assets)
        return try composer.compose(isDrawn: isDrawn)
    }

    private mutating func compose(isDrawn: Bool) throws(LiberoSimulationError) -> ComposedScene {
        guard let option = root.first("option") else { throw damaged(assets.robotFiles.base, "no <option>") }
        option["timestep"] = "0.002"

        // room and robot
        try merge(arena())
        try merge(RobotComposer(assets: assets, sceneClass: sceneClass).compose())

        // things that move, then fixtures; the room's own fixture is there already
        var models: [ObjectModel] = []
        let fixtures = problem.fixtures.filter { $0.category != sceneClass.workspaceCategory }
        for (categories, isFixture) in [(problem.objects, false), (fixtures, true)] {
            for entry in categories {
                let category = try assets.category(entry.category)
                for instance in entry.instances {
                    let model = try ObjectModel(
                        instance, categoryName: entry.category, category: category, isFixture: isFixture,
                        document: assets.document(category.path))
                    models.append(model)
                    try merge(model.document)
                }
            }
        }

        if !isDrawn { root.removeVisuals() }
        var text = ""
        root.write(to: &text)
        return ComposedScene(
            xml: text, sceneClass: sceneClass, objects: models.map(\.object), regions: try regions(of: models))
    }

    /// Appends a document's assets, bodies and the rest to the scene.
    private mutating func merge(_ document: MJCFElement) throws(LiberoSimulationError) {
        for name in ["worldbody", "asset", "actuator", "sensor", "equality", "tendon", "contact"] {
            guard let source = document.first(name) else { continue }
            let target = root.first(name) ?? MJCFElement(name)
            if root.first(name) == nil { root.append(target) }
            for child in source.children {
                // an asset that is there already is skipped: flat_stove.xml repeats a texture
                if name == "asset", let key = child["name"], !assetNames.insert([child.name, key]).inserted {
                    continue
                }
                target.append(child)
            }
        }
    }

    // MARK: - Room

    private func arena() throws(LiberoSimulationError) -> MJCFElement {
        let arena = try assets.document(sceneClass.arena)
        guard let world = arena.first("worldbody") else { throw damaged(sceneClass.arena, "no <worldbody>") }
        for texture in arena.first("asset")?.children ?? [] {
            guard let file = sceneClass.textureFiles[texture["name"] ?? ""], let old = texture["file"] else { continue }
            texture["file"] =
                old.split(separator: "/", omittingEmptySubsequences: false).dropLast()
                .joined(separator: "/") + "/" + file
        }

        for camera in sceneClass.cameras {
            let element = world.first("camera", named: camera.name) ?? MJCFElement("camera", ["name": camera.name])
            if element["pos"] == nil { world.append(element) }
            element["pos"] = text(camera.position)
            element["quat"] = text(camera.quaternion)
        }

        guard let workspace = world.first("body", named: sceneClass.workspaceBody) else {
            throw damaged(sceneClass.arena, "no body '\(sceneClass.workspaceBody)'")
        }
        if let table = sceneClass.table { try setUp(workspace, table) }
        for region in problem.regions where region.key.contains(sceneClass.workspaceName) {
            guard let zone = Zone(region, offset: sceneClass.zoneOffset) else { continue }
            workspace.append(
                MJCFElement(
                    "site",
                    [
                        "name": region.key, "type": "box", "pos": text(zone.center), "quat": "1 0 0 0",
                        "size": text(zone.halfSize), "rgba": text(region.color),
                    ]))
        }

        for geom in world.descendants("geom") where isGroupZero(geom) && geom["name"] != "floor" {
            paint(geom, "0.5 0.5 0 1")
        }
        return arena
    }

    /// Gives a table its size, its legs included.
    private func setUp(_ body: MJCFElement, _ table: SceneClass.Table) throws(LiberoSimulationError) {
        let half = table.size / 2
        let center = sceneClass.workspaceOffset - [0, 0, half.z]
        body["pos"] = text(center)
        guard let collision = body.first("geom", named: "table_collision"),
            let visual = body.first("geom", named: "table_visual"), let top = body.first("site", named: "table_top")
        else { throw damaged(sceneClass.arena, "no table_collision, table_visual or table_top") }
        collision["size"] = text(half)
        collision["friction"] = table.friction
        visual["size"] = text(half)
        top["pos"] = text(SIMD3(0, 0, half.z))
        let height = center.z / 2
        for (index, d) in [(0.1, 0.1), (-0.1, 0.1), (-0.1, -0.1), (0.1, -0.1)].enumerated() {
            guard let leg = body.first("geom", named: "table_leg\(index + 1)_visual") else { continue }
            let x = (d.0 > 0 ? half.x : -half.x) - d.0
            let y = (d.1 > 0 ? half.y : -half.y) - d.1
            leg["pos"] = text(SIMD3(x, y, -height))
            leg["size"] = "0.025 \(height)"
        }
    }

    // MARK: - Regions

    private func regions(of models: [ObjectModel]) throws(LiberoSimulationError) -> [String: SceneRegion] {
        var regions: [String: SceneRegion] = [:]
        for region in problem.regions {
            if region.key.contains(sceneClass.workspaceName) {
                guard let zone = Zone(region, offset: sceneClass.zoneOffset) else { continue }
                regions[region.key] = SceneRegion(key: region.key, parent: nil, joints: [], halfSize: zone.halfSize)
            } else {
                // of several that match, the last counts; a region of something that is not in the scene has none
                for model in models {
                    if let found = model.region(region.key) { regions[region.key] = found }
                }
            }
        }
        return regions
    }

    private func damaged(_ path: String, _ reason: String) -> LiberoSimulationError {
        .damagedAsset(path: "\(assets.name)/\(path)", line: nil, reason: reason)
    }
}

/// A zone of the workspace as a box.
private struct Zone {
    var center: SIMD3<Double>
    var halfSize: SIMD3<Double>

    init?(_ region: BDDLRegion, offset: SIMD3<Double>) {
        guard let rectangle = region.ranges.first else { return nil }
        center =
            SIMD3((rectangle.upperX + rectangle.lowerX) / 2, (rectangle.upperY + rectangle.lowerY) / 2, 0) + offset
        halfSize = [(rectangle.upperX - rectangle.lowerX) / 2, (rectangle.upperY - rectangle.lowerY) / 2, 0.007]
    }
}

/// Whether a geom touches things: group 0, the default.
func isGroupZero(_ geom: MJCFElement) -> Bool { geom["group"] == nil || geom["group"] == "0" }

/// Gives a geom a color in place of its material.
func paint(_ geom: MJCFElement, _ color: String) {
    geom["rgba"] = color
    geom["material"] = nil
}

/// Numbers as an attribute; the shortest text that reads back as the same number.
func text(_ v: SIMD3<Double>) -> String { "\(v.x) \(v.y) \(v.z)" }
func text(_ v: SIMD4<Double>) -> String { "\(v.x) \(v.y) \(v.z) \(v.w)" }
