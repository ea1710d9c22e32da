/// Franka's Panda in primitives: its joints, limits and link lengths, robosuite's inertias, shapes of our own.
///
/// Names and frames are robosuite's, so that composer, controller and observations find what they look for. Links touch
/// the world but not each other.
enum BuiltInPanda {
    /// Frames: Franka's documentation, "Denavit–Hartenberg parameters"; ranges: its "Joint space limits".
    static let arm = """
        <mujoco model="panda">
          <actuator>
            <motor ctrllimited="true" ctrlrange="-80 80" joint="joint1" name="torq_j1"/>
            <motor ctrllimited="true" ctrlrange="-80 80" joint="joint2" name="torq_j2"/>
            <motor ctrllimited="true" ctrlrange="-80 80" joint="joint3" name="torq_j3"/>
            <motor ctrllimited="true" ctrlrange="-80 80" joint="joint4" name="torq_j4"/>
            <motor ctrllimited="true" ctrlrange="-80 80" joint="joint5" name="torq_j5"/>
            <motor ctrllimited="true" ctrlrange="-12 12" joint="joint6" name="torq_j6"/>
            <motor ctrllimited="true" ctrlrange="-12 12" joint="joint7" name="torq_j7"/>
          </actuator>
          <asset>
            <material name="shell" rgba="0.93 0.94 0.95 1" specular="0.4" shininess="0.5"/>
            <material name="joint" rgba="0.26 0.28 0.32 1" specular="0.4" shininess="0.4"/>
          </asset>
          <worldbody>
            <body name="base">
              <inertial pos="0 0 0" mass="0" diaginertia="0 0 0"/>
              <body name="link0">
                <inertial pos="0 0 0.05" mass="4" diaginertia="0.4 0.4 0.4"/>
                \(shape("cylinder", "0.095 0.0125", "pos='-0.02 0 0.0125'", "joint"))
                \(capsule("-0.1 0 0.06", "-0.02 0 0.06", 0.055))
                \(cylinder("0 0 0.02", "0 0 0.195", 0.07))
                \(touching("capsule", "0.06", "fromto='-0.09 0 0.06 0 0 0.08'"))
                <body name="link1" pos="0 0 0.333">
                  <inertial pos="0 0 -0.07" mass="3" diaginertia="0.3 0.3 0.3"/>
                  <joint name="joint1" axis="0 0 1" limited="true" range="-2.8973 2.8973" damping="0.1"/>
                  \(cylinder("0 0 -0.14", "0 0 -0.128", 0.0705, "joint"))
                  \(capsule("0 0 -0.08", "0 0 -0.02", 0.068))
                  \(touching("capsule", "0.06", "fromto='0 0 -0.2 0 0 -0.05'"))
                  <body name="link2" quat="0.707107 -0.707107 0 0">
                    <inertial pos="0 -0.1 0" mass="3" diaginertia="0.3 0.3 0.3"/>
                    <joint name="joint2" axis="0 0 1" limited="true" range="-1.7628 1.7628" damping="0.1"/>
                    \(cylinder("0 0 -0.08", "0 0 0.08", 0.067))
                    \(cylinder("0 0 -0.088", "0 0 0.088", 0.052, "joint"))
                    \(capsule("0 -0.02 0", "0 -0.14 0", 0.064))
                    \(touching("capsule", "0.06", "fromto='0 0 -0.06 0 0 0.06'"))
                    <body name="link3" pos="0 -0.316 0" quat="0.707107 0.707107 0 0">
                      <inertial pos="0.04 0 -0.05" mass="2" diaginertia="0.2 0.2 0.2"/>
                      <joint name="joint3" axis="0 0 1" limited="true" range="-2.8973 2.8973" damping="0.1"/>
                      \(cylinder("0 0 -0.13", "0 0 -0.118", 0.066, "joint"))
                      \(capsule("0 0 -0.11", "0 0 -0.05", 0.062))
                      \(capsule("0 0 -0.05", "0.0825 0 0", 0.057))
                      \(touching("capsule", "0.06", "fromto='0 0 -0.22 0 0 -0.07'"))
                      <body name="link4" pos="0.0825 0 0" quat="0.707107 0.707107 0 0">
                        <inertial pos="-0.04 0.05 0" mass="2" diaginertia="0.2 0.2 0.2"/>
                        <joint name="joint4" axis="0 0 1" limited="true" range="-3.0718 -0.0698" damping="0.1"/>
                        \(cylinder("0 0 -0.068", "0 0 0.068", 0.06))
                        \(cylinder("0 0 -0.076", "0 0 0.076", 0.046, "joint"))
                        \(capsule("0 0 0", "-0.0825 0.09 0", 0.056))
                        \(touching("capsule", "0.06", "fromto='0 0 -0.06 0 0 0.06'"))
                        <body name="link5" pos="-0.0825 0.384 0" quat="0.707107 -0.707107 0 0">
                          <inertial pos="0 0 -0.15" mass="2" diaginertia="0.2 0.2 0.2"/>
                          <joint name="joint5" axis="0 0 1" limited="true" range="-2.8973 2.8973" damping="0.1"/>
                          \(cylinder("0 0 -0.262", "0 0 -0.25", 0.0605, "joint"))
                          \(capsule("0 0 -0.24", "0 0.03 -0.12", 0.056))
                          \(capsule("0 0.03 -0.12", "0 0.012 -0.01", 0.05))
                          \(touching("capsule", "0.06", "fromto='0 0 -0.31 0 0 -0.21'"))
                          \(touching("capsule", "0.04", "fromto='0 0.05 -0.2 0 0.05 -0.06'"))
                          <body name="link6" quat="0.707107 0.707107 0 0">
                            <inertial pos="0.06 0 0" mass="1.5" diaginertia="0.1 0.1 0.1"/>
                            <joint name="joint6" axis="0 0 1" limited="true" range="-0.0175 3.7525" damping="0.01"/>
                            \(cylinder("0 0 -0.062", "0 0 0.062", 0.054))
                            \(cylinder("0 0 -0.07", "0 0 0.07", 0.042, "joint"))
                            \(capsule("0 0 0", "0.088 0 0", 0.05))
                            \(touching("capsule", "0.05", "fromto='0 0 -0.06 0 0 0.03'"))
                            <body name="link7" pos="0.088 0 0" quat="0.707107 0.707107 0 0">
                              <inertial pos="0 0 0.08" mass="0.5" diaginertia="0.05 0.05 0.05"/>
                              <joint name="joint7" axis="0 0 1" limited="true" range="-2.8973 2.8973" damping="0.01"/>
                              \(cylinder("0 0 -0.05", "0 0 0.075", 0.048))
                              \(cylinder("0 0 0.075", "0 0 0.107", 0.044, "joint"))
                              \(touching("capsule", "0.045", "fromto='0 0 0 0 0 0.06'"))
                              <body name="right_hand" pos="0 0 0.1065" quat="0.924 0 0 -0.383">
                                <inertial pos="0 0 0" mass="0.5" diaginertia="0.05 0.05 0.05"/>
                                <camera mode="fixed" name="eye_in_hand" pos="0.05 0 0" quat="0 0.707108 0.707108 0"
                                  fovy="75"/>
                              </body>
                            </body>
                          </body>
                        </body>
                      </body>
                    </body>
                  </body>
                </body>
              </body>
            </body>
          </worldbody>
        </mujoco>
        """

