// What the kernels include, apart: a variant's target attribute must not reach into system headers.
#pragma once
#include <math.h>
#include <string.h>

#include "../table.h"
