// The only place of the project that names MuJoCo.
#pragma once
#include <mujoco/mujoco.h>

// The last message of MuJoCo; by default warnings go to a file in the working folder.
static inline void libero_silence_warnings(void (*handler)(const char *)) { mju_user_warning = handler; }
