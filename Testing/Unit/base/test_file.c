#include "kmt_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

/* Entries of the scratch directory: what was left behind is one too many. */
static int entries(void)
{
    return kmt_entries(kmt_scratch());
}

TEST(a_file_appears_whole_when_it_is_committed_and_not_before)
{
    const char *path = kmt_path("new.txt");
    kmi_file_writer *w = NULL;
    int before = entries();

    assert_ok(kmi_file_writer_open(path, &w));
    assert_ok(kmi_file_write(w, "half ", 5));
    assert_int_equal(access(path, F_OK), -1);
    assert_ok(kmi_file_write(w, "", 0));
    assert_ok(kmi_file_write(w, "and half", 8));
    assert_int_equal(kmi_file_writer_size(w), 13);
    assert_ok(kmi_file_commit(&w));
    assert_null(w);
    kmt_assert_content(path, "half and half");
    assert_int_equal(entries(), before + 1);
    unlink(path);
}

TEST(the_old_content_stays_until_the_commit_and_for_good_after_a_discard)
{
    const char *path = kmt_path("old.txt");
    kmi_file_writer *w = NULL;
    int before;

    kmt_put_text(path, "old");
    before = entries();
    assert_ok(kmi_file_writer_open(path, &w));
    assert_ok(kmi_file_write(w, "new", 3));
    kmt_assert_content(path, "old");
    kmi_file_discard(w);
    kmi_file_discard(NULL);
    kmt_assert_content(path, "old");
    assert_int_equal(entries(), before);

    assert_ok(kmi_file_writer_open(path, &w));
    assert_ok(kmi_file_commit(&w));
    kmt_assert_content(path, "");
    unlink(path);
}

TEST(parts_of_every_size_arrive_in_order)
{
    const char *path = kmt_path("parts.bin");
    const size_t sizes[] = {1, 65535, 1, 65536, 3, 65537, 200000, 7, 65529, 65536};
    kmi_file_writer *w = NULL;
    unsigned char *bytes = NULL;
    char *back = NULL;
    size_t i, at = 0, total = 0;

    for (i = 0; i < 10; i++) total += sizes[i];
    bytes = malloc(total);
    for (i = 0; i < total; i++) bytes[i] = (unsigned char)(i * 2654435761u >> 13);
    assert_ok(kmi_file_writer_open(path, &w));
    for (i = 0; i < 10; i++) {
        assert_ok(kmi_file_write(w, bytes + at, sizes[i]));
        at += sizes[i];
    }
    assert_int_equal(kmi_file_writer_size(w), total);
    assert_ok(kmi_file_commit(&w));
    assert_ok(kmi_file_read_all(path, total, &back, &at));
    assert_int_equal(at, total);
    assert_memory_equal(back, bytes, total);
    kmi_free(back);
    free(bytes);
    unlink(path);
}

TEST(permissions_follow_the_umask_for_a_new_file_and_stay_for_an_old_one)
{
    const char *path = kmt_path("mode.txt");
    kmi_file_writer *w = NULL;
    struct stat s;
    mode_t mask = umask(027);

    assert_ok(kmi_file_writer_open(path, &w));
    assert_ok(kmi_file_commit(&w));
    umask(mask);
    assert_int_equal(stat(path, &s), 0);
    assert_int_equal(s.st_mode & 07777, 0640);
    chmod(path, 0606);
    assert_ok(kmi_file_writer_open(path, &w));
    assert_ok(kmi_file_commit(&w));
    assert_int_equal(stat(path, &s), 0);
    assert_int_equal(s.st_mode & 07777, 0606);
    unlink(path);
}

TEST(behind_a_symbolic_link_the_file_is_replaced_and_the_link_stays)
{
    const char *path = kmt_path("real.txt"), *link = kmt_path("link.txt"), *lost = kmt_path("lost.txt");
    kmi_file_writer *w = NULL;
    struct stat s;

    kmt_put_text(path, "old");
    assert_int_equal(symlink("real.txt", link), 0);
    assert_ok(kmi_file_writer_open(link, &w));
    assert_ok(kmi_file_write(w, "new", 3));
    assert_ok(kmi_file_commit(&w));
    kmt_assert_content(path, "new");
    assert_int_equal(lstat(link, &s), 0);
    assert_true(S_ISLNK(s.st_mode));
    assert_int_equal(symlink("nowhere/at/all", lost), 0);
    assert_fails(kmi_file_writer_open(lost, &w), KMA_ERR_IO, "lost.txt: No such file or directory");
    assert_null(w);
    unlink(path);
    unlink(link);
    unlink(lost);
}

