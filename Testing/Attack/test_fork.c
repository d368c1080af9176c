/* A process that forks while all its threads are at work: the child gets an answer to every call, and can work. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kerma/kerma.h"
#include "kmt.h"
#include "kmt_scene.h"

static void sleep_ms(long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

typedef struct world {
    kma_scene scene;
    kma_source source;
    kma_mesh_builder builder;
    kma_volume volume;
    kma_run_manager serial, parallel;
    kma_result _Atomic result; /* a new one now and then: what it makes when asked is to be made again */
    atomic_bool end;
} world;

static void *use_scene(void *object)
{
    world *w = object;
    double energy;
    size_t n;

    while (!atomic_load(&w->end)) {
        (void)kma_scene_set_cut_energy(w->scene, 0.01);
        (void)kma_scene_get_cut_energy(w->scene, &energy);
        (void)kma_scene_count_sources(w->scene, &n);
        (void)kma_volume_count_placements(w->volume, &n);
    }
    return NULL;
}

static void *use_builder(void *object)
{
    world *w = object;
    const double a[3] = {0, 0, 0}, b[3] = {1, 0, 0}, c[3] = {0, 1, 0};
    kma_mesh mesh = {0};
    size_t n = 0;

    while (!atomic_load(&w->end)) {
        (void)kma_mesh_builder_count_facets(w->builder, &n);
        if (n < 300) (void)kma_mesh_builder_add_triangle(w->builder, a, b, c);
        (void)kma_mesh_builder_close(w->builder, &mesh); /* fails: it is not closed; it takes a while */
    }
    return NULL;
}

static void *use_serial(void *object)
{
    world *w = object;
    kma_result result = {0}, before;

    while (!atomic_load(&w->end)) {
        (void)kma_run_manager_beam_on(w->serial, 20);
        if (kma_run_manager_snapshot(w->serial, &result) != KMA_OK) continue;
        before = atomic_exchange(&w->result, result);
        (void)kma_result_release(&before);
    }
    return NULL;
}

static void *use_result(void *object)
{
    world *w = object;
    double mass[1000];

    while (!atomic_load(&w->end)) {
        kma_result_info info = {.size = sizeof info};
        kma_result result = atomic_load(&w->result);
        (void)kma_result_get_values(result, 0, KMA_QUANTITY_MASS, 0, 1000, mass, NULL);
        (void)kma_result_get_info(result, &info);
    }
    return NULL;
}

static void *use_parallel(void *object)
{
    world *w = object;
    kma_material material = {0};

    while (!atomic_load(&w->end)) {
        (void)kma_run_manager_beam_on(w->parallel, 200);
        (void)kma_material_create_nist("Water, Liquid", &material);
        (void)kma_material_release(&material);
    }
    return NULL;
}

/* What the child may be told about an object of its parent's. */
static bool answered(kma_status status)
{
    return status == KMA_OK || (status == KMA_ERR_FORK && kma_error_message()[0] != '\0');
}

/* 0, or the number of the first wrong answer. A freeze ends it by SIGALRM. */
static int be_the_child(world *w)
{
    const double a[3] = {0, 0, 0}, b[3] = {1, 0, 0}, c[3] = {0, 1, 0};
    double number, mass[1000];
    size_t n;
    kma_result_info info = {.size = sizeof info};
    kma_run_manager own;
    kma_result result = atomic_load(&w->result), snapshot = {0};
    kma_status status;

    alarm(20);
    if (!answered(kma_scene_set_cut_energy(w->scene, 0.02))) return 1;
    if (!answered(kma_scene_get_cut_energy(w->scene, &number))) return 2;
    if (!answered(kma_scene_count_scorers(w->scene, &n))) return 3;
    if (!answered(kma_scene_add_source(w->scene, w->source))) return 4;
    if (!answered(kma_mesh_builder_add_triangle(w->builder, a, b, c))) return 5;
    if (!answered(kma_mesh_builder_count_facets(w->builder, &n))) return 6;
    status = kma_result_get_values(result, 0, KMA_QUANTITY_MASS, 0, 1000, mass, NULL);
    if (!answered(status) && status != KMA_ERR_STALE) return 7;
    status = kma_result_get_info(result, &info);
    if (!answered(status) && status != KMA_ERR_STALE) return 8;
    if (!answered(kma_run_manager_beam_on(w->serial, 10))) return 9;
    if (!answered(kma_run_manager_snapshot(w->serial, &snapshot))) return 10;
    if (!answered(kma_run_manager_close(w->serial))) return 11;
    if (kma_run_manager_beam_on(w->parallel, 10) != KMA_ERR_FORK) return 12;
    if (kma_run_manager_release(&w->parallel) != KMA_OK) return 13;
    if (kma_run_manager_release(&w->serial) != KMA_OK) return 14;
    if (kma_mesh_builder_release(&w->builder) != KMA_OK) return 15;
    if (kma_volume_count_placements(w->volume, &n) != KMA_OK) return 16;
    own = kmt_water_run(2); /* what it makes itself works */
    if (kma_run_manager_initialize(own) != KMA_OK) return 17;
    if (kma_run_manager_beam_on(own, 50) != KMA_OK) return 18;
    if (kma_run_manager_close(own) != KMA_OK) return 19;
    if (kma_run_manager_release(&own) != KMA_OK) return 20;
    if (kma_shutdown() != KMA_OK) return 21;
    return 0;
}

