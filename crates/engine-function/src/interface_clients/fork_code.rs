//! Machine code with which an interpreter forks itself into another sandbox.
//!
//! `fork` copies the calling thread into a child of the caller, but a sandbox's program must be a child of the sandbox's
//! process 1, with other namespaces and another user. So two short-lived processes stand in between: *H* enters the
//! namespaces and takes the identity, *A*, born in the new process namespace, calls the C library's `fork` and ends, so
//! that process 1 adopts the program *B*. Copying an interpreter three times would take longer than all the rest; so H and
//! A share the caller's memory, as after `vfork`, and run on small stacks of their own. That cannot be said in an
//! interpreter's own language, nor with its C library, so these few instructions are given to it.
//!
//! The code is one function of the C calling convention, `long run(uint64_t job[])`. It lies at no fixed address and
//! names no symbol. The job, in words of eight bytes:
//!
//! | word | meaning |
//! |---|---|
//! | 0 – 5 | the system call that makes H (number, five arguments): `clone` or `clone3` with `CLONE_VM` and `CLONE_VFORK` and a stack |
//! | 6 – 11 | likewise for A |
//! | 12 | the address of the C library's `fork` |
//! | 13, 14 | how many system calls H makes, and where they stand: six words each |
//! | 15 | its own: the stack pointer to return on |
//! | 16 | out: the process id of B, seen from inside; or a negative error number |
//! | 17 | out: how many of H's calls were left when one failed |
//! | 18, 19 | how many system calls B makes before it returns, and where they stand; one that fails ends it |
//! | 20 | not looked at: with what follows, a message that B can send |
//! | 21 | out, in B: its process id, seen from inside, in the word's first four bytes |
//!
//! B makes its calls when it is process 1's child, so when A has ended.
//!
//! It returns H's process id to the caller, 0 in B, or a negative error number when there is no H. The caller must have
//! one thread only, and reap H.

/// What stands between two labels; nothing on machines that the code has not been written for.
macro_rules! between {
    ($begin:ident, $end:ident) => {{
        #[cfg(target_arch = "x86_64")]
        {
            let (begin, end) = (&raw const $begin, &raw const $end);
            // SAFETY: both labels stand in one section, in this order; what is between them is never written to.
            unsafe { std::slice::from_raw_parts(begin, end.offset_from_unsigned(begin)) }
        }
        #[cfg(not(target_arch = "x86_64"))]
        &[]
    }};
}

/// The code; empty on machines it has not been written for, where nothing is forked then.
pub fn fork_code() -> &'static [u8] {
    between!(nuage_fork_begin, nuage_fork_end)
}

/// One more function, `void *allocate(uint64_t area[], size_t size)`, with which an interpreter lays its arenas side by side:
/// it cuts pieces off an area. Its words: where the next piece begins, where the area ends, and the function to go to, with
/// the same arguments, when it is used up. Empty on machines it has not been written for.
pub fn arena_code() -> &'static [u8] {
    between!(nuage_arena_begin, nuage_arena_end)
}

#[cfg(target_arch = "x86_64")]
unsafe extern "C" {
    static nuage_fork_begin: u8;
    static nuage_fork_end: u8;
    static nuage_arena_begin: u8;
    static nuage_arena_end: u8;
}

