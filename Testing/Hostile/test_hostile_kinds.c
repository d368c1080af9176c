/*
 * What is no ordinary file, for each reader: it is refused by its kind, at once, whatever it would have held. And
 * files that claim to be, or are, far larger than any reader takes.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hostile.h"

static const uint64_t TEN_GB = UINT64_C(10000000000);

static void refuse(hostile_reader reader, const char *what, const char *path, const char *told, const char *a, const char *b)
{
    const char *const words[HOSTILE_WORDS] = {a, b, NULL};

    hostile_check_path(reader, what, path, told, KMA_ERR_IO, words);
}

#define EACH_READER(r) for (r = (hostile_reader)0; r < HOSTILE_READERS; r++)

TEST(directories_and_missing_files_are_told)
{
    hostile_reader r;
    char endless[6000];

    memset(endless, 'x', sizeof endless);
    memcpy(endless, kmt_scratch(), strlen(kmt_scratch()));
    endless[strlen(kmt_scratch())] = '/';
    memcpy(endless + sizeof endless - 9, "/the.end", 9);
    assert_int_equal(mkdir(kmt_path("folder"), 0700), 0);
    kmt_put_text(kmt_path("plain"), "no folder");
    EACH_READER(r) {
        refuse(r, "a directory", kmt_path("folder"), "folder", "a directory", "a regular file is wanted");
        refuse(r, "a file that is not there", kmt_path("nowhere"), "nowhere", "No such file", NULL);
        refuse(r, "a file in a file", kmt_path("plain/a"), "plain/a", "Not a directory", NULL);
        refuse(r, "an endless path", endless, "xxx/the.end", "too long", NULL);
    }
    rmdir(kmt_path("folder"));
    unlink(kmt_path("plain"));
}

/* Opening it for reading would wait for a writer for ever. */
TEST(a_pipe_without_a_writer_is_refused_and_not_waited_for)
{
    hostile_reader r;

    assert_int_equal(mkfifo(kmt_path("pipe"), 0600), 0);
    EACH_READER(r) refuse(r, "a pipe", kmt_path("pipe"), "pipe", "it is a pipe", "a regular file is wanted");
    unlink(kmt_path("pipe"));
}

