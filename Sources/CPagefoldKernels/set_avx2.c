// The kernels for AVX2: same sources, wider registers. Runs only where dispatch.c has seen the instructions.
#if defined(__x86_64__)
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PF_WIDTH 8
#define PF_REGISTERS 16
#define PF_SET pf_avx2_set
#define PF_SET_NAME "avx2"

#pragma clang attribute push(__attribute__((target("avx2,fma"), min_vector_width(256))), apply_to = function)
#include "kernels/all.h"
#pragma clang attribute pop
#endif