#[cfg(target_arch = "x86_64")]
std::arch::global_asm!(
    ".section .rodata.nuage_fork, \"a\"",
    ".global nuage_fork_begin",
    ".global nuage_fork_end",
    "nuage_fork_begin:",
    "push rbx",
    "push rbp",
    "push r12",
    "push r13",
    "push r14",
    "push r15",
    "mov rbx, rdi",
    "mov [rbx + 120], rsp",
    // Make H.
    "mov rax, [rbx]",
    "mov rdi, [rbx + 8]",
    "mov rsi, [rbx + 16]",
    "mov rdx, [rbx + 24]",
    "mov r10, [rbx + 32]",
    "mov r8, [rbx + 40]",
    "syscall",
    "test rax, rax",
    "jz 20f",
    "10:",
    "pop r15",
    "pop r14",
    "pop r13",
    "pop r12",
    "pop rbp",
    "pop rbx",
    "ret",
    // H: its calls, one after the other.
    "20:",
    "mov r12, [rbx + 104]",
    "mov r13, [rbx + 112]",
    "21:",
    "test r12, r12",
    "jz 22f",
    "mov rax, [r13]",
    "mov rdi, [r13 + 8]",
    "mov rsi, [r13 + 16]",
    "mov rdx, [r13 + 24]",
    "mov r10, [r13 + 32]",
    "mov r8, [r13 + 40]",
    "syscall",
    "test rax, rax",
    "js 40f",
    "add r13, 48",
    "dec r12",
    "jmp 21b",
    // Make A.
    "22:",
    "mov rax, [rbx + 48]",
    "mov rdi, [rbx + 56]",
    "mov rsi, [rbx + 64]",
    "mov rdx, [rbx + 72]",
    "mov r10, [rbx + 80]",
    "mov r8, [rbx + 88]",
    "syscall",
    "test rax, rax",
    "js 40f",
    "jz 30f",
    // H goes on when A has ended: wait4(A, NULL, __WALL, NULL), for nobody else would.
    "mov rdi, rax",
    "xor esi, esi",
    "mov edx, 0x40000000",
    "xor r10d, r10d",
    "mov eax, 61",
    "syscall",
    "jmp 50f",
    // A: fork. In B go back to the caller, on the caller's stack.
    "30:",
    "call [rbx + 96]",
    "movsxd rax, eax",
    "test rax, rax",
    "jz 31f",
    "mov [rbx + 128], rax",
    "jmp 50f",
    // B: its calls. They are made here because each page that the interpreter writes to is copied for B.
    "31:",
    "mov rsp, [rbx + 120]",
    // Until getppid() is 1: sched_yield(), for A may have to run first.
    "34:",
    "mov eax, 110",
    "syscall",
    "cmp rax, 1",
    "je 35f",
    "mov eax, 24",
    "syscall",
    "jmp 34b",
    // getpid()
    "35:",
    "mov eax, 39",
    "syscall",
    "mov [rbx + 168], eax",
    "mov r12, [rbx + 144]",
    "mov r13, [rbx + 152]",
    "32:",
    "xor eax, eax",
    "test r12, r12",
    "jz 10b",
    "mov rax, [r13]",
    "mov rdi, [r13 + 8]",
    "mov rsi, [r13 + 16]",
    "mov rdx, [r13 + 24]",
    "mov r10, [r13 + 32]",
    "mov r8, [r13 + 40]",
    "syscall",
    "test rax, rax",
    "js 33f",
    "add r13, 48",
    "dec r12",
    "jmp 32b",
    "33:",
    "mov edi, 126",
    "mov eax, 231",
    "syscall",
    "ud2",
    // A call has failed.
    "40:",
    "mov [rbx + 128], rax",
    "mov [rbx + 136], r12",
    "50:",
    "xor edi, edi",
    "mov eax, 60",
    "syscall",
    "ud2",
    "nuage_fork_end:",
    ".previous",
);

#[cfg(target_arch = "x86_64")]
std::arch::global_asm!(
    ".section .rodata.nuage_arena, \"a\"",
    ".global nuage_arena_begin",
    ".global nuage_arena_end",
    "nuage_arena_begin:",
    "mov rax, [rdi]",
    "lea rdx, [rax + rsi]",
    "cmp rdx, [rdi + 8]",
    "ja 10f",
    "mov [rdi], rdx",
    "ret",
    "10:",
    "jmp [rdi + 16]",
    "nuage_arena_end:",
    ".previous",
);

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "x86_64")]
    #[test]
    fn the_code_is_whole() {
        let code = super::fork_code();
        assert!((100..500).contains(&code.len()), "{} bytes", code.len());
        assert_eq!((code[0], &code[code.len() - 2..]), (0x53, &[0x0f, 0x0b][..]));
        assert!((16..64).contains(&super::arena_code().len()));
    }
}
