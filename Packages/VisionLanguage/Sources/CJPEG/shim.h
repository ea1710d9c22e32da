// libjpeg: JPEG files. Its errors end the process unless they jump: CImageKernels/jpeg.c catches them.
#pragma once
#include <stdio.h>

#include <jpeglib.h>

#include <jerror.h>