TEST(a_changed_working_directory_does_not_lead_the_commit_astray)
{
    kmi_file_writer *w = NULL;
    char before[4096];

    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(kmt_scratch()), 0);
    assert_ok(kmi_file_writer_open("relative.txt", &w));
    assert_int_equal(chdir(before), 0);
    assert_ok(kmi_file_write(w, "here", 4));
    assert_ok(kmi_file_commit(&w));
    kmt_assert_content(kmt_path("relative.txt"), "here");
    unlink(kmt_path("relative.txt"));
}

TEST(what_is_no_regular_file_is_neither_replaced_nor_read)
{
    const char *pipe_path = kmt_path("pipe"), *socket_path = kmt_path("socket");
    kmi_file_writer *w = NULL;
    kmi_file_reader *r = NULL;
    char *bytes = NULL;
    size_t size = 7;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int s, before = entries();

    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
    s = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(s, (struct sockaddr *)&address, sizeof address), 0);

    assert_fails(kmi_file_writer_open(kmt_scratch(), &w), KMA_ERR_IO, "it is a directory");
    assert_fails(kmi_file_writer_open(pipe_path, &w), KMA_ERR_IO, "it is a pipe");
    assert_fails(kmi_file_writer_open(socket_path, &w), KMA_ERR_IO, "it is a socket");
    assert_fails(kmi_file_writer_open("/dev/null", &w), KMA_ERR_IO, "/dev/null: it is a device");
    assert_null(w);
    assert_fails(kmi_file_read_all(kmt_scratch(), 100, &bytes, &size), KMA_ERR_IO, "it is a directory");
    assert_fails(kmi_file_read_all(pipe_path, 100, &bytes, &size), KMA_ERR_IO, "it is a pipe");
    assert_fails(kmi_file_read_all(socket_path, 100, &bytes, &size), KMA_ERR_IO, "it is a socket");
    assert_fails(kmi_file_read_all("/dev/zero", 100, &bytes, &size), KMA_ERR_IO, "/dev/zero: it is a device");
    assert_null(bytes);
    assert_int_equal(size, 0);
    assert_fails(kmi_file_reader_open(pipe_path, &r), KMA_ERR_IO, "it is a pipe");
    assert_null(r);
    close(s);
    unlink(pipe_path);
    unlink(socket_path);
    assert_int_equal(entries(), before);
}

TEST(errors_name_the_file_and_the_reason)
{
    kmi_file_writer *w = NULL;
    char *bytes = NULL, path[3000];
    size_t size;

    assert_fails(kmi_file_read_all("/no/such/file", 9, &bytes, &size), KMA_ERR_IO,
                 "cannot read /no/such/file: No such file or directory");
    assert_fails(kmi_file_writer_open("/no/such/file", &w), KMA_ERR_IO,
                 "cannot write /no/such/file: No such file or directory");
    assert_fails(kmi_file_writer_open(kmt_path("dir/"), &w), KMA_ERR_IO, "dir/");
    assert_fails(kmi_file_writer_open("", &w), KMA_ERR_ARGUMENT, "empty");
    assert_fails(kmi_file_writer_open(NULL, &w), KMA_ERR_ARGUMENT, "empty");
    assert_fails(kmi_file_read_all("", 9, &bytes, &size), KMA_ERR_ARGUMENT, "empty");
    assert_fails(kmi_file_read_all(NULL, 9, &bytes, &size), KMA_ERR_ARGUMENT, "empty");
    memset(path, 'x', sizeof path);
    memcpy(path + sizeof path - 9, "/the.end", 9);
    assert_fails(kmi_file_read_all(path, 9, &bytes, &size), KMA_ERR_IO, "xxx/the.end: File name too long");
    assert_fails(kmi_file_writer_open(path, &w), KMA_ERR_IO, "xxx/the.end: File name too long");
}

TEST(a_file_that_was_made_read_only_is_not_replaced)
{
    const char *path = kmt_path("keep.txt");
    kmi_file_writer *w = NULL;

    if (geteuid() == 0) { /* root may write everything: be somebody else in a child */
        pid_t child;
        int how = 0;

        kmt_put_text(path, "keep");
        chmod(path, 0444);
        chmod(kmt_scratch(), 0777);
        child = fork();
        if (child == 0) {
            if (setuid(65534) != 0) _exit(9);
            _exit(kmi_file_writer_open(path, &w) == KMA_ERR_IO &&
                          strstr(kma_error_message(), "keep.txt: Permission denied") != NULL
                      ? 0
                      : 1);
        }
        waitpid(child, &how, 0);
        chmod(kmt_scratch(), 0700);
        assert_true(WIFEXITED(how));
        if (WEXITSTATUS(how) == 9) skip();
        assert_int_equal(WEXITSTATUS(how), 0);
    } else {
        kmt_put_text(path, "keep");
        chmod(path, 0444);
        assert_fails(kmi_file_writer_open(path, &w), KMA_ERR_IO, "keep.txt: Permission denied");
    }
    kmt_assert_content(path, "keep");
    unlink(path);
}

