// The public functions: each goes to the table of the instruction set that was chosen once. No arithmetic
// here.
#include "kernel_set.h"
#include "number_table.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Atomic(const pf_kernel_set *) pf_chosen;
// By a test, for its own thread. In the block that every thread has from its beginning: where the library is loaded by
// dlopen, a thread's first look at it would else allocate, and that is its first run.
#if defined(__ELF__)
__attribute__((tls_model("initial-exec")))
#endif
static _Thread_local const pf_kernel_set *pf_chosen_here;

/// Best first; every machine has the last.
static const char *const pf_set_names[] = {"avx512", "avx2", "baseline"};

/// The table of that name if this machine can run it, else NULL.
static const pf_kernel_set *pf_set_named(const char *name) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    int avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    if (avx512 && strcmp(name, "avx512") == 0) return &pf_avx512_set;
    if (avx2 && strcmp(name, "avx2") == 0) return &pf_avx2_set;
#endif
    return strcmp(name, "baseline") == 0 ? &pf_baseline_set : NULL;
}

/// The best that the machine has, or what PAGEFOLD_ISA names.
static const pf_kernel_set *pf_choose(void) {
    const char *wish = getenv("PAGEFOLD_ISA");
    const pf_kernel_set *set = wish ? pf_set_named(wish) : NULL;
    if (wish && !set) fprintf(stderr, "PAGEFOLD_ISA=%s is not known or not on this machine; ignored\n", wish);
    for (size_t i = 0; !set; i++) set = pf_set_named(pf_set_names[i]);
    atomic_store_explicit(&pf_chosen, set, memory_order_release);
    return set;
}

static inline const pf_kernel_set *pf_set(void) {
    if (pf_chosen_here) return pf_chosen_here;
    const pf_kernel_set *set = atomic_load_explicit(&pf_chosen, memory_order_acquire);
    return set ? set : pf_choose();
}

const char *pf_instruction_set(void) { return pf_set()->name; }

int32_t pf_choose_instruction_set(const char *name) {
    const pf_kernel_set *set = name ? pf_set_named(name) : NULL;
    if (name && !set) return 0;
    pf_chosen_here = set;
    return 1;
}

const pf_number_traits *pf_traits_of(int32_t format) {
    size_t count = sizeof pf_number_table / sizeof pf_number_table[0];
    return format >= 0 && (size_t)format < count ? &pf_number_table[format] : NULL;
}

size_t pf_single_convolution_scratch(const pf_convolution *convolution) {
    // A session may be run by a thread with a set of its own: there is room for each.
    size_t most = 0;
    for (size_t i = 0; i < sizeof pf_set_names / sizeof pf_set_names[0]; i++) {
        const pf_kernel_set *set = pf_set_named(pf_set_names[i]);
        size_t bytes = set ? set->single_convolution_scratch(convolution) : 0;
        if (bytes > most) most = bytes;
    }
    return most;
}

#define PF_KERNEL(result, name, parameters, arguments)                                                       \
    result pf_##name parameters { return pf_set()->name arguments; }
#include "kernel_list.h"
#undef PF_KERNEL
