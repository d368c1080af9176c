#include "kmt_file.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

static kma_status add(kmi_file_batch *batch, const char *path, const char *content)
{
    kma_status status = KMA_OK;
    kmi_file_writer *w = NULL;

    KMI_TRY(kmi_file_writer_open(path, &w));
    KMI_TRY(kmi_file_write(w, content, strlen(content)));
    KMI_TRY(kmi_file_set_aside(batch, &w));
cleanup:
    kmi_file_discard(w);
    return status;
}

static const char *fresh_directory(void)
{
    static int number;
    static char path[300];

    snprintf(path, sizeof path, "%s/batch%d", kmt_scratch(), number++);
    assert_int_equal(mkdir(path, 0777), 0);
    return path;
}

/* name in the directory made last */
static const char *in(const char *directory, const char *name)
{
    static char paths[8][400];
    static int next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

TEST(files_of_a_batch_appear_together_and_none_before)
{
    const char *d = fresh_directory();
    kmi_file_batch *batch = NULL;

    kmt_put_text(in(d, "b"), "old b");
    kmt_put_text(in(d, "target"), "old target");
    assert_int_equal(symlink("../target", in(d, "link")) | symlink("target", in(d, "beside")), 0);
    kmt_put_text(kmt_path("target"), "old far");
    assert_ok(kmi_file_batch_new(&batch));
    assert_ok(add(batch, in(d, "a"), "new a"));
    assert_ok(add(batch, in(d, "b"), "new b"));
    assert_ok(add(batch, in(d, "link"), "new far")); /* another directory */
    assert_ok(add(batch, in(d, "beside"), "new target"));
    assert_int_equal(access(in(d, "a"), F_OK), -1);
    kmt_assert_content(in(d, "b"), "old b");
    assert_ok(kmi_file_batch_commit(&batch));
    assert_null(batch);
    kmt_assert_content(in(d, "a"), "new a");
    kmt_assert_content(in(d, "b"), "new b");
    kmt_assert_content(kmt_path("target"), "new far");
    kmt_assert_content(in(d, "target"), "new target");
    assert_int_equal(kmt_entries(d), 5); /* nothing else */
}

/* The last and the one in the middle: a directory took its place after it was written. */
TEST(where_one_cannot_be_put_in_place_all_have_their_old_content_again)
{
    static const char *const names[] = {"a", "b", "c"};
    int blocked, i;

    for (blocked = 1; blocked < 3; blocked++) {
        const char *d = fresh_directory();
        kmi_file_batch *batch = NULL;
        kmt_put_text(in(d, "b"), "old b");
        if (blocked == 1) assert_int_equal(unlink(in(d, "b")), 0);
        assert_ok(kmi_file_batch_new(&batch));
        assert_ok(add(batch, in(d, "first"), "new"));
        for (i = 0; i < 3; i++) assert_ok(add(batch, in(d, names[i]), "new"));
        kmt_put_text(in(d, "a"), "old a"); /* it came meanwhile: what counts is the commit */
        assert_int_equal(mkdir(in(d, names[blocked]), 0777), 0);
        assert_fails(kmi_file_batch_commit(&batch), KMA_ERR_IO, blocked == 1 ? "cannot" : "cannot replace");
        assert_null(batch);
        kmt_assert_content(in(d, "a"), "old a");
        if (blocked == 2) kmt_assert_content(in(d, "b"), "old b");
        assert_int_equal(rmdir(in(d, names[blocked])), 0);
        assert_int_equal(kmt_entries(d), blocked == 1 ? 1 : 2); /* c never came, and first is gone again */
    }
}

TEST(a_batch_that_is_discarded_changes_nothing)
{
    const char *d = fresh_directory();
    kmi_file_batch *batch = NULL;

    kmt_put_text(in(d, "a"), "old a");
    assert_ok(kmi_file_batch_new(&batch));
    assert_ok(add(batch, in(d, "a"), "new a"));
    assert_ok(add(batch, in(d, "b"), "new b"));
    assert_int_equal(kmt_entries(d), 3);
    kmi_file_batch_discard(batch);
    kmi_file_batch_discard(NULL);
    kmt_assert_content(in(d, "a"), "old a");
    assert_int_equal(kmt_entries(d), 1);
}

TEST(a_batch_of_many_files_needs_no_descriptor_for_each)
{
    const char *d = fresh_directory();
    kmi_file_batch *batch = NULL;
    int before = kmt_entries("/proc/self/fd"), i;
    char name[16];

    assert_ok(kmi_file_batch_new(&batch));
    for (i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "%d", i);
        assert_ok(add(batch, in(d, name), name));
    }
    assert_int_equal(kmt_entries("/proc/self/fd"), before + 1); /* of the directory */
    assert_ok(kmi_file_batch_commit(&batch));
    assert_int_equal(kmt_entries("/proc/self/fd"), before);
    assert_int_equal(kmt_entries(d), 300);
    kmt_assert_content(in(d, "299"), "299");
}

TEST(a_child_process_neither_commits_nor_removes_the_batch_of_its_parent)
{
    const char *d = fresh_directory();
    kmi_file_batch *batch = NULL;
    int result = 0;
    pid_t child;

    assert_ok(kmi_file_batch_new(&batch));
    assert_ok(add(batch, in(d, "a"), "new a"));
    child = fork();
    if (child == 0) _exit(kmi_file_batch_commit(&batch) == KMA_ERR_FORK ? 0 : 1);
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
    assert_ok(kmi_file_batch_commit(&batch));
    kmt_assert_content(in(d, "a"), "new a");
}

TEST(every_failed_allocation_of_a_batch_leaves_the_old_files)
{
    const char *d = fresh_directory();
    int descriptors = kmt_entries("/proc/self/fd"), n;

    kmt_put_text(in(d, "a"), "old");
    for (n = 1;; n++) {
        kmi_file_batch *batch = NULL;
        kma_status status = KMA_OK;
        bool failed;

        kmt_fail_allocation(n);
        KMI_TRY(kmi_file_batch_new(&batch));
        KMI_TRY(add(batch, in(d, "a"), "new"));
        KMI_TRY(add(batch, in(d, "b"), "new"));
        KMI_TRY(kmi_file_batch_commit(&batch));
    cleanup:
        failed = kmt_allocation_failed();
        kmt_fail_allocation(0);
        kmi_file_batch_discard(batch);
        assert_int_equal(status, failed ? KMA_ERR_MEMORY : KMA_OK);
        assert_int_equal(kmt_entries("/proc/self/fd"), descriptors);
        kmt_assert_content(in(d, "a"), failed ? "old" : "new");
        assert_int_equal(kmt_entries(d), failed ? 1 : 2);
        if (!failed) break;
    }
    assert_true(n > 6);
}
