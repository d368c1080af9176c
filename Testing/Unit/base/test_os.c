#include "kmt.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/os.h"
#include "base/thread.h"

TEST(the_clock_runs_forward_in_nanoseconds)
{
    struct timespec before, after;
    uint64_t first, last;
    int i;

    clock_gettime(CLOCK_MONOTONIC, &before);
    first = last = kmi_clock_ns();
    for (i = 0; i < 1000; i++) {
        uint64_t now = kmi_clock_ns();
        assert_true(now >= last);
        last = now;
    }
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_true(first >= (uint64_t)before.tv_sec * 1000000000 + (uint64_t)before.tv_nsec);
    assert_true(last <= (uint64_t)after.tv_sec * 1000000000 + (uint64_t)after.tv_nsec);
}

TEST(a_deadline_saturates_at_for_ever)
{
    uint64_t now = kmi_clock_ns(), soon = kmi_deadline(1000000000);

    assert_true(soon >= now + 1000000000);
    assert_true(kmi_time_left(soon) <= 1000000000 && kmi_time_left(soon) > 0);
    assert_true(kmi_deadline(KMI_FOREVER) == KMI_FOREVER);
    assert_true(kmi_deadline(KMI_FOREVER - 1) == KMI_FOREVER);
    assert_true(kmi_time_left(KMI_FOREVER) == KMI_FOREVER);
    assert_true(kmi_time_left(1) == 0);
    assert_true(kmi_time_left(0) == 0);
}

static int seen;

static void on_one_processor(void *context)
{
    cpu_set_t all, one;
    int i;

    (void)context;
    sched_getaffinity(0, sizeof all, &all);
    CPU_ZERO(&one);
    for (i = 0; !CPU_ISSET(i, &all); i++) continue;
    CPU_SET(i, &one);
    seen = sched_setaffinity(0, sizeof one, &one) == 0 ? kmi_processors() : -1;
}

TEST(a_thread_bound_to_one_processor_may_use_one)
{
    kmi_thread t;

    assert_true(kmi_processors() >= 1);
    assert_true(kmi_processors() <= (int)sysconf(_SC_NPROCESSORS_CONF));
    assert_ok(kmi_thread_start(&t, "bound", on_one_processor, NULL)); /* its affinity alone is changed */
    kmi_thread_join(&t);
    assert_int_equal(seen, 1);
}

static void set_quota(const char *group, const char *quota)
{
    char path[300];
    FILE *f;

    snprintf(path, sizeof path, "%s%s", kmt_scratch(), group);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s%s/cpu.max", kmt_scratch(), group);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(quota, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

TEST(the_tightest_quota_of_a_control_group_and_those_above_counts)
{
    const char *root = kmt_scratch();

    assert_int_equal(kmi_quota_processors(root, "0::/\n"), 0); /* no file */
    set_quota("", "max 100000\n");
    set_quota("/a", "400000 100000\n");
    set_quota("/a/b", "max 100000\n");
    set_quota("/a/b/c", "150000 100000\n");
    set_quota("/a/b/c/d", "800000 100000\n");
    set_quota("/tiny", "1000 100000\n");
    set_quota("/odd", "nonsense\n");
    assert_int_equal(kmi_quota_processors(root, "0::/\n"), 0);
    assert_int_equal(kmi_quota_processors(root, "0::/a\n"), 4);
    assert_int_equal(kmi_quota_processors(root, "0::/a/b\n"), 4);
    assert_int_equal(kmi_quota_processors(root, "0::/a/b/c"), 2); /* 1.5 */
    assert_int_equal(kmi_quota_processors(root, "0::/a/b/c/d\n"), 2);
    assert_int_equal(kmi_quota_processors(root, "0::/a/gone\n"), 4);
    assert_int_equal(kmi_quota_processors(root, "0::/tiny\n"), 1);
    assert_int_equal(kmi_quota_processors(root, "0::/odd\n"), 0);
    assert_int_equal(kmi_quota_processors(root, "4:memory:/a\n1:cpu:/a\n0::/tiny\n"), 1);
    assert_int_equal(kmi_quota_processors(root, "4:memory:/a\n1:cpu:/a\n"), 0); /* version 1 only */
    assert_int_equal(kmi_quota_processors(root, ""), 0);
    assert_int_equal(kmi_quota_processors(root, "0::"), 0);
    set_quota("", "200000 100000\n");
    assert_int_equal(kmi_quota_processors(root, "0::/a\n"), 2);
}

static void be_a_child(pid_t parent)
{
    _exit(kmi_process_id() == (pid_t)syscall(SYS_getpid) && kmi_process_id() != parent ? 0 : 1);
}

TEST(a_child_knows_that_it_is_another_process_however_it_was_made)
{
    pid_t parent = kmi_process_id(), child;
    int how = 0, way;

    assert_int_equal(parent, getpid());
    assert_int_equal(kmi_process_id(), getpid()); /* the kept one */
    for (way = 0; way < 3; way++) {
        child = way == 0 ? fork() : way == 1 ? _Fork() : (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
        if (child == 0) be_a_child(parent);
        assert_true(child > 0);
        waitpid(child, &how, 0);
        assert_true(WIFEXITED(how));
        assert_int_equal(WEXITSTATUS(how), 0);
        assert_int_equal(kmi_process_id(), parent);
    }
}

TEST(reasons_of_the_system_are_told_in_english_and_never_missing)
{
    assert_string_equal(kmi_errno_text(ENOENT), "No such file or directory");
    assert_string_equal(kmi_errno_text(ENOSPC), "No space left on device");
    assert_string_equal(kmi_errno_text(-5), "unknown error");
    assert_string_equal(kmi_errno_text(123456), "unknown error");
}