    /// Franka's hand: two fingers on slides of 4 cm each, moved by position actuators of at most 20 N.
    static let gripper = """
        <mujoco model="panda_hand">
          <asset>
            <material name="shell" rgba="0.93 0.94 0.95 1" specular="0.4" shininess="0.5"/>
            <material name="finger" rgba="0.3 0.31 0.34 1" specular="0.3" shininess="0.3"/>
            <material name="pad" rgba="0.13 0.13 0.15 1" specular="0" shininess="0"/>
          </asset>
          <actuator>
            <position ctrllimited="true" ctrlrange="0 0.04" joint="finger_joint1" kp="1000" name="gripper_finger_joint1"
              forcelimited="true" forcerange="-20 20"/>
            <position ctrllimited="true" ctrlrange="-0.04 0" joint="finger_joint2" kp="1000" name="gripper_finger_joint2"
              forcelimited="true" forcerange="-20 20"/>
          </actuator>
          <worldbody>
            <body name="right_gripper" quat="0.707107 0 0 -0.707107">
              <site name="ft_frame" size="0.01 0.01 0.01" rgba="1 0 0 1" type="sphere" group="1"/>
              <inertial pos="0 0 0.17" quat="0.707107 0.707107 0 0" mass="0.3" diaginertia="0.09 0.07 0.05"/>
              \(shape("cylinder", "0.042 0.006", "pos='0 0 0.006'", "finger"))
              \(shape("capsule", "0.0275 0.068", "pos='0 0 0.034' zaxis='1 0 0'", "shell"))
              \(shape("box", "0.096 0.024 0.016", "pos='0 0 0.044'", "shell"))
              \(shape("box", "0.085 0.012 0.004", "pos='0 0 0.0605'", "finger"))
              <geom name="hand_collision" type="box" size="0.1 0.03 0.03" pos="0 0 0.033"/>
              <body name="eef" pos="0 0 0.097">
                <site name="grip_site" size="0.01 0.01 0.01" rgba="1 0 0 0.5" type="sphere" group="1"/>
              </body>
              <body name="leftfinger" pos="0 0 0.0524" quat="0.707107 0 0 0.707107">
                <inertial pos="0 0 0.05" mass="0.1" diaginertia="0.01 0.01 0.005"/>
                <joint name="finger_joint1" axis="0 1 0" type="slide" limited="true" range="0 0.04" damping="100"
                  armature="1" frictionloss="1"/>
                \(finger(1))
              </body>
              <body name="rightfinger" pos="0 0 0.0524" quat="0.707107 0 0 0.707107">
                <inertial pos="0 0 0.05" mass="0.1" diaginertia="0.01 0.01 0.005"/>
                <joint name="finger_joint2" axis="0 1 0" type="slide" limited="true" range="-0.04 0" damping="100"
                  armature="1" frictionloss="1"/>
                \(finger(-1))
              </body>
            </body>
          </worldbody>
          <sensor>
            <force name="force_ee" site="ft_frame"/>
            <torque name="torque_ee" site="ft_frame"/>
          </sensor>
        </mujoco>
        """

