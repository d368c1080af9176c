/*
 * Random sequences of all public calls. One attacker alone keeps a book and knows what each name is worth; several
 * share a pool, and observers attack from inside of runs.
 */
#include <pthread.h>

#include "attack.h"
#include "base/os.h"
#include "kmt.h"

enum { ALONE = 60000, TOGETHER = KMT_SANITIZED ? 10000 : 40000 };
enum { ATTACKERS = 4 };

/* How many calls, how fast, and how many of them succeeded so far in this program. */
static void report(const char *who, unsigned long n, uint64_t ns)
{
    unsigned long ok = 0, failed = 0;
    size_t i;

    for (i = 0; i < attack_call_count(); i++) {
        ok += atomic_load(&attack_call_at(i)->ok);
        failed += atomic_load(&attack_call_at(i)->failed);
    }
    print_message("%s: %lu calls in %.1f s, %.0f a second; %.0f %% of all succeeded\n", who, n, (double)ns * 1e-9,
                  (double)n / ((double)ns * 1e-9), 100.0 * (double)ok / (double)(ok + failed));
}

static void end(attack_pool *pool)
{
    attack_pool_drain(pool);
    assert_ok(kma_set_log_sink(NULL, NULL));
    (void)kma_shutdown(); /* threads of released run managers end; a worker_end observer may have failed one */
    kmt_assert_no_live_objects();
    assert_int_equal(atomic_load(&pool->contexts_given), atomic_load(&pool->contexts_dropped));
}

static void attack_alone(uint64_t seed, unsigned long n, const kmt_host *host)
{
    attack_pool pool;
    attack_book *book = attack_book_new();
    attack a;
    uint64_t begun = kmi_clock_ns();

    assert_non_null(book);
    attack_pool_fill(&pool);
    attack_start(&a, &pool, book, seed, 0);
    a.host = host;
    while (a.calls < n) attack_once(&a);
    attack_book_free(book);
    end(&pool);
    report("alone", a.calls, kmi_clock_ns() - begun);
}

/* A call that chance has hardly met with arguments that suit it, on names that nobody has touched yet. */
static void attack_fresh(attack_call *call, uint64_t seed)
{
    attack_pool pool;
    attack_book *book = attack_book_new();
    attack a;
    int tries;

    assert_non_null(book);
    attack_pool_fill(&pool);
    attack_start(&a, &pool, book, seed, 0);
    for (tries = 0; tries < 300 && atomic_load(&call->ok) < 3; tries++) attack_with(&a, call);
    attack_book_free(book);
    end(&pool);
}

TEST(a_dead_name_is_refused_with_its_code_and_text_in_any_sequence_of_calls)
{
    uint64_t seed;
    size_t i;

    for (seed = kmt_seed_first(); seed <= kmt_seed_last(3); seed++) {
        kmt_seed_running(seed);
        attack_alone(seed, ALONE / 3, NULL);
    }
    kmt_seed_running(0);
    if (kmt_seed_first() == kmt_seed_last(3)) return; /* one seed alone */
    /* Each call was made in vain, and most succeeded, or the arguments are drawn badly. */
    for (i = 0; i < attack_call_count(); i++) {
        attack_call *c = attack_call_at(i);
        if (atomic_load(&c->ok) < 3) attack_fresh(c, seed + i);
        assert_true_msg(atomic_load(&c->ok) + atomic_load(&c->failed) >= 8, "%s was hardly called", c->name);
        assert_true_msg(atomic_load(&c->ok) >= 3 || strcmp(c->name, "kma_set_allocator") == 0, "%s hardly ever succeeded", c->name);
    }
}

TEST(no_call_raises_a_floating_point_exception_or_changes_its_settings_on_its_host)
{
    attack_alone(kmt_seed_first() + 100, ALONE / 2, &kmt_trapping_host);
}

static void *attack_together(void *object)
{
    attack *a = object;

    while (a->calls < TOGETHER) attack_once(a);
    return NULL;
}

TEST(several_threads_may_do_anything_to_shared_names_at_once)
{
    attack_pool pool;
    attack attackers[ATTACKERS];
    pthread_t threads[ATTACKERS];
    uint64_t begun = kmi_clock_ns();
    int i;

    attack_pool_fill(&pool);
    for (i = 0; i < ATTACKERS; i++) {
        attack_start(&attackers[i], &pool, NULL, kmt_seed_first(), (uint64_t)i);
        assert_int_equal(pthread_create(&threads[i], NULL, attack_together, &attackers[i]), 0);
    }
    for (i = 0; i < ATTACKERS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    end(&pool);
    report("together", ATTACKERS * (unsigned long)TOGETHER, kmi_clock_ns() - begun);
}
