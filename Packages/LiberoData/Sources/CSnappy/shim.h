// snappy: raw blocks of Parquet pages. The header uses size_t without its own include.
#pragma once
#include <stddef.h>
#include <snappy-c.h>
