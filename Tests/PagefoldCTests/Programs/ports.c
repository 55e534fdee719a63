// Runs a network with several inputs, outputs and states: ports FOLD. Prints what StatePortTests.swift expects; counts what
// runs allocate by standing in for malloc (glibc). No example of how to use the library.
#include "pagefold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__libc_malloc(size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static long allocations;

void *malloc(size_t size) {
    allocations++;
    return __libc_malloc(size);
}
int posix_memalign(void **block, size_t alignment, size_t size) {
    allocations++;
    *block = __libc_memalign(alignment, size);
    return *block ? 0 : 12;
}

static void check(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "failed: %s\n", what);
    exit(1);
}

// The same numbers as in StatePortTests.swift.
static void fill(pagefold_session *session, int run) {
    const pagefold_network *network = pagefold_session_network(session);
    for (size_t port = 0; port < network->input_port_count; port++) {
        float *input = pagefold_session_input_at(session, port);
        for (size_t i = 0; i < network->inputs[port]->count; i++) {
            input[i] = (float)((i * 7 + (size_t)run * 3 + port) % 11) / 11;
        }
    }
}

static void print_port(const pagefold_port *port) {
    printf("%s %zux%zux%zu", port->name, port->shape.channels, port->shape.height, port->shape.width);
    for (size_t i = 0; i < port->axis_count; i++) printf(" %zu/%d", port->axes[i].size, (int)port->axes[i].kind);
    printf(
        " %d %g %d %d %d \"%s\" %zu\n", (int)port->element, (double)port->scale, (int)port->zero_point,
        (int)port->meaning, (int)port->is_probability, port->preprocessing, port->label_count
    );
    for (size_t i = 0; i < port->label_count; i++) printf("label %s\n", port->labels[i]);
}

int main(int argc, char **argv) {
    check(argc == 2, "usage");
    char error[PAGEFOLD_ERROR_SIZE];
    pagefold_file *file;
    check(pagefold_file_open(argv[1], &file, error, sizeof error) == PAGEFOLD_OK, error);
    const pagefold_network *network = pagefold_file_network(file, 0);
    printf(
        "%s %zu %zu %zu %zu %zu %zu\n", network->name, network->input_port_count, network->output_port_count,
        network->input_count, network->output_count, network->class_count, network->state_bytes
    );
    for (size_t i = 0; i < network->input_port_count; i++) print_port(network->inputs[i]);
    for (size_t i = 0; i < network->output_port_count; i++) print_port(network->outputs[i]);

    pagefold_session *session;
    check(pagefold_session_open(file, 0, NULL, 0, &session, error, sizeof error) == PAGEFOLD_OK, error);
    check(pagefold_session_input(session) == NULL, "the simple input of several");
    check(pagefold_session_output(session) == NULL, "the simple output of several");
    check(pagefold_session_input_at(session, network->input_port_count) == NULL, "an input too many");
    check(pagefold_session_output_at(session, (size_t)-1) == NULL, "an output far too many");
    check(pagefold_session_input_at(NULL, 0) == NULL && pagefold_session_output_at(NULL, 0) == NULL, "no session");
    pagefold_session_reset(NULL);
    for (int round = 0; round < 2; round++) {
        long before = allocations;
        for (int run = 0; run < 100; run++) {
            fill(session, run);
            check(pagefold_run(session) == PAGEFOLD_OK, "a run");
        }
        if (round == 1) printf("allocations %ld\n", allocations - before);
        for (size_t port = 0; port < network->output_port_count; port++) {
            const float *output = pagefold_session_output_at(session, port);
            for (size_t i = 0; i < network->outputs[port]->count; i++) printf("%.9g\n", (double)output[i]);
        }
        pagefold_session_reset(session);
    }
    pagefold_session_close(session);

    pagefold_batch *batch;
    check(
        pagefold_batch_open(file, 0, NULL, 0, &batch, error, sizeof error) == PAGEFOLD_BAD_FILE && batch == NULL,
        "a batch with states"
    );
    printf("%s\n", strstr(error, "it has states") ? "states told" : error);
    pagefold_file_close(file);
    return 0;
}