/* A limit on the size of files stands for a full disk: write(2) takes a part and then fails. */
TEST(a_full_disk_fails_the_writing_and_the_commit_and_leaves_the_old_file)
{
    const char *path = kmt_path("full.txt");
    struct rlimit before, limit;
    struct sigaction ignore = {.sa_handler = SIG_IGN}, action;
    char *bytes = calloc(1, 300000);
    kmi_file_writer *w = NULL;
    kma_status written, again, committed;
    char text[KMI_ERROR_TEXT_SIZE];
    int files;

    kmt_put_text(path, "old");
    files = entries();
    sigaction(SIGXFSZ, &ignore, &action);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = 100000;
    assert_ok(kmi_file_writer_open(path, &w));
    setrlimit(RLIMIT_FSIZE, &limit);
    written = kmi_file_write(w, bytes, 300000);
    snprintf(text, sizeof text, "%s", kma_error_message());
    setrlimit(RLIMIT_FSIZE, &before);
    again = kmi_file_write(w, bytes, 1); /* room again, but a hole in the file */
    committed = kmi_file_commit(&w);
    assert_int_equal(written, KMA_ERR_IO);
    assert_non_null(strstr(text, "full.txt: File too large"));
    assert_int_equal(again, KMA_ERR_IO);
    assert_int_equal(committed, KMA_ERR_IO);
    assert_string_equal(kma_error_message(), text);
    assert_null(w);
    kmt_assert_content(path, "old");
    assert_int_equal(entries(), files);

    /* What still lies in the buffer fails in the commit. */
    assert_ok(kmi_file_writer_open(path, &w));
    assert_ok(kmi_file_write(w, bytes, 60000));
    limit.rlim_cur = 1000;
    setrlimit(RLIMIT_FSIZE, &limit);
    committed = kmi_file_commit(&w);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(committed, KMA_ERR_IO);
    kmt_assert_content(path, "old");
    assert_int_equal(entries(), files);
    sigaction(SIGXFSZ, &action, NULL);
    free(bytes);
    unlink(path);
}

TEST(a_commit_whose_place_was_taken_by_a_directory_fails_and_cleans_up)
{
    const char *path = kmt_path("taken");
    kmi_file_writer *w = NULL;
    int before = entries();

    assert_ok(kmi_file_writer_open(path, &w));
    assert_int_equal(mkdir(path, 0700), 0);
    assert_fails(kmi_file_commit(&w), KMA_ERR_IO, "taken: Is a directory");
    assert_int_equal(entries(), before + 1);
    rmdir(path);
}

TEST(a_child_process_neither_commits_nor_removes_what_its_parent_writes)
{
    const char *path = kmt_path("family.txt");
    kmi_file_writer *w = NULL;
    pid_t child;
    int how = 0;

    assert_ok(kmi_file_writer_open(path, &w));
    assert_ok(kmi_file_write(w, "ours", 4));
    child = fork();
    if (child == 0) _exit(kmi_file_commit(&w) == KMA_ERR_FORK && w == NULL ? 0 : 1);
    waitpid(child, &how, 0);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    assert_ok(kmi_file_commit(&w));
    kmt_assert_content(path, "ours");
    unlink(path);
}

/* ---- reading ---- */

TEST(a_file_is_read_up_to_the_limit_and_not_a_byte_more)
{
    const char *path = kmt_path("five.txt");
    char *bytes = NULL;
    size_t size = 0;

    kmt_put_text(path, "12345");
    assert_ok(kmi_file_read_all(path, 5, &bytes, &size));
    assert_int_equal(size, 5);
    kmi_free(bytes);
    assert_fails(kmi_file_read_all(path, 4, &bytes, &size), KMA_ERR_IO, "five.txt has 5 bytes: more than the 4");
    assert_null(bytes);
    assert_int_equal(size, 0);
    kmt_put_text(path, "");
    assert_ok(kmi_file_read_all(path, 0, &bytes, &size));
    assert_int_equal(size, 0);
    assert_string_equal(bytes, "");
    kmi_free(bytes);
    unlink(path);
}

