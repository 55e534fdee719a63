// The kernels for the instructions that every machine of this architecture has: SSE2, or NEON on arm64.
#include <stddef.h>
#include <stdint.h>

#define PF_WIDTH 4
#if defined(__aarch64__)
#define PF_REGISTERS 32
#else
#define PF_REGISTERS 16
#endif
#define PF_SET pf_baseline_set
#define PF_SET_NAME "baseline"

#include "kernels/all.h"
