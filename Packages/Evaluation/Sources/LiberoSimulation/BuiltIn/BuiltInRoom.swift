/// The built-in world's settings, room and table.
enum BuiltInRoom {
    /// Solver settings as robosuite's, with which contacts and grasps behave as in LIBERO.
    static let base = """
        <mujoco model="base">
          <compiler angle="radian" inertiagrouprange="0 0"/>
          <option impratio="20" cone="elliptic" density="1.2" viscosity="0.00002"><flag multiccd="enable"/></option>
          <size nconmax="500" njmax="1000"/>
          <asset/>
          <statistic center="-0.1 0 0.95" extent="1" meansize="0.1"/>
          <visual>
            <map znear="0.001" shadowclip="0.9"/>
            <quality shadowsize="1024"/>
            <headlight ambient="0.35 0.35 0.35" diffuse="0.25 0.25 0.25" specular="0 0 0"/>
          </visual>
          <actuator/>
          <worldbody/>
        </mujoco>
        """

    /// A room with two walls, a table that the scene class gives its size, light from the front left, cameras to look
    /// at the whole.
    static let arena = """
        <mujoco model="table">
          <asset>
            <texture name="sky" type="skybox" builtin="gradient" rgb1="0.75 0.82 0.9" rgb2="0.35 0.42 0.52" width="32"
              height="192"/>
            <texture name="texplane" type="2d" builtin="checker" rgb1="0.62 0.63 0.65" rgb2="0.57 0.58 0.6" mark="edge"
              markrgb="0.5 0.5 0.52" width="128" height="128"/>
            <material name="floorplane" texture="texplane" texrepeat="3 3" texuniform="true" specular="0"
              reflectance="0"/>
            <texture name="tex-table" type="2d" builtin="flat" rgb1="0.80 0.70 0.57" mark="random"
              markrgb="0.74 0.63 0.49" random="0.06" width="256" height="256"/>
            <material name="table_texture" texture="tex-table" texrepeat="1 1" specular="0.15" shininess="0.2"
              reflectance="0"/>
            <material name="table_legs" rgba="0.32 0.33 0.36 1" specular="0.3" reflectance="0"/>
            <material name="walls" rgba="0.83 0.84 0.82 1" specular="0" reflectance="0"/>
          </asset>
          <worldbody>
            <geom name="floor" type="plane" size="3 3 0.125" group="1" condim="3" material="floorplane"/>
            <geom name="wall_rear_visual" type="box" pos="-1.8 0 1.5" size="0.02 3 1.5" contype="0" conaffinity="0"
              group="1" material="walls"/>
            <geom name="wall_left_visual" type="box" pos="0 2.2 1.5" size="2.5 0.02 1.5" contype="0" conaffinity="0"
              group="1" material="walls"/>
            <body name="table" pos="0 0 0.875">
              <geom name="table_collision" type="box" size="0.4 0.4 0.025" friction="1 0.005 0.0001"/>
              <geom name="table_visual" type="box" size="0.4 0.4 0.025" contype="0" conaffinity="0" group="1"
                material="table_texture"/>
              <site name="table_top" pos="0 0 0.025" size="0.001 0.001 0.001" rgba="0 0 0 0"/>
              <geom name="table_leg1_visual" type="cylinder" size="0.03 0.4" contype="0" conaffinity="0" group="1"
                material="table_legs"/>
              <geom name="table_leg2_visual" type="cylinder" size="0.03 0.4" contype="0" conaffinity="0" group="1"
                material="table_legs"/>
              <geom name="table_leg3_visual" type="cylinder" size="0.03 0.4" contype="0" conaffinity="0" group="1"
                material="table_legs"/>
              <geom name="table_leg4_visual" type="cylinder" size="0.03 0.4" contype="0" conaffinity="0" group="1"
                material="table_legs"/>
            </body>
            <light name="key" pos="0.8 1 2.75" dir="-0.45 -0.5 -0.9" directional="true" diffuse="0.5 0.5 0.48"
              specular="0.2 0.2 0.2" castshadow="false"/>
            <light name="fill" pos="0.5 -2 2.5" dir="-0.3 0.7 -0.6" directional="true" diffuse="0.18 0.18 0.2"
              specular="0 0 0" castshadow="false"/>
            <camera name="sideview" mode="fixed" pos="1.05 -1 1.72" xyaxes="0.6402 0.7682 0
              -0.2755 0.2296 0.9335"/>
          </worldbody>
        </mujoco>
        """
}