TEST(a_reader_reads_exactly_seeks_and_knows_the_end)
{
    const char *path = kmt_path("digits.txt");
    kmi_file_reader *r = NULL;
    char bytes[16] = {0};
    size_t got = 0;

    kmt_put_text(path, "0123456789");
    assert_ok(kmi_file_reader_open(path, &r));
    assert_int_equal(kmi_file_reader_size(r), 10);
    assert_ok(kmi_file_reader_read(r, bytes, 4));
    assert_string_equal(bytes, "0123");
    assert_int_equal(kmi_file_reader_position(r), 4);
    assert_fails(kmi_file_reader_read(r, bytes, 7), KMA_ERR_FORMAT, "ends too early: 7 bytes are wanted at 4, it has 10");
    assert_int_equal(kmi_file_reader_position(r), 4);
    assert_ok(kmi_file_reader_some(r, bytes, 16, &got));
    assert_int_equal(got, 6);
    assert_memory_equal(bytes, "456789", 6);
    assert_ok(kmi_file_reader_some(r, bytes, 16, &got));
    assert_int_equal(got, 0);
    assert_ok(kmi_file_reader_read(r, bytes, 0));
    assert_ok(kmi_file_reader_seek(r, 9));
    assert_ok(kmi_file_reader_read(r, bytes, 1));
    assert_int_equal(bytes[0], '9');
    assert_ok(kmi_file_reader_seek(r, 10));
    assert_fails(kmi_file_reader_seek(r, 11), KMA_ERR_FORMAT, "has 10 bytes: there is none at 11");
    assert_fails(kmi_file_reader_seek(r, UINT64_MAX), KMA_ERR_FORMAT, "has 10 bytes");
    assert_fails(kmi_file_reader_read(r, bytes, SIZE_MAX), KMA_ERR_FORMAT, "ends too early");
    kmi_file_reader_close(r);
    kmi_file_reader_close(NULL);
    unlink(path);
}

TEST(a_file_that_shrinks_while_it_is_read_is_an_error_and_not_a_loop)
{
    const char *path = kmt_path("shrinks.txt");
    kmi_file_reader *r = NULL;
    char bytes[16];

    kmt_put_text(path, "0123456789");
    assert_ok(kmi_file_reader_open(path, &r));
    assert_ok(kmi_file_reader_read(r, bytes, 2));
    assert_int_equal(truncate(path, 5), 0);
    assert_fails(kmi_file_reader_read(r, bytes, 8), KMA_ERR_IO, "became shorter while it was read: 5 bytes instead of 10");
    kmi_file_reader_close(r);
    unlink(path);
}

TEST(a_file_beyond_4_gib_is_read_where_it_is_asked_for)
{
    const char *path = kmt_path("large.bin");
    const uint64_t far = UINT64_C(5) << 30;
    kmi_file_reader *r = NULL;
    char byte = 0;
    int f = open(path, O_WRONLY | O_CREAT, 0600);

    if (pwrite(f, "x", 1, (off_t)far) != 1) { /* no sparse files here */
        close(f);
        unlink(path);
        skip();
    }
    close(f);
    assert_ok(kmi_file_reader_open(path, &r));
    assert_true(kmi_file_reader_size(r) == far + 1);
    assert_ok(kmi_file_reader_seek(r, far));
    assert_ok(kmi_file_reader_read(r, &byte, 1));
    assert_int_equal(byte, 'x');
    kmi_file_reader_close(r);
    unlink(path);
}

TEST(every_failed_allocation_is_an_error_that_leaves_nothing_behind)
{
    const char *path = kmt_path("memory.txt");
    int n, files, descriptors = kmt_entries("/proc/self/fd");

    kmt_put_text(path, "old");
    files = entries();
    for (n = 1;; n++) {
        kmi_file_writer *w = NULL;
        kmi_file_reader *r = NULL;
        char *bytes = NULL;
        size_t size = 0;
        kma_status status = KMA_OK;
        bool failed;

        kmt_fail_allocation(n);
        KMI_TRY(kmi_file_writer_open(path, &w));
        KMI_TRY(kmi_file_write(w, "old", 3));
        KMI_TRY(kmi_file_commit(&w));
        KMI_TRY(kmi_file_reader_open(path, &r));
        KMI_TRY(kmi_file_read_all(path, 10, &bytes, &size));
    cleanup:
        failed = kmt_allocation_failed();
        kmt_fail_allocation(0);
        kmi_file_discard(w);
        kmi_file_reader_close(r);
        kmi_free(bytes);
        assert_int_equal(status, failed ? KMA_ERR_MEMORY : KMA_OK);
        kmt_assert_content(path, "old");
        assert_int_equal(entries(), files);
        assert_int_equal(kmt_entries("/proc/self/fd"), descriptors);
        if (!failed) break;
    }
    assert_true(n > 5);
    unlink(path);
}
