#include "kmt.h"

#include <stdatomic.h>

#include "base/barrier.h"
#include "base/log.h"
#include "base/thread.h"

typedef struct record {
    int count;
    kma_log_level level;
    char text[2 * KMI_ERROR_TEXT_SIZE];
} record;

static void keep(kma_log_level level, const char *text, void *context)
{
    record *r = context;

    r->count++;
    r->level = level;
    snprintf(r->text, sizeof r->text, "%s", text);
}

TEST(a_record_reaches_the_sink_with_its_level_text_and_context)
{
    record r = {0};

    assert_ok(kma_set_log_sink(keep, &r));
    assert_true(kmi_log_is_on());
    kmi_log_write(KMA_LOG_WARNING, "%s has %d facets", "skull.stl", 12);
    assert_int_equal(r.count, 1);
    assert_int_equal(r.level, KMA_LOG_WARNING);
    assert_string_equal(r.text, "skull.stl has 12 facets");
    assert_ok(kma_set_log_sink(NULL, NULL));
    assert_false(kmi_log_is_on());
    kmi_log_write(KMA_LOG_ERROR, "nobody listens");
    assert_int_equal(r.count, 1);
}

TEST(a_record_is_one_line_and_an_endless_one_is_cut)
{
    record r = {0};
    char endless[3 * KMI_ERROR_TEXT_SIZE];

    memset(endless, 'x', sizeof endless);
    endless[sizeof endless - 1] = '\0';
    assert_ok(kma_set_log_sink(keep, &r));
    kmi_log_write(KMA_LOG_INFO, "one\ntwo\r\nthree");
    assert_string_equal(r.text, "one two  three");
    kmi_log_write(KMA_LOG_INFO, "%s", endless);
    assert_int_equal(strlen(r.text), KMI_ERROR_TEXT_SIZE - 1);
    assert_ok(kma_set_log_sink(NULL, NULL));
}

static void log_again(kma_log_level level, const char *text, void *context)
{
    atomic_int *depth = context;

    (void)level;
    (void)text;
    if (atomic_fetch_add(depth, 1) == 0) {
        kmi_log_write(KMA_LOG_DEBUG, "from inside");
        kma_set_log_sink(NULL, NULL);
        kmi_log_write(KMA_LOG_DEBUG, "to nobody");
    }
}

TEST(a_sink_may_log_and_take_itself_away)
{
    atomic_int depth = 0;

    assert_ok(kma_set_log_sink(log_again, &depth));
    kmi_log_write(KMA_LOG_INFO, "first");
    assert_int_equal(atomic_load(&depth), 2);
    assert_false(kmi_log_is_on());
}

/* ---- several threads ---- */

static kma_status met[2];

static void meet_inside(kma_log_level level, const char *text, void *context)
{
    int index = text[0] - '0';

    (void)level;
    met[index] = kmi_barrier_arrive_and_wait(context, index, UINT64_C(20000000000));
}

static void log_one(void *context)
{
    kmi_log_write(KMA_LOG_INFO, "%d", *(int *)context);
}

TEST(two_threads_meet_inside_the_sink_so_no_lock_is_held)
{
    kmi_barrier *barrier = NULL;
    kmi_thread t[2];
    int index[2] = {0, 1}, i;

    assert_ok(kmi_barrier_new(2, &barrier));
    assert_ok(kma_set_log_sink(meet_inside, barrier));
    for (i = 0; i < 2; i++) assert_ok(kmi_thread_start(&t[i], "logger", log_one, &index[i]));
    for (i = 0; i < 2; i++) kmi_thread_join(&t[i]);
    assert_ok(kma_set_log_sink(NULL, NULL));
    assert_int_equal(met[0], KMA_OK);
    assert_int_equal(met[1], KMA_OK);
    kmi_barrier_free(barrier);
}

static atomic_int mixed, received;
static atomic_bool stop;
static int context_a, context_b;

static void sink_a(kma_log_level level, const char *text, void *context)
{
    (void)level;
    (void)text;
    atomic_fetch_add(&received, 1);
    if (context != &context_a) atomic_fetch_add(&mixed, 1);
}

static void sink_b(kma_log_level level, const char *text, void *context)
{
    (void)level;
    (void)text;
    atomic_fetch_add(&received, 1);
    if (context != &context_b) atomic_fetch_add(&mixed, 1);
}

static void log_much(void *context)
{
    (void)context;
    while (!atomic_load(&stop)) kmi_log_write(KMA_LOG_INFO, "x");
}

TEST(a_sink_never_gets_the_context_of_another)
{
    kmi_thread t[3];
    int i;

    atomic_store(&stop, false);
    for (i = 0; i < 3; i++) assert_ok(kmi_thread_start(&t[i], "logger", log_much, NULL));
    for (i = 0; i < 20000 || atomic_load(&received) < 1000; i++) {
        if (i % 2 == 0)
            kma_set_log_sink(sink_a, &context_a);
        else
            kma_set_log_sink(sink_b, &context_b);
    }
    atomic_store(&stop, true);
    for (i = 0; i < 3; i++) kmi_thread_join(&t[i]);
    assert_ok(kma_set_log_sink(NULL, NULL));
    assert_int_equal(atomic_load(&mixed), 0);
}
