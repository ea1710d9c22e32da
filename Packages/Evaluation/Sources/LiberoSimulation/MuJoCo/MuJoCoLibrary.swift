#if MuJoCo
    import CMuJoCo

    /// The loaded libmujoco.
    enum MuJoCoLibrary {
        /// The version whose physics the golden values are from.
        static let neededVersion = "3.3.7"

        /// Compares the loaded library and the headers with ``neededVersion``; once a process.
        ///
        /// Nothing of MuJoCo may be called before: other versions lay `mjModel` out differently.
        /// - Throws: ``LiberoSimulationError/wrongMuJoCoVersion(found:needed:)``.
        static func check() throws(LiberoSimulationError) {
            try checked.get()
        }

        private static let checked: Result<Void, LiberoSimulationError> = {
            let found = String(cString: mj_versionString())
            guard found == neededVersion, mj_version() == mjVERSION_HEADER else {
                return .failure(.wrongMuJoCoVersion(found: found, needed: neededVersion))
            }
            // warnings are counted in mjData.warning; MuJoCo's own handler writes a file into the working folder
            libero_silence_warnings { _ in }
            return .success(())
        }()
    }
#endif
