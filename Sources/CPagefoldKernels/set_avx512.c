// The kernels for AVX-512: same sources, wider registers. Runs only where dispatch.c has seen the
// instructions.
#if defined(__x86_64__)
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PF_WIDTH 16
#define PF_REGISTERS 32
#define PF_SET pf_avx512_set
#define PF_SET_NAME "avx512"

#pragma clang attribute push(                                                                                \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"), min_vector_width(512))),           \
    apply_to = function                                                                                      \
)
#include "kernels/all.h"
#pragma clang attribute pop
#endif
