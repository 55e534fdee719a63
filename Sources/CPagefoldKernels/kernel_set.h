// The table of kernels of one instruction set; filled by set_*.c from the same sources, chosen in dispatch.c.
#ifndef PF_KERNEL_SET_H
#define PF_KERNEL_SET_H

#include "CPagefoldKernels.h"

typedef struct {
    const char *name;
    /// Not in the list: what is public asks all sets.
    size_t (*single_convolution_scratch)(const pf_convolution *convolution);
#define PF_KERNEL(result, name, parameters, arguments) result(*name) parameters;
#include "kernel_list.h"
#undef PF_KERNEL
} pf_kernel_set;

extern const pf_kernel_set pf_baseline_set;
#if defined(__x86_64__)
extern const pf_kernel_set pf_avx2_set;
extern const pf_kernel_set pf_avx512_set;
#endif

#endif