    /// A column on a foot under the arm.
    static let pedestal = """
        <mujoco model="pedestal">
          <asset><material name="steel" rgba="0.36 0.38 0.42 1" specular="0.3" shininess="0.3"/></asset>
          <worldbody>
            <body name="base">
              <geom name="pedestal_vis" type="cylinder" fromto="0 0 -0.88 0 0 0" size="0.11" contype="0" conaffinity="0"
                group="1" material="steel"/>
              <geom name="foot_vis" type="cylinder" fromto="0 0 -0.912 0 0 -0.88" size="0.26" contype="0"
                conaffinity="0" group="1" material="steel"/>
              <geom name="pedestal_col" type="cylinder" fromto="0 0 -0.9 0 0 -0.03" size="0.11" contype="2"
                conaffinity="1"/>
            </body>
          </worldbody>
        </mujoco>
        """

    // MARK: - Shapes

    /// Something seen and not felt.
    private static func shape(_ type: String, _ size: String, _ place: String, _ material: String) -> String {
        "<geom type='\(type)' size='\(size)' \(place) material='\(material)' group='1' contype='0' conaffinity='0'/>"
    }

    /// Something felt and not seen; the bits let it touch the world and not other links.
    private static func touching(_ type: String, _ size: String, _ place: String) -> String {
        "<geom type='\(type)' size='\(size)' \(place) contype='2' conaffinity='1'/>"
    }

    private static func capsule(_ start: String, _ end: String, _ radius: Double) -> String {
        shape("capsule", "\(radius)", "fromto='\(start) \(end)'", "shell")
    }

    private static func cylinder(
        _ start: String, _ end: String, _ radius: Double, _ material: String = "shell"
    ) -> String {
        shape("cylinder", "\(radius)", "fromto='\(start) \(end)'", material)
    }

    /// A finger; its inner side is the plane y = 0 when the gripper is closed. `side` is 1 or −1.
    private static func finger(_ side: Int) -> String {
        let index = side > 0 ? 1 : 2
        func place(_ y: Double, _ z: Double) -> String { "pos='0 \(Double(side) * y) \(z)'" }
        return """
            \(shape("box", "0.0105 0.0085 0.014", place(0.0125, 0.014), "shell"))
            \(shape("box", "0.0095 0.0055 0.014", place(0.0095, 0.039), "finger"))
            \(shape("box", "0.009 0.002 0.0095", place(0.002, 0.0435), "pad"))
            <geom name='finger\(index)_collision' type='box' size='0.01 0.006 0.026' \(place(0.0105, 0.027))
              contype='0' conaffinity='1' solref='0.02 1' friction='1 0.005 0.0001' condim='4'/>
            <body name='finger_joint\(index)_tip' \(place(0.0085, 0.056))>
              <inertial pos='0 0 0' mass='0.01' diaginertia='0.01 0.01 0.01'/>
              <geom name='finger\(index)_pad_collision' type='box' size='0.009 0.004 0.0095' \(place(-0.0045, -0.0125))
                contype='1' conaffinity='1' solref='0.01 0.5' friction='2 0.05 0.0001'/>
            </body>
            """
    }
}
