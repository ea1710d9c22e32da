extension SceneClass {
    /// LIBERO's problem classes that its suites use.
    static let libero: [SceneClass] = [tabletop, kitchen, study, livingRoom, floor]

    private static let tabletop = SceneClass(
        problemName: "libero_tabletop_manipulation",
        arena: "scenes/libero_tabletop_base_style.xml",
        workspaceBody: "table", workspaceCategory: "table", workspaceName: "main_table",
        workspaceOffset: [0, 0, 0.90], zoneOffset: [0, 0, 0.02],
        table: Table(size: [1.0, 1.2, 0.05], friction: "0.6 0.005 0.0001"),
        fixtureHeight: 0.01 - 0.05, shrinksRanges: true,
        robotBase: [-0.66, 0, 0.912], mount: pedestal, mountPosition: [0, 0, 0.01],
        textureFiles: grayRoom,
        cameras: [
            Camera(name: "agentview", position: [0.6586131746834771, 0, 1.6103500240372423], quaternion: highView),
            frontview(1, 1.48), galleryview,
        ])

    private static let kitchen = SceneClass(
        problemName: "libero_kitchen_tabletop_manipulation",
        arena: "scenes/libero_kitchen_tabletop_base_style.xml",
        workspaceBody: "table", workspaceCategory: "kitchen_table", workspaceName: "kitchen_table",
        workspaceOffset: [0, 0, 0.90], zoneOffset: [0, 0, 0],
        table: Table(size: [1.0, 1.2, 0.05], friction: "1 0.005 0.0001"),
        fixtureHeight: 0.01 - 0.05, shrinksRanges: false,
        robotBase: [-0.66, 0, 0.912], mount: pedestal, mountPosition: [0, 0, 0.01],
        textureFiles: ["texplane": "gray_ceramic_tile.png", "tex-wall": "yellow_linen_wall_texture.png"],
        cameras: [
            Camera(name: "agentview", position: [0.6586131746834771, 0, 1.6103500240372423], quaternion: highView),
            frontview(1, 1.48), galleryview, paperview([2.1, 0.535, 2.075]),
        ])

    private static let study = SceneClass(
        problemName: "libero_study_tabletop_manipulation",
        arena: "scenes/libero_study_base_style.xml",
        workspaceBody: "study_table", workspaceCategory: "study_table", workspaceName: "study_table",
        workspaceOffset: [-0.2, 0, 0.867], zoneOffset: [-0.2, 0, 0.867], table: nil,
        fixtureHeight: 0.01 - 0.05, shrinksRanges: false,
        robotBase: [-0.75, 0, 0.912], mount: pedestal, mountPosition: [0, 0, 0.01],
        textureFiles: grayRoom,
        cameras: [
            Camera(name: "agentview", position: [0.4586131746834771, 0, 1.6103500240372423], quaternion: highView),
            frontview(1, 1.48), galleryview, paperview([2.1, 0.535, 2.075]),
        ])

    private static let livingRoom = SceneClass(
        problemName: "libero_living_room_tabletop_manipulation",
        arena: "scenes/libero_living_room_tabletop_base_style.xml",
        workspaceBody: "living_room_table", workspaceCategory: "living_room_table",
        workspaceName: "living_room_table",
        workspaceOffset: [0, 0, 0.41], zoneOffset: [0, 0, 0.41], table: nil,
        fixtureHeight: 0.01 - 0.024, shrinksRanges: false,
        robotBase: [-0.51, 0, 0.42], mount: nothing, mountPosition: .zero,
        textureFiles: ["texplane": "seamless_wood_planks_floor.png", "tex-wall": "light-gray-plaster.png"],
        cameras: [
            Camera(name: "agentview", position: [0.6065773716836134, 0, 0.96], quaternion: lowView),
            frontview(1.5, 0.9), galleryview, paperview([2.1, 0.735, 1.875]),
        ])

    private static let floor = SceneClass(
        problemName: "libero_floor_manipulation",
        arena: "scenes/libero_floor_base_style.xml",
        workspaceBody: "floor", workspaceCategory: "floor", workspaceName: "floor",
        workspaceOffset: [0, 0, -0.035], zoneOffset: [0, 0, 0.02], table: nil,
        fixtureHeight: -0.025, shrinksRanges: true,
        robotBase: [-0.6, 0, 0], mount: nothing, mountPosition: .zero,
        textureFiles: grayRoom,
        cameras: [
            Camera(
                name: "agentview", position: [0.8965773716836134, 5.216182733499864e-07, 0.65], quaternion: lowView),
            frontview(1, 0.65), galleryview,
        ])

    private static let pedestal = "mounts/rethink_mount.xml"
    private static let nothing = "mounts/null_mount.xml"
    private static let grayRoom = ["texplane": "light-gray-floor-tile.png", "tex-wall": "light-gray-plaster.png"]

    private static let highView: SIMD4<Double> = [
        0.6380177736282349, 0.3048497438430786, 0.30484986305236816, 0.6380177736282349,
    ]
    private static let lowView: SIMD4<Double> = [
        0.6182166934013367, 0.3432307541370392, 0.3432314395904541, 0.6182177066802979,
    ]
    private static let galleryview = Camera(
        name: "galleryview", position: [2.844547668904445, 2.1279684793440667, 3.128616846013882],
        quaternion: [0.42261379957199097, 0.23374411463737488, 0.41646939516067505, 0.7702690958976746])

    private static func frontview(_ x: Double, _ z: Double) -> Camera {
        Camera(name: "frontview", position: [x, 0, z], quaternion: [0.56, 0.43, 0.43, 0.56])
    }

    private static func paperview(_ position: SIMD3<Double>) -> Camera {
        Camera(name: "paperview", position: position, quaternion: [0.513, 0.353, 0.443, 0.645])
    }
}
