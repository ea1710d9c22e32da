#if MuJoCo
    public import LiberoTasks

    extension LiberoSimulator {
        /// A task of the built-in world.
        ///
        /// - Throws: `LiberoTasksError.unknownTask` when it is not one of ``BuiltInWorld/suite``,
        ///   ``LiberoSimulationError`` for another version of MuJoCo.
        public convenience init(builtIn task: LiberoTask) throws {
            try self.init(problem: BuiltInWorld.problem(of: task), sceneAssets: BuiltInWorld.assets)
        }
    }
#endif
