/* The same as own_program_protect(), before the C library has begun: to start again is a second
 * start of the library, half a millisecond of the three or four that a container takes, and nothing
 * of it is needed for three system calls.
 *
 * The linker makes own_program_entry the program's first instruction (OCI_ENTRY in the Makefile).
 * Whatever does not work here is left to own_program_protect(), which looks at everything again and
 * has the words for failures. Nothing is set up yet: no relocation (so no table of pointers), no
 * stack protector, no errno, no function of another file. */
#include <asm/unistd.h>
#include <fcntl.h>
#include <linux/auxvec.h>
#include <linux/mount.h>
#include <stdbool.h>

#if defined __x86_64__

__asm__(".text\n"
        ".globl own_program_entry\n"
        ".type own_program_entry, @function\n"
        "own_program_entry:\n"
        "	xorl %ebp, %ebp\n"
        "	movq %rdx, %r12\n" /* what _start gets: kept over the call */
        "	movq %rsp, %rbx\n"
        "	movq %rsp, %rdi\n"
        "	andq $-16, %rsp\n"
        "	call own_program_early\n"
        "	movq %rbx, %rsp\n"
        "	movq %r12, %rdx\n"
        "	jmp _start\n");

static inline long call(long number, long a, long b, long c, long d, long e)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	long result;

	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
	                 : "rcx", "r11", "memory");
	return result;
}

#elif defined __aarch64__

__asm__(".text\n"
        ".globl own_program_entry\n"
        ".type own_program_entry, %function\n"
        "own_program_entry:\n"
        "	mov x19, x0\n" /* what _start gets: kept over the call */
        "	mov x0, sp\n"
        "	bl own_program_early\n"
        "	mov x0, x19\n"
        "	b _start\n");

static inline long call(long number, long a, long b, long c, long d, long e)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;

	__asm__ volatile("svc 0"
	                 : "+r"(x0)
	                 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
	                 : "memory");
	return x0;
}

#endif

#if defined __x86_64__ || defined __aarch64__

#define EARLY __attribute__((no_stack_protector))

EARLY static bool begins_with(const char *text, const char *word, bool whole)
{
	for (; *word; text++, word++) {
		/* Not to be made a call of strcmp(3), which is not there yet. */
		__asm__ volatile("" : : : "memory");
		if (*text != *word)
			return false;
	}
	return !whole || !*text;
}

/* Whether one of the commands that enter a container may be meant. One too many does no harm. */
EARLY static bool may_enter(char *const *argv)
{
	for (; *argv; argv++)
		if (begins_with(*argv, "create", true) || begins_with(*argv, "run", true) ||
		        begins_with(*argv, "exec", true))
			return true;
	return false;
}

/* `stack` as execve(2) leaves it: the number of arguments, the arguments, NULL, the environment,
 * NULL, and the auxiliary vector of getauxval(3). */
EARLY __attribute__((used)) static void own_program_early(long *stack)
{
	char **argv = (char **)(stack + 1), **env = argv + stack[0] + 1, **end = env;
	struct mount_attr attr = {
	        .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV};
	const char *started_as = "/dev/fd/";
	long user = 1, fd;

	while (*end)
		end++;
	for (const long *aux = (const long *)(end + 1); *aux != AT_NULL; aux += 2) {
		if (*aux == AT_EUID)
			user = aux[1];
		if (*aux == AT_EXECFN)
			started_as = (const char *)aux[1];
	}
	/* Started by us already, or nobody who can write the file for sure. */
	if (user != 0 || begins_with(started_as, "/dev/fd/", false) || !may_enter(argv))
		return;
	fd = call(__NR_open_tree, AT_FDCWD, (long)"/proc/self/exe",
	        OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, 0, 0);
	if (fd < 0)
		return;
	if (call(__NR_mount_setattr, fd, (long)"", AT_EMPTY_PATH, (long)&attr, sizeof attr) == 0)
		call(__NR_execveat, fd, (long)"", (long)argv, (long)env, AT_EMPTY_PATH);
	call(__NR_close, fd, 0, 0, 0, 0);
}

#endif
