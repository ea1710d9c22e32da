// Fork-join thread pool.
//
// A job is published in one 64-bit ticket: its generation above, the tasks not yet taken below. Whoever lowers the
// ticket by compare-exchange owns a task; the caller takes tasks like the workers and then waits for the tasks that
// others took, never for a thread: a worker that is not scheduled holds nobody up. The job's fields are read only by
// the owner of one of its tasks, and written only when all tasks are done.
#if defined(__linux__)
#define _GNU_SOURCE // sched_getaffinity
#endif
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "include/CThreadPool.h"

#define MOST_THREADS 256
#define TASKS_OF(ticket) ((ticket)&0xffffffffu)
#define MOST_TASKS 0x7fffffff
#define CACHE_LINE 64

typedef void (*task_body)(void *context, int64_t index);

// one job at a time
static struct {
    task_body body;
    void *context;
    int64_t first;
    int64_t count;
} job;

static _Alignas(CACHE_LINE) _Atomic uint64_t ticket;
static _Alignas(CACHE_LINE) _Atomic int64_t unfinished;
static _Alignas(CACHE_LINE) atomic_bool taken;      // a thread is running a job or changing the pool
static _Alignas(CACHE_LINE) _Atomic int active = 0; // threads in use; 0 before the first question
static int started = 1;                             // threads that exist, the caller included; behind `taken`
static _Thread_local bool inside_task = false;

// sleeping threads
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work_arrived = PTHREAD_COND_INITIALIZER;
static pthread_cond_t job_finished = PTHREAD_COND_INITIALIZER;
static _Atomic int sleeping_workers;
static atomic_bool caller_sleeps;

static void pause_briefly(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

// Takes and runs tasks of the generation in `seen` until none is left.
static void run_tasks(uint64_t seen) {
    uint64_t generation = seen >> 32;
    while (TASKS_OF(seen) > 0 && seen >> 32 == generation) {
        if (!atomic_compare_exchange_weak_explicit(
                &ticket, &seen, seen - 1, memory_order_acquire, memory_order_acquire)) {
            continue;
        }
        int64_t index = job.first + (job.count - (int64_t)TASKS_OF(seen));
        inside_task = true;
        job.body(job.context, index);
        inside_task = false;

        // the last task wakes a caller that went to sleep
        if (atomic_fetch_sub(&unfinished, 1) == 1 && atomic_load(&caller_sleeps)) {
            pthread_mutex_lock(&lock);
            pthread_cond_signal(&job_finished);
            pthread_mutex_unlock(&lock);
        }
        seen = atomic_load_explicit(&ticket, memory_order_acquire);
    }
}

// A worker polls for a while after each job, then yields, then sleeps. It polls longer when that paid off.
static void *work(void *argument) {
    enum { shortest = 64, longest = 4096, yields = 32 };
    int number = (int)(intptr_t)argument;
    int patience = 1024;
    for (;;) {
        uint64_t seen = atomic_load_explicit(&ticket, memory_order_acquire);
        for (int i = 0; i < patience + yields && TASKS_OF(seen) == 0; i++) {
            if (i < patience) {
                pause_briefly();
            } else {
                sched_yield();
            }
            seen = atomic_load_explicit(&ticket, memory_order_acquire);
        }

        bool wanted = number < atomic_load_explicit(&active, memory_order_acquire);
        if (wanted && TASKS_OF(seen) > 0) {
            patience = patience * 2 > longest ? longest : patience * 2;
            run_tasks(seen);
            continue;
        }

        // `sleeping_workers` rises before the ticket is read, and a job is published before `sleeping_workers` is
        // read: one of the two sees the other
        patience = patience / 2 < shortest ? shortest : patience / 2;
        pthread_mutex_lock(&lock);
        atomic_fetch_add(&sleeping_workers, 1);
        while (TASKS_OF(atomic_load(&ticket)) == 0 || number >= atomic_load(&active)) {
            pthread_cond_wait(&work_arrived, &lock);
        }
        atomic_fetch_sub(&sleeping_workers, 1);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

// Waits for the tasks that other threads took.
static void await_tasks(void) {
    for (int i = 0; i < 4096; i++) {
        if (atomic_load_explicit(&unfinished, memory_order_acquire) == 0) return;
        if (i < 3072) {
            pause_briefly();
        } else {
            sched_yield();
        }
    }
    pthread_mutex_lock(&lock);
    atomic_store(&caller_sleeps, true);
    while (atomic_load(&unfinished) > 0) pthread_cond_wait(&job_finished, &lock);
    atomic_store(&caller_sleeps, false);
    pthread_mutex_unlock(&lock);
}

static int default_thread_count(void) {
    const char *wanted = getenv("VLA_THREADS");
    if (wanted != NULL && wanted[0] != 0) {
        char *end;
        long count = strtol(wanted, &end, 10);
        if (*end == 0 && count >= 1) return count > MOST_THREADS ? MOST_THREADS : (int)count;
        fprintf(stderr, "VLA_THREADS=%s is no number of threads; using the processors of this process.\n", wanted);
    }
    long count = 0;
#if defined(__linux__)
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) count = CPU_COUNT(&allowed);
#endif
    if (count < 1) count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count > MOST_THREADS ? MOST_THREADS : (int)count;
}

// Starts missing threads and puts `count`, or as many as the system grants, in use. The caller holds `taken`.
static void use_threads(int count) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 8u << 20);
    while (started < count) {
        pthread_t thread;
        if (pthread_create(&thread, &attributes, work, (void *)(intptr_t)started) != 0) break;
        started++;
    }
    pthread_attr_destroy(&attributes);
    atomic_store(&active, count < started ? count : started);
}