static void make_world(world *w)
{
    const double size[3] = {1, 1, 1};
    kma_spectrum spectrum = {0};
    kma_source_options options;
    kma_solid solid = {0};
    kma_result result = {0};

    memset(w, 0, sizeof *w);
    w->scene = kmt_water_scene();
    assert_ok(kma_spectrum_create_mono(0.06, &spectrum));
    assert_ok(kma_source_options_defaults(&options));
    assert_ok(kma_source_create(&options, spectrum, &w->source));
    assert_ok(kma_spectrum_release(&spectrum));
    assert_ok(kma_mesh_builder_create(&w->builder));
    assert_ok(kma_solid_create_box(size, &solid));
    assert_ok(kma_volume_create("box", solid, (kma_material){0}, &w->volume));
    assert_ok(kma_solid_release(&solid));
    w->serial = kmt_water_run(0);
    w->parallel = kmt_water_run(2);
    assert_ok(kma_run_manager_initialize(w->serial));
    assert_ok(kma_run_manager_initialize(w->parallel));
    assert_ok(kma_run_manager_snapshot(w->serial, &result));
    atomic_store(&w->result, result);
}

static void end_world(world *w)
{
    kma_result result = atomic_load(&w->result);

    assert_ok(kma_result_release(&result));
    assert_ok(kma_run_manager_release(&w->serial));
    assert_ok(kma_run_manager_release(&w->parallel));
    assert_ok(kma_mesh_builder_release(&w->builder));
    assert_ok(kma_volume_release(&w->volume));
    assert_ok(kma_source_release(&w->source));
    assert_ok(kma_scene_release(&w->scene));
    assert_ok(kma_shutdown());
}

TEST(a_child_forked_while_other_threads_are_at_work_gets_an_answer_to_every_call)
{
    enum { FORKS = KMT_SANITIZED ? 6 : 12 };
    void *(*const uses[])(void *) = {use_scene, use_scene, use_builder, use_serial, use_result, use_parallel};
    enum { USES = sizeof uses / sizeof *uses };
    static world w; /* threads use it until the process ends, should the test fail */
    pthread_t threads[USES];
    int i;

    make_world(&w);
    for (i = 0; i < USES; i++) assert_int_equal(pthread_create(&threads[i], NULL, uses[i], &w), 0);
    for (i = 0; i < FORKS; i++) {
        pid_t child;
        int how = 0;

        sleep_ms(i % 4);
        child = fork();
        if (child == 0) _exit(be_the_child(&w));
        assert_int_equal(waitpid(child, &how, 0), child);
        assert_true_msg(WIFEXITED(how), "the child was ended by signal %d (%d: it froze)", WTERMSIG(how), SIGALRM);
        assert_true_msg(WEXITSTATUS(how) == 0, "the child got a wrong answer to call %d", WEXITSTATUS(how));
    }
    atomic_store(&w.end, true);
    for (i = 0; i < USES; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    end_world(&w);
}

typedef struct holder { kma_scene scene; kma_run_manager run; atomic_bool inside, end; } holder;

static kma_status hold(kma_run_manager run, const kma_worker *worker, void *context)
{
    holder *h = context;

    (void)run;
    (void)worker;
    atomic_store(&h->inside, true);
    while (!atomic_load(&h->end)) sleep_ms(1);
    return KMA_OK;
}

static void *run_and_hold(void *object)
{
    holder *h = object;

    if (kma_run_manager_beam_on(h->run, 1) != KMA_OK) abort();
    return NULL;
}

TEST(a_serial_run_that_another_thread_was_at_is_refused_in_the_child_and_an_idle_one_works)
{
    holder h;
    kma_run_manager idle = kmt_water_run(0);
    pthread_t thread;
    pid_t child;
    int how = 0;

    memset(&h, 0, sizeof h);
    h.run = kmt_water_run(0);
    assert_ok(kma_run_manager_on_history_begin(h.run, hold, &h, NULL));
    assert_ok(kma_run_manager_initialize(h.run));
    assert_ok(kma_run_manager_initialize(idle));
    assert_int_equal(pthread_create(&thread, NULL, run_and_hold, &h), 0);
    while (!atomic_load(&h.inside)) sleep_ms(1);
    child = fork();
    if (child == 0) {
        alarm(20);
        if (kma_run_manager_wait(h.run, -1) != KMA_ERR_FORK) _exit(1);
        if (kma_run_manager_close(h.run) != KMA_ERR_FORK) _exit(2);
        if (kma_run_manager_release(&h.run) != KMA_OK) _exit(3);
        if (kma_run_manager_beam_on(idle, 20) != KMA_OK) _exit(4);
        if (kma_run_manager_close(idle) != KMA_OK) _exit(5);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), 0);
    atomic_store(&h.end, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_ok(kma_run_manager_release(&h.run));
    assert_ok(kma_run_manager_release(&idle));
}
