#include "gl_context.h"
