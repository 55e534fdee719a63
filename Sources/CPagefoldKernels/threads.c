// The pool of threads: workers take tickets from one counter, spin briefly for the next run, then sleep.
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
    struct pf_pool *pool;
    int32_t number;
    pthread_t thread;
} pf_worker;

struct pf_pool {
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
static void pf_take_tickets(pf_pool *pool, uint32_t run, int32_t thread) {
    for (;;) {
        uint64_t next = atomic_load_explicit(&pool->next, memory_order_acquire);
        int32_t tickets;
        pf_work *work;
        void *context;
        for (;;) {
            if ((uint32_t)(next >> 32) != run) return;
            tickets = atomic_load_explicit(&pool->tickets, memory_order_relaxed);
            work = atomic_load_explicit(&pool->work, memory_order_relaxed);
            context = atomic_load_explicit(&pool->context, memory_order_relaxed);
            if ((int32_t)(uint32_t)next >= tickets) return;
            if (atomic_compare_exchange_weak_explicit(
                    &pool->next, &next, next + 1, memory_order_acq_rel, memory_order_acquire
                )) {
                break;
            }
        }
        // The ticket is ours and not yet done, so the run is still on: what was read belongs to it.
        work(context, (int32_t)(uint32_t)next, thread);
        if (atomic_fetch_sub(&pool->left, 1) == 1) {
            if (atomic_load(&pool->caller_sleeps)) {
                pthread_mutex_lock(&pool->mutex);
                pthread_cond_signal(&pool->done);
                pthread_mutex_unlock(&pool->mutex);
            }
        }
    }
}

static void *pf_work_until_stopped(void *argument) {
    pf_worker *worker = argument;
    pf_pool *pool = worker->pool;
    uint32_t seen = 0;
    for (;;) {
        uint32_t run = atomic_load(&pool->run);
        if (run == seen) {
            uint64_t until = pf_now() + PF_SPIN_NANOSECONDS;
            do {
                for (int i = 0; i < 32 && run == seen; i++) {
                    PF_RELAX();
                    run = atomic_load_explicit(&pool->run, memory_order_acquire);
                }
            } while (run == seen && !atomic_load(&pool->stop) && pf_now() < until);
        }
        if (run == seen) {
            pthread_mutex_lock(&pool->mutex);
            atomic_fetch_add(&pool->sleepers, 1);
            while ((run = atomic_load(&pool->run)) == seen && !atomic_load(&pool->stop)) {
                pthread_cond_wait(&pool->start, &pool->mutex);
            }
            atomic_fetch_sub(&pool->sleepers, 1);
            pthread_mutex_unlock(&pool->mutex);
        }
        if (atomic_load(&pool->stop)) return NULL;
        seen = run;
        pf_take_tickets(pool, run, worker->number);
    }
}

pf_pool *pf_pool_create(int32_t threads) {
    if (threads < 1) threads = 1;
    size_t size = (sizeof(pf_pool) + 63) / 64 * 64;
    pf_pool *pool = aligned_alloc(64, size);
    if (!pool) return NULL;
    *pool = (pf_pool){.threads = 1};
    pool->workers = calloc((size_t)threads, sizeof(pf_worker));
    if (!pool->workers) {
        free(pool);
        return NULL;
    }
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->start, NULL);
    pthread_cond_init(&pool->done, NULL);
    while (pool->threads < threads) {
        pf_worker *worker = &pool->workers[pool->threads];
        worker->pool = pool;
        worker->number = pool->threads;
        if (pthread_create(&worker->thread, NULL, pf_work_until_stopped, worker) != 0) break;
        pool->threads++;
    }
    return pool;
}

int32_t pf_pool_threads(const pf_pool *pool) { return pool->threads; }

void pf_pool_run(pf_pool *pool, int32_t tickets, pf_work *work, void *context) {
    if (tickets <= 0) return;
    if (pool->threads == 1 || tickets == 1) {
        for (int32_t ticket = 0; ticket < tickets; ticket++) work(context, ticket, 0);
        return;
    }
    // No worker is within a run now: the last one ended with its last ticket. Those still looking at the old
    // run see its counter used up (or, from here on, a number that is not theirs).
    uint32_t run = atomic_load(&pool->run) + 1;
    if (run == 0) run = 1;  // 0 is what a new worker has seen
    atomic_store(&pool->next, (uint64_t)run << 32 | UINT32_C(0x7fffffff));
    atomic_store(&pool->work, work);
    atomic_store(&pool->context, context);
    atomic_store(&pool->tickets, tickets);
    atomic_store(&pool->left, tickets);
    atomic_store(&pool->next, (uint64_t)run << 32);
    atomic_store(&pool->run, run);
    if (atomic_load(&pool->sleepers) > 0) {
        pthread_mutex_lock(&pool->mutex);
        pthread_cond_broadcast(&pool->start);
        pthread_mutex_unlock(&pool->mutex);
    }
    pf_take_tickets(pool, run, 0);
    uint64_t until = pf_now() + PF_SPIN_NANOSECONDS;
    while (atomic_load_explicit(&pool->left, memory_order_acquire) > 0) {
        for (int i = 0; i < 32 && atomic_load_explicit(&pool->left, memory_order_acquire) > 0; i++)
            PF_RELAX();
        if (pf_now() < until) continue;
        pthread_mutex_lock(&pool->mutex);
        atomic_store(&pool->caller_sleeps, 1);
        while (atomic_load(&pool->left) > 0) pthread_cond_wait(&pool->done, &pool->mutex);
        atomic_store(&pool->caller_sleeps, 0);
        pthread_mutex_unlock(&pool->mutex);
    }
}

void pf_pool_destroy(pf_pool *pool) {
    if (!pool) return;
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->stop, 1);
    pthread_cond_broadcast(&pool->start);
    pthread_mutex_unlock(&pool->mutex);
    for (int32_t i = 1; i < pool->threads; i++) pthread_join(pool->workers[i].thread, NULL);
    pthread_mutex_destroy(&pool->mutex);
    pthread_cond_destroy(&pool->start);
    pthread_cond_destroy(&pool->done);
    free(pool->workers);
    free(pool);
}
