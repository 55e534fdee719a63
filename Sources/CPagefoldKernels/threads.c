// Worker threads: they take tickets from one counter, spin briefly for the next run, then sleep.
// It knows nothing of kernels and splits no work itself.
#include "CPagefoldKernels.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#if defined(__x86_64__)
#define PF_RELAX() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define PF_RELAX() __asm__ volatile("yield")
#else
#define PF_RELAX() ((void)0)
#endif

// How long a thread looks for work before it sleeps. Long enough for the gap between two runs of a training
// step, short enough not to take the processor from a neighbour.
#define PF_SPIN_NANOSECONDS 30000

typedef void pf_work(void *context, int32_t ticket, int32_t thread);

typedef struct {
    struct pf_workers *crew;
    int32_t number;
    pthread_t thread;
} pf_worker;

struct pf_workers {
    // The run's number in the high half, the next ticket in the low half: a late worker of an old run can
    // never take a ticket of a new one, because its number no longer matches.
    _Alignas(64) _Atomic uint64_t next;
    _Alignas(64) _Atomic int32_t left;  // tickets not yet done
    _Alignas(64) _Atomic uint32_t run;  // number of the present run
    _Atomic int32_t sleepers, caller_sleeps, stop;
    _Atomic int32_t tickets;
    _Atomic(pf_work *) work;
    _Atomic(void *) context;
    pthread_mutex_t mutex;
    pthread_cond_t start, done;
    int32_t threads;
    pf_worker *workers;
};

static uint64_t pf_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/// Takes tickets of the given run until none is left.
static void pf_take_tickets(pf_workers *crew, uint32_t run, int32_t thread) {
    for (;;) {
        uint64_t next = atomic_load_explicit(&crew->next, memory_order_acquire);
        int32_t tickets;
        pf_work *work;
        void *context;
        for (;;) {
            if ((uint32_t)(next >> 32) != run) return;
            tickets = atomic_load_explicit(&crew->tickets, memory_order_relaxed);
            work = atomic_load_explicit(&crew->work, memory_order_relaxed);
            context = atomic_load_explicit(&crew->context, memory_order_relaxed);
            if ((int32_t)(uint32_t)next >= tickets) return;
            if (atomic_compare_exchange_weak_explicit(
                    &crew->next, &next, next + 1, memory_order_acq_rel, memory_order_acquire
                )) {
                break;
            }
        }
        // The ticket is ours and not yet done, so the run is still on: what was read belongs to it.
        work(context, (int32_t)(uint32_t)next, thread);
        if (atomic_fetch_sub(&crew->left, 1) == 1) {
            if (atomic_load(&crew->caller_sleeps)) {
                pthread_mutex_lock(&crew->mutex);
                pthread_cond_signal(&crew->done);
                pthread_mutex_unlock(&crew->mutex);
            }
        }
    }
}

static void *pf_work_until_stopped(void *argument) {
    pf_worker *worker = argument;
    pf_workers *crew = worker->crew;
    uint32_t seen = 0;
    for (;;) {
        uint32_t run = atomic_load(&crew->run);
        if (run == seen) {
            uint64_t until = pf_now() + PF_SPIN_NANOSECONDS;
            do {
                for (int i = 0; i < 32 && run == seen; i++) {
                    PF_RELAX();
                    run = atomic_load_explicit(&crew->run, memory_order_acquire);
                }
            } while (run == seen && !atomic_load(&crew->stop) && pf_now() < until);
        }
        if (run == seen) {
            pthread_mutex_lock(&crew->mutex);
            atomic_fetch_add(&crew->sleepers, 1);
            while ((run = atomic_load(&crew->run)) == seen && !atomic_load(&crew->stop)) {
                pthread_cond_wait(&crew->start, &crew->mutex);
            }
            atomic_fetch_sub(&crew->sleepers, 1);
            pthread_mutex_unlock(&crew->mutex);
        }
        if (atomic_load(&crew->stop)) return NULL;
        seen = run;
        pf_take_tickets(crew, run, worker->number);
    }
}

pf_workers *pf_workers_create(int32_t threads) {
    if (threads < 1) threads = 1;
    size_t size = (sizeof(pf_workers) + 63) / 64 * 64;
    pf_workers *crew = aligned_alloc(64, size);
    if (!crew) return NULL;
    *crew = (pf_workers){.threads = 1};
    crew->workers = calloc((size_t)threads, sizeof(pf_worker));
    if (!crew->workers) {
        free(crew);
        return NULL;
    }
    pthread_mutex_init(&crew->mutex, NULL);
    pthread_cond_init(&crew->start, NULL);
    pthread_cond_init(&crew->done, NULL);
    while (crew->threads < threads) {
        pf_worker *worker = &crew->workers[crew->threads];
        worker->crew = crew;
        worker->number = crew->threads;
        if (pthread_create(&worker->thread, NULL, pf_work_until_stopped, worker) != 0) break;
        crew->threads++;
    }
    return crew;
}

int32_t pf_workers_threads(const pf_workers *crew) { return crew->threads; }

void pf_workers_run(pf_workers *crew, int32_t tickets, pf_work *work, void *context) {
    if (tickets <= 0) return;
    if (crew->threads == 1 || tickets == 1) {
        for (int32_t ticket = 0; ticket < tickets; ticket++) work(context, ticket, 0);
        return;
    }
    // No worker is within a run now: the last one ended with its last ticket. Those still looking at the old
    // run see its counter used up (or, from here on, a number that is not theirs).
    uint32_t run = atomic_load(&crew->run) + 1;
    if (run == 0) run = 1;  // 0 is what a new worker has seen
    atomic_store(&crew->next, (uint64_t)run << 32 | UINT32_C(0x7fffffff));
    atomic_store(&crew->work, work);
    atomic_store(&crew->context, context);
    atomic_store(&crew->tickets, tickets);
    atomic_store(&crew->left, tickets);
    atomic_store(&crew->next, (uint64_t)run << 32);
    atomic_store(&crew->run, run);
    if (atomic_load(&crew->sleepers) > 0) {
        pthread_mutex_lock(&crew->mutex);
        pthread_cond_broadcast(&crew->start);
        pthread_mutex_unlock(&crew->mutex);
    }
    pf_take_tickets(crew, run, 0);
    uint64_t until = pf_now() + PF_SPIN_NANOSECONDS;
    while (atomic_load_explicit(&crew->left, memory_order_acquire) > 0) {
        for (int i = 0; i < 32 && atomic_load_explicit(&crew->left, memory_order_acquire) > 0; i++)
            PF_RELAX();
        if (pf_now() < until) continue;
        pthread_mutex_lock(&crew->mutex);
        atomic_store(&crew->caller_sleeps, 1);
        while (atomic_load(&crew->left) > 0) pthread_cond_wait(&crew->done, &crew->mutex);
        atomic_store(&crew->caller_sleeps, 0);
        pthread_mutex_unlock(&crew->mutex);
    }
}

void pf_workers_destroy(pf_workers *crew) {
    if (!crew) return;
    pthread_mutex_lock(&crew->mutex);
    atomic_store(&crew->stop, 1);
    pthread_cond_broadcast(&crew->start);
    pthread_mutex_unlock(&crew->mutex);
    for (int32_t i = 1; i < crew->threads; i++) pthread_join(crew->workers[i].thread, NULL);
    pthread_mutex_destroy(&crew->mutex);
    pthread_cond_destroy(&crew->start);
    pthread_cond_destroy(&crew->done);
    free(crew->workers);
    free(crew);
}
