"""The project's own rules, as the structure tests check them. Source/README.md says why."""

# A folder of Source includes itself and folders of a lower level; so geometry
# and physics, or io and itk, do not include one another.
LEVEL = {
    "base": 0,
    "geometry": 1, "physics": 1,
    "emission": 2, "scoring": 2,
    "transport": 3,
    "inventory": 4, "run": 4,
    "io": 5, "itk": 5, "mpi": 5,
    "simulation": 6,
    "app": 7,
}

# app shows that the public interface is enough: it uses nothing else.
PUBLIC_ONLY = {"app"}

# Headers that only one source file may include.
ONLY_IN = {
    "xraylib.h": {"physics/xrl.c"},  # its units are converted there, once
}

# What a public header may include besides <kerma/...>: C11 headers that C++17 has too.
PUBLIC_SYSTEM_HEADERS = {"stddef.h", "stdint.h", "stdbool.h", "stdarg.h", "limits.h", "float.h", "inttypes.h"}

# Functions that only the objects matching a pattern may import.
ONLY_FROM = {
    "pthread_create": r"base/(os_\w+/)?(os_)?thread\.c\.o",
    "thrd_create": r"(?!)",
    "clone": r"(?!)",
    "kmi_thread_start": r"run/.*",
    # So that a host's allocator gets all, and a test can fail the n-th.
    **dict.fromkeys("malloc calloc realloc free".split(), r"base/memory\.c\.o"),
    **dict.fromkeys("""reallocarray memalign aligned_alloc posix_memalign valloc pvalloc strdup __strdup strndup __strndup
        asprintf vasprintf __asprintf_chk __vasprintf_chk getline getdelim open_memstream fopen fopen64 fdopen opendir
        fdopendir scandir glob tempnam getcwd""".split(), r"(?!)"),
    # For a moment, on the calling thread alone, and only "C", which needs no memory.
    **dict.fromkeys("newlocale uselocale".split(), r"base/print\.c\.o"),
    # In half of the world these expect a decimal comma: base/text.h reads numbers.
    "strtod": r"base/text\.c\.o",
    **dict.fromkeys("atof strtof strtold strtod_l sscanf fscanf __isoc99_sscanf __isoc99_fscanf".split(), r"(?!)"),
}

# Where results are computed. The C library's functions change their last bits
# with the processor, so only those that are exact by definition may be used.
EXACT_FOLDERS = {"base", "geometry", "physics", "emission", "scoring", "transport"}
_EXACT = """sqrt fabs floor ceil trunc round rint nearbyint roundeven lround llround lrint llrint fmin fmax fmod
copysign frexp ldexp scalbn scalbln modf nextafter nan""".split()
EXACT_FUNCTIONS = {name + suffix for name in _EXACT for suffix in ("", "f", "l")}

# libkerma is a guest: these would be noticed by the program it is loaded into.
GUEST_FORBIDS = {
    "it prints": """printf vprintf puts putchar putchar_unlocked perror psignal stdout stderr stdin
        __printf_chk __vprintf_chk err errx warn warnx verr vwarn syslog vsyslog openlog""",
    "it ends the process": """exit _exit _Exit quick_exit abort raise kill tgkill""",
    "it leaves functions behind for the end of the process": "atexit at_quick_exit on_exit",
    "it reads or changes the environment": "getenv secure_getenv setenv putenv unsetenv clearenv environ __environ",
    "it changes the locale": "setlocale",
    "it changes signals or timers": """signal bsd_signal sysv_signal __sysv_signal sigaction sigset sigprocmask
        sigaltstack alarm ualarm setitimer timer_create""",
    "it changes the process": "chdir fchdir umask setrlimit prctl nice setpriority",
    "it starts processes": "system popen fork vfork posix_spawn posix_spawnp execl execlp execle execv execvp execve",
    "it shares the C library's hidden state": "rand srand random srandom drand48 strtok localtime gmtime asctime ctime",
}
GUEST_FORBIDS = {name: why for why, names in GUEST_FORBIDS.items() for name in names.split()}
