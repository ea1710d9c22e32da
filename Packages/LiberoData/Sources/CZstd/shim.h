// zstd: frames of Parquet pages.
#pragma once
#include <zstd.h>