int ctp_thread_count(void) {
    int count = atomic_load_explicit(&active, memory_order_acquire);
    return count > 0 ? count : default_thread_count();
}

void ctp_set_thread_count(int count) {
    while (atomic_exchange_explicit(&taken, true, memory_order_acquire)) sched_yield();
    use_threads(count < 1 ? 1 : count > MOST_THREADS ? MOST_THREADS : count);
    atomic_store_explicit(&taken, false, memory_order_release);
}

// Runs all tasks on the caller; a call from inside one of them does the same.
static void run_alone(int64_t count, task_body body, void *context) {
    bool outer = inside_task;
    inside_task = true;
    for (int64_t i = 0; i < count; i++) body(context, i);
    inside_task = outer;
}

void ctp_parallel_for(int64_t count, void (*body)(void *context, int64_t index), void *context) {
    if (count <= 0) return;
    if (count == 1) {
        body(context, 0);
        return;
    }
    if (inside_task || atomic_exchange_explicit(&taken, true, memory_order_acquire)) {
        run_alone(count, body, context);
        return;
    }
    if (atomic_load_explicit(&active, memory_order_relaxed) == 0) use_threads(default_thread_count());
    if (atomic_load_explicit(&active, memory_order_relaxed) == 1) {
        atomic_store_explicit(&taken, false, memory_order_release);
        run_alone(count, body, context);
        return;
    }

    // more tasks than a ticket holds are several jobs
    for (int64_t first = 0; first < count; first += MOST_TASKS) {
        int64_t tasks = count - first < MOST_TASKS ? count - first : MOST_TASKS;
        job.body = body;
        job.context = context;
        job.first = first;
        job.count = tasks;
        atomic_store_explicit(&unfinished, tasks, memory_order_relaxed);
        uint64_t generation = (atomic_load_explicit(&ticket, memory_order_relaxed) >> 32) + 1;
        uint64_t published = generation << 32 | (uint64_t)tasks;
        atomic_store(&ticket, published);

        if (atomic_load(&sleeping_workers) > 0) {
            pthread_mutex_lock(&lock);
            pthread_cond_broadcast(&work_arrived);
            pthread_mutex_unlock(&lock);
        }
        run_tasks(published);
        await_tasks();
    }
    atomic_store_explicit(&taken, false, memory_order_release);
}