TEST(devices_sockets_and_links_to_nowhere_are_refused)
{
    hostile_reader r;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(s >= 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", kmt_path("socket"));
    assert_int_equal(bind(s, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(symlink("nowhere", kmt_path("dangling")), 0);
    assert_int_equal(symlink("loop", kmt_path("loop")), 0);
    assert_int_equal(symlink("/dev/zero", kmt_path("endless")), 0);
    EACH_READER(r) {
        refuse(r, "a device without end", kmt_path("endless"), "endless", "it is a device", NULL);
        refuse(r, "a socket", kmt_path("socket"), "socket", "it is a socket", NULL);
        refuse(r, "a link to nowhere", kmt_path("dangling"), "dangling", "No such file", NULL);
        refuse(r, "a link to itself", kmt_path("loop"), "loop", "symbolic links", NULL);
    }
    close(s);
    unlink(kmt_path("socket"));
    unlink(kmt_path("dangling"));
    unlink(kmt_path("loop"));
    unlink(kmt_path("endless"));
}

/* Root may read everything, so root becomes somebody else for a while. */
TEST(a_file_that_may_not_be_read_is_told)
{
    bool root = geteuid() == 0;
    const char *path = kmt_path("secret");
    hostile_reader r;

    kmt_put_text(path, "secret");
    assert_int_equal(chmod(path, 0), 0);
    EACH_READER(r) { /* before the change of user: the watch makes files of its own at its first use */
        if (!root) break;
        refuse(r, "nothing there", kmt_path("nowhere"), "nowhere", "No such file", NULL);
    }
    assert_int_equal(chmod(kmt_scratch(), 0755), 0);
    if (root && seteuid(65534) != 0) {
        unlink(path);
        skip();
    }
    EACH_READER(r) refuse(r, "a file that may not be read", path, "secret", "Permission denied", NULL);
    if (root) assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod(kmt_scratch(), 0700), 0);
    unlink(path);
}

/* 10 GB that take no room on the disk, with a sound beginning: refused before memory is taken for them. */
TEST(files_of_10_gb_are_refused_before_memory_is_taken)
{
    static const char solid[] = "solid x\nfacet normal 0 0 0\nouter loop\nvertex 0 0 0\n";
    static const char header[] = "NDims = 3\nDimSize = 2 2 1\nElementSpacing = 1 1 1\nElementType = MET_UCHAR\n";
    const char *const size[HOSTILE_WORDS] = {"10000000000 bytes", "more than the", NULL};
    char text[20000];
    const char *path;

    hostile_put_sparse(path = kmt_path("part.stl"), solid, TEN_GB);
    hostile_check_path(READ_STL, "text of 10 GB of zeros", path, "part.stl", KMA_ERR_FORMAT,
                       (const char *const[HOSTILE_WORDS]){"10000000000", NULL});
    memset(text, ' ', sizeof text - 1); /* its zeros begin behind what is looked at first */
    text[sizeof text - 1] = '\0';
    memcpy(text, solid, sizeof solid - 1);
    hostile_put_sparse(path, text, TEN_GB);
    hostile_check_path(READ_STL, "text of 10 GB with a sound beginning", path, "part.stl", KMA_ERR_FORMAT,
                       (const char *const[HOSTILE_WORDS]){"byte 19999 is zero", NULL});
    hostile_put_sparse(path, "", TEN_GB);
    hostile_check_path(READ_STL, "10 GB of zeros", path, "part.stl", KMA_ERR_FORMAT,
                       (const char *const[HOSTILE_WORDS]){"10000000000", "the 0 facets that bytes 80 to 83 claim", NULL});
    hostile_put_sparse(path, "", UINT64_C(1) << 40);
    hostile_check_path(READ_STL, "a file of 1 TiB", path, "part.stl", KMA_ERR_IO,
                       (const char *const[HOSTILE_WORDS]){"1099511627776 bytes", "more than", NULL});
    unlink(path);

    hostile_put_sparse(path = kmt_path("spectrum.csv"), "energy_mev,weight\n0.03,1\n", TEN_GB);
    hostile_check_path(READ_SPECTRUM, "a spectrum of 10 GB", path, "spectrum.csv", KMA_ERR_IO, size);
    unlink(path);
    hostile_put_sparse(path = kmt_path("table.csv"), "ct_low,ct_high,density_low,density_high,material\n", TEN_GB);
    hostile_check_path(READ_CT_TABLE, "a CT table of 10 GB", path, "table.csv", KMA_ERR_IO, size);
    unlink(path);
    hostile_put_sparse(path = kmt_path("scene.json"), "{\"kerma\": 1, ", TEN_GB);
    hostile_check_path(READ_SCENE, "a scene of 10 GB", path, "scene.json", KMA_ERR_IO, size);
    unlink(path);

    snprintf(text, sizeof text, "%sElementDataFile = LOCAL\nabcd", header);
    hostile_put_sparse(path = kmt_path("image.mhd"), text, TEN_GB);
    hostile_check_path(READ_IMAGE, "an image with 10 GB behind it", path, "image.mhd", KMA_ERR_FORMAT,
                       (const char *const[HOSTILE_WORDS]){"DimSize and ElementType need 4", NULL});
    hostile_put_sparse(path, "NDims = 3\n", TEN_GB);
    hostile_check_path(READ_IMAGE, "a header of 10 GB", path, "image.mhd", KMA_ERR_FORMAT,
                       (const char *const[HOSTILE_WORDS]){"no ElementDataFile in its first 1048576 bytes", NULL});
    snprintf(text, sizeof text, "%sElementDataFile = image.raw\n", header);
    kmt_put_text(path, text);
    hostile_put_sparse(kmt_path("image.raw"), "abcd", TEN_GB);
    hostile_check_path(READ_IMAGE, "a data file of 10 GB", path, "image.mhd", KMA_ERR_FORMAT,
                       (const char *const[HOSTILE_WORDS]){"image.raw", "10000000000 bytes", "need 4"});
    unlink(kmt_path("image.raw"));
    hostile_check_path(READ_IMAGE, "a data file that is not there", path, "image.mhd", KMA_ERR_IO,
                       (const char *const[HOSTILE_WORDS]){"image.raw", "No such file", NULL});
    unlink(path);
}

/* Files of /proc say that they hold nothing and then never end, or fail. */
TEST(files_that_lie_about_their_size_hold_what_they_say)
{
    hostile_reader r;

    EACH_READER(r)
        hostile_check_path(r, "a file of /proc", "/proc/self/maps", "/proc/self/maps", KMA_ERR_FORMAT,
                           (const char *const[HOSTILE_WORDS]){NULL});
}

/* The last test: rows are counted over all of them. */
TEST(the_readers_were_given_what_is_no_file)
{
    print_message("%zu hostile paths; the slowest took %.3f s, the greediest %zu bytes\n", hostile_checked(), hostile_longest(),
                  hostile_most());
    assert_true(hostile_checked() >= 50);
    assert_true(hostile_most() < 4u << 20); /* 1 MiB is the largest header */
}
