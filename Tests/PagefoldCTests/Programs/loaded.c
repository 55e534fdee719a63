// The library loaded by dlopen: what a new thread allocates when it first looks for its kernels, and when it runs again.
// (Its first run may allocate: in the Swift runtime, for what that keeps of each thread.) Prints figures that
// CompiledProgramTests.swift expects; no example of how to use the library.
#include "pagefold.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_long allocations;

void *malloc(size_t size) {
    atomic_fetch_add(&allocations, 1);
    return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
    atomic_fetch_add(&allocations, 1);
    return __libc_calloc(count, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
    atomic_fetch_add(&allocations, 1);
    return __libc_memalign(alignment, size);
}

static void check(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "failed: %s\n", what);
    exit(1);
}

// A function of the library; C knows no cast from void * to it.
static void find(void *library, const char *name, void *function) {
    void *address = dlsym(library, name);
    check(address != NULL, name);
    memcpy(function, &address, sizeof address);
}

static pagefold_status (*run)(pagefold_session *);
static const char *(*instruction_set)(void);

static void *look_and_run(void *session) {
    static long counted[2];
    long before = atomic_load(&allocations);
    check(instruction_set() != NULL, "kernels");
    counted[0] = atomic_load(&allocations) - before;
    check(run(session) == PAGEFOLD_OK, "running");
    before = atomic_load(&allocations);
    check(run(session) == PAGEFOLD_OK, "running again");
    counted[1] = atomic_load(&allocations) - before;
    return counted;
}

int main(int argc, char **argv) {
    check(argc == 3, "library and fold file are named");
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    check(library != NULL, "dlopen");
    pagefold_status (*open_file)(const char *, pagefold_file **, char *, size_t);
    pagefold_status (*open_session)(
        const pagefold_file *, size_t, void *, size_t, pagefold_session **, char *, size_t
    );
    find(library, "pagefold_file_open", &open_file);
    find(library, "pagefold_session_open", &open_session);
    find(library, "pagefold_run", &run);
    find(library, "pagefold_instruction_set", &instruction_set);
    pagefold_file *file;
    long before = atomic_load(&allocations);
    check(open_file(argv[2], &file, NULL, 0) == PAGEFOLD_OK, "opening");
    check(atomic_load(&allocations) > before, "the counter sees the library's allocations");
    pagefold_session *session;
    check(open_session(file, 0, NULL, 0, &session, NULL, 0) == PAGEFOLD_OK, "session");
    pthread_t thread;
    void *counted;
    check(pthread_create(&thread, NULL, look_and_run, session) == 0, "thread");
    pthread_join(thread, &counted);
    printf("allocations of a new thread's first look: %ld\n", ((long *)counted)[0]);
    printf("allocations of its second run: %ld\n", ((long *)counted)[1]);
    return 0;
}
