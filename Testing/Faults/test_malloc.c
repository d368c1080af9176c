/*
 * The C library's memory runs out, for everybody in the process: kerma, xraylib,
 * the C library itself (threads, sorting). This program's malloc takes the
 * place of the C library's in all of them.
 *
 * One function alone is spared, for it writes to what malloc gave without a
 * look: xraylib 4.0's of a compound, two of whose four allocations are so. It is
 * called only while there is memory (physics/xrl.c); that look at the memory is
 * not spared, nor are xraylib's errors, which it writes to likewise: none is
 * ever asked of it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xraylib.h>

#include "life.h"
#include "base/digest.h"
#include "physics/energy_grid.h"

/* ---- the process's malloc --------------------------------------------------- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

static struct { uintptr_t begin, end; } spared; /* code */

static bool runs_out(const void *caller)
{
    if ((uintptr_t)caller >= spared.begin && (uintptr_t)caller < spared.end) return false;
    if (!fault_fails_now()) return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return runs_out(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return runs_out(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
    return runs_out(__builtin_return_address(0)) ? NULL : __libc_realloc(p, size);
}

__attribute__((constructor)) static void spare_compounds(void)
{
    struct compoundDataNIST *(*function)(int, xrl_error **) = GetCompoundDataNISTByIndex;
    ElfW(Sym) *symbol = NULL;
    void *begin, *found = NULL;
    Dl_info info;

    memcpy(&begin, &function, sizeof begin);
    if (dladdr1(begin, &info, &found, RTLD_DL_SYMENT) == 0 || found == NULL) abort();
    symbol = found;
    spared.begin = (uintptr_t)info.dli_saddr;
    spared.end = spared.begin + symbol->st_size;
}

/* ---- before anything was computed -------------------------------------------- */

/* In a process of its own, for the grid is made once. */
static void grid_of_a_child(bool without_memory, uint8_t digest_out[KMI_DIGEST_SIZE])
{
    int ends[2], how = 0;
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        const kmi_energy_border *borders = NULL;
        uint8_t digest[KMI_DIGEST_SIZE];
        kmi_digest d;
        size_t n = 0, i;
        fault_arm(without_memory ? 1 : 0, FAULT_FROM_THERE);
        if (kmi_energy_grid_get(&borders, &n) != KMA_OK) _exit(1);
        if (without_memory && fault_fired() == 0) _exit(2);
        kmi_digest_start(&d, "grid");
        for (i = 0; i < n; i++) {
            kmi_digest_double(&d, borders[i].energy);
            kmi_digest_u64(&d, borders[i].edge);
        }
        kmi_digest_end(&d, digest);
        _exit(write(ends[1], digest, sizeof digest) == (ssize_t)sizeof digest ? 0 : 3);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true_msg(WIFEXITED(how) && WEXITSTATUS(how) == 0, "the child ended with %#x", (unsigned)how);
    assert_int_equal(read(ends[0], digest_out, KMI_DIGEST_SIZE), KMI_DIGEST_SIZE);
    close(ends[0]);
    close(ends[1]);
}

TEST(the_energy_grid_is_the_same_without_memory_to_sort_it)
{
    uint8_t with[KMI_DIGEST_SIZE], without[KMI_DIGEST_SIZE];

    grid_of_a_child(false, with);
    grid_of_a_child(true, without);
    assert_memory_equal(with, without, sizeof with);
}

/* ---- a life ------------------------------------------------------------------- */

/* Up to where memory ran out: that a description which was mended runs to the same bits, test_allocations.c says. */
static bool live(life *self)
{
    if (!life_describe(self)) return false;
    if (fault_fired() > 0) return true;
    return life_create_run(self) && life_initialize(self) && life_run(self) && life_read(self) && life_close(self);
}

static life whole;

static bool live_disturbed(long n, fault_mode mode, int threads, int *swallowed)
{
    life self = {.threads = threads};
    bool complete;

    self.log.may_be_a_thread = true;
    self.log.repeats = mode == FAULT_ONCE;
    fault_arm(n, mode);
    complete = live(&self);
    fault_disarm();
    if (complete && self.hash[0] != '\0') assert_string_equal(self.hash, whole.hash);
    assert_true(complete || mode == FAULT_FROM_THERE);
    assert_true_msg(fault_fired() == 0 || self.log.failed_calls > 0 || self.log.swallowed > 0,
                    "allocation %ld failed and nobody said so", n);
    if (self.log.swallowed > 0) print_message("allocation %ld: not missed by %s\n", n, self.log.swallower);
    *swallowed += self.log.swallowed;
    life_end(&self);
    kmt_assert_no_live_objects();
    fault_wait_for_threads(1);
    return fault_fired() > 0;
}

static void fail_every_allocation(fault_mode mode, int threads)
{
    int swallowed = 0;
    long n;

    assert_ok(kma_set_allocator(NULL, NULL, NULL, NULL));
    fault_arm(0, FAULT_ONCE);
    memset(&whole, 0, sizeof whole);
    assert_true(live(&whole));
    life_end(&whole);
    for (n = 1; live_disturbed(n, mode, threads, &swallowed); n++) continue;
    print_message("%ld allocations of the process, threads = %d, %s: %d not missed\n", n - 1, threads,
                  mode == FAULT_ONCE ? "each once" : "all from each on", swallowed);
    assert_true(n > 300);
    assert_int_equal(swallowed, 0);
}

TEST(every_malloc_of_a_serial_life_may_fail)
{
    fail_every_allocation(FAULT_ONCE, 0);
}

TEST(from_every_malloc_of_a_serial_life_on_all_may_fail)
{
    fail_every_allocation(FAULT_FROM_THERE, 0);
}

TEST(every_malloc_of_a_life_with_workers_may_fail)
{
    fail_every_allocation(FAULT_ONCE, 2);
}

TEST(from_every_malloc_of_a_life_with_workers_on_all_may_fail)
{
    fail_every_allocation(FAULT_FROM_THERE, 2);
}
