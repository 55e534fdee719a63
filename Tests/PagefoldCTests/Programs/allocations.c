// Counts what pagefold.h's functions allocate, by standing in for malloc and free (glibc), and runs one file
// on several threads. Prints figures that CompiledProgramTests.swift expects; no example of how to use the library.
#include "pagefold.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

static atomic_long allocations, frees;

void *malloc(size_t size) {
    atomic_fetch_add(&allocations, 1);
    return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
    atomic_fetch_add(&allocations, 1);
    return __libc_calloc(count, size);
}
void *realloc(void *block, size_t size) {
    atomic_fetch_add(&allocations, block == NULL);
    return __libc_realloc(block, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
    atomic_fetch_add(&allocations, 1);
    return __libc_memalign(alignment, size);
}
int posix_memalign(void **block, size_t alignment, size_t size) {
    atomic_fetch_add(&allocations, 1);
    *block = __libc_memalign(alignment, size);
    return *block ? 0 : 12;
}
void free(void *block) {
    atomic_fetch_add(&frees, block != NULL);
    __libc_free(block);
}

static void check(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "failed: %s\n", what);
    exit(1);
}

static void fill(pagefold_session *session) {
    size_t count = pagefold_session_network(session)->input_count;
    for (size_t i = 0; i < count; i++) pagefold_session_input(session)[i] = (float)(i * 7 % 11) / 11;
}

// A network on 17 samples. Returns what the runs allocated, the first one excepted, which loads.
static long run_batch(pagefold_file *file, size_t index, int runs) {
    const pagefold_network *network = pagefold_file_network(file, index);
    pagefold_batch *batch;
    float *samples = calloc(17 * network->input_count, sizeof(float));
    float *answers = calloc(17 * network->output_count, sizeof(float));
    check(pagefold_batch_open(file, index, NULL, 0, &batch, NULL, 0) == PAGEFOLD_OK, "batch");
    check(pagefold_batch_run(batch, samples, 17, answers) == PAGEFOLD_OK, "batch runs");
    long start = atomic_load(&allocations);
    for (int run = 0; run < runs; run++) pagefold_batch_run(batch, samples, 17, answers);
    long counted = atomic_load(&allocations) - start;
    pagefold_batch_close(batch);
    free(samples);
    free(answers);
    return counted;
}

// Every network of a file, in the caller's memory and in the session's own. Returns what the runs allocated.
static long open_and_run(const char *path, const pagefold_memory *memory, int runs) {
    pagefold_file *file;
    long before = atomic_load(&allocations), counted = 0;
    check(pagefold_file_open_in(path, memory, &file, NULL, 0) == PAGEFOLD_OK, "opening");
    check(atomic_load(&allocations) > before, "the counter sees the library's allocations");
    size_t count = pagefold_file_network_count(file);
    pagefold_session *last = NULL;
    for (size_t i = 0; i < count; i++) {
        const pagefold_network *network = pagefold_file_network(file, i);
        void *arena = aligned_alloc(64, (network->arena_bytes + 63) / 64 * 64);
        pagefold_session *given, *own;
        check(
            pagefold_session_open(file, i, arena, network->arena_bytes, &given, NULL, 0) == PAGEFOLD_OK,
            "arena"
        );
        check(pagefold_session_open(file, i, NULL, 0, &own, NULL, 0) == PAGEFOLD_OK, "own arena");
        char *input = (char *)pagefold_session_input(given);
        check(input >= (char *)arena && input < (char *)arena + network->arena_bytes, "the arena is in use");
        check(pagefold_session_load(given, NULL, 0) == PAGEFOLD_OK, "loading");
        for (int run = 0; run < runs; run++) {
            fill(given);
            long start = atomic_load(&allocations);
            pagefold_run(given);
            counted += atomic_load(&allocations) - start;
        }
        fill(own);
        pagefold_run(own);
        size_t bytes = network->output_count * sizeof(float);
        check(
            memcmp(pagefold_session_output(given), pagefold_session_output(own), bytes) == 0, "same answers"
        );
        counted += run_batch(file, i, runs);
        pagefold_session_close(given);
        free(arena);
        pagefold_session_unload(own);
        pagefold_session_close(last);
        last = own;
    }
    // The last session keeps the file.
    pagefold_file_close(file);
    fill(last);
    check(pagefold_run(last) == PAGEFOLD_OK, "running after the file was closed");
    check(strlen(pagefold_session_network(last)->name) > 0, "the network's description stays");
    pagefold_session_close(last);
    return counted;
}

static pagefold_file *shared;
static float expected[1024];

static void *run_on_thread(void *differences) {
    for (int repetition = 0; repetition < 50; repetition++) {
        pagefold_session *session;
        check(pagefold_session_open(shared, 0, NULL, 0, &session, NULL, 0) == PAGEFOLD_OK, "thread");
        fill(session);
        pagefold_run(session);
        size_t bytes = pagefold_session_network(session)->output_count * sizeof(float);
        if (memcmp(pagefold_session_output(session), expected, bytes) != 0) {
            atomic_fetch_add((atomic_int *)differences, 1);
        }
        pagefold_session_close(session);
    }
    return NULL;
}

// One file used by several threads at the same time, each with sessions of its own.
static int run_on_threads(const char *path) {
    check(pagefold_file_open(path, &shared, NULL, 0) == PAGEFOLD_OK, "opening");
    pagefold_session *session;
    check(pagefold_session_open(shared, 0, NULL, 0, &session, NULL, 0) == PAGEFOLD_OK, "session");
    fill(session);
    pagefold_run(session);
    size_t count = pagefold_session_network(session)->output_count;
    check(count <= sizeof expected / sizeof *expected, "a small answer");
    memcpy(expected, pagefold_session_output(session), count * sizeof(float));
    pagefold_session_close(session);
    static atomic_int differences;
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, run_on_thread, &differences);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    pagefold_file_close(shared);
    return atomic_load(&differences);
}

static int mappings_of_folds(void) {
    char line[4096];
    int found = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    check(maps != NULL, "/proc/self/maps");
    while (fgets(line, sizeof line, maps)) found += strstr(line, ".fold\n") != NULL;
    fclose(maps);
    return found;
}

int main(int argc, char **argv) {
    check(argc == 2, "a fold file is named");
    // Once mapped, once with room for the exclusive pages of one network.
    const pagefold_memory limited = {.size = sizeof limited, .exclusive_bytes = 2 * 16 * sizeof(float)};
    const pagefold_memory *plans[] = {NULL, &limited};
    long counted = 0;
    for (int i = 0; i < 2; i++) open_and_run(argv[1], plans[i], 1);  // What is set up once does not count.
    for (int i = 0; i < 2; i++) counted += open_and_run(argv[1], plans[i], 100);
    printf("allocations of 100 runs of each network: %ld\n", counted);
    printf("differences of 4 threads: %d\n", run_on_threads(argv[1]));
    long before = atomic_load(&allocations) - atomic_load(&frees);
    for (int i = 0; i < 10; i++) open_and_run(argv[1], plans[i % 2], 1);
    printf("blocks left by 10 openings: %ld\n", atomic_load(&allocations) - atomic_load(&frees) - before);
    printf("files still mapped: %d\n", mappings_of_folds());
    return 0;
}
