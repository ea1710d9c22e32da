// The only place of the project that names BLAS.
#pragma once
#include <cblas.h>
