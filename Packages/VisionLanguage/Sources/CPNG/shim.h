// libpng: PNG files. Its errors jump, which Swift cannot follow: CImageKernels/png.c catches them.
#pragma once
#include <stdio.h>

#include <png.h>
